/* The object that Python holds: the tables of one model, and what scoring with them needs of Python. */
#ifndef ASN_KERNEL_OBJECT_H
#define ASN_KERNEL_OBJECT_H

#include <Python.h>

#include "_kernel_score.h"

/* A scratch that one huge text has made larger than this is not kept. */
#define KEPT_SCRATCH_BYTES (1 << 20)
#define MAX_KEPT_SCRATCHES 8
/* Places in the folded text are 32-bit, and a code point may fold to 16 bytes. */
#define MAX_UNITS ((Py_ssize_t)1 << 27)

typedef struct {
    PyObject_HEAD
    Tables tables;
    PyObject *fold_page; /* page number -> bytes of that page's folds */
    PyObject *pages;     /* list that keeps those bytes alive */
    Scratch *kept[MAX_KEPT_SCRATCHES];
    int n_kept;
} Kernel;

static int fill_page(Kernel *self, uint32_t page) {
    if (page >= N_PAGES) {
        PyErr_SetString(PyExc_ValueError, "kernel: a code point above U+10FFFF");
        return -1;
    }
    if (self->tables.folds.pages[page])
        return 0;
    PyObject *bytes = PyObject_CallFunction(self->fold_page, "I", page);
    if (!bytes)
        return -1;
    int failed = !PyBytes_Check(bytes) || PyBytes_GET_SIZE(bytes) != (Py_ssize_t)(PAGE_SIZE * sizeof(Fold));
    if (failed)
        PyErr_SetString(PyExc_ValueError, "kernel: a page of folds has the wrong size");
    const Fold *folds = failed ? NULL : (const Fold *)PyBytes_AS_STRING(bytes);
    for (int i = 0; folds && i < PAGE_SIZE; i++)
        failed |= folds[i].length > FOLD_BYTES;
    if (failed && !PyErr_Occurred())
        PyErr_SetString(PyExc_ValueError, "kernel: a fold is too long");
    failed = failed || PyList_Append(self->pages, bytes);
    if (!failed)
        __atomic_store_n(&self->tables.folds.pages[page], folds, __ATOMIC_RELEASE);
    Py_DECREF(bytes);
    return failed ? -1 : 0;
}

static Scratch *take_scratch(Kernel *self) {
    Scratch *s = self->n_kept ? self->kept[--self->n_kept] : scratch_new(&self->tables.weights, 0);
    if (!s)
        PyErr_NoMemory();
    return s;
}

static void give_back(Kernel *self, Scratch *s) {
    if (self->n_kept < MAX_KEPT_SCRATCHES && s->capacity <= KEPT_SCRATCH_BYTES)
        self->kept[self->n_kept++] = s;
    else
        scratch_free(s);
}

/* Borrow the characters of a str: the caller holds a reference, and a str never changes. */
static int borrow(PyObject *text, Text *out) {
    if (!PyUnicode_Check(text)) {
        PyErr_Format(PyExc_TypeError, "kernel: a text is a str, not %.100s", Py_TYPE(text)->tp_name);
        return -1;
    }
    if (PyUnicode_READY(text) < 0)
        return -1;
    if (PyUnicode_GET_LENGTH(text) > MAX_UNITS) {
        PyErr_SetString(PyExc_OverflowError, "kernel: a text of more than 2^27 characters; cut it into paragraphs");
        return -1;
    }
    *out = (Text){PyUnicode_DATA(text), (size_t)PyUnicode_GET_LENGTH(text), (int)PyUnicode_KIND(text)};
    return 0;
}

/* Make every page that a text needs, so that a text is begun anew once at most. */
static int fill_pages(Kernel *self, const Text *text) {
    for (size_t i = 0; i < text->n;)
        if (fill_page(self, next_code_point(text, text->kind, &i) >> PAGE_BITS))
            return -1;
    return 0;
}

static int refuse(Kernel *self, const Text *text, int failed) {
    if (failed == PAGE_MISSING)
        return fill_pages(self, text);
    PyErr_NoMemory();
    return -1;
}

/* Ask for what a text begins with while the one before is scored: texts of a list stand apart in memory. */
static inline void ask_for(const Text *text) {
    for (size_t line = 0; line < 4; line++)
        __builtin_prefetch((const uint8_t *)text->units + line * LINE);
}

/* Score texts into rows of `out`, without the GIL. */
static int score_all(Kernel *self, const Text *texts, size_t n, double *out) {
    Scratch *s = take_scratch(self);
    if (!s)
        return -1;
    size_t done = 0;
    int failed = 0;
    while (done < n && !failed) {
        Py_BEGIN_ALLOW_THREADS;
        for (; done < n && !failed; done += !failed) {
            ask_for(&texts[done + (done + 1 < n)]);
            failed = score(&self->tables, &texts[done], s, out + done * self->tables.weights.n_outputs);
        }
        Py_END_ALLOW_THREADS;
        failed = failed && refuse(self, &texts[done], failed);
    }
    give_back(self, s);
    return failed ? -1 : 0;
}

static int walk_kept(Kernel *self, const Text *text, Scratch *s) {
    int failed = walk(&self->tables, text, s);
    if (failed == PAGE_MISSING && !fill_pages(self, text))
        failed = walk(&self->tables, text, s);
    if (failed && !PyErr_Occurred())
        PyErr_NoMemory();
    return failed;
}

/* Append a tuple to a list, giving away the reference. */
static int append(PyObject *list, PyObject *item) {
    int failed = !item || PyList_Append(list, item);
    Py_XDECREF(item);
    return failed;
}

#endif
