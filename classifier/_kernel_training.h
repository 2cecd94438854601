/* Texts in, rows of the training matrix out. */
#ifndef ASN_KERNEL_TRAINING_H
#define ASN_KERNEL_TRAINING_H

#include "_kernel_counts.h"
#include "_kernel_object.h"

typedef struct {
    Counts words;
    Rows classes;
    uint32_t *word_starts, *class_starts; /* where the row of each text begins and, last, where the last one ends */
} Counted;

static int count_text(Kernel *self, const Text *text, Scratch *s, Counted *c) {
    if (walk_kept(self, text, s))
        return -1;
    int failed = counts_add(&c->words, s) || rows_reserve(&c->classes, s->n_classes_seen);
    for (uint32_t i = 0; i < s->n_classes_seen && !failed; i++)
        c->classes.entries[c->classes.n++] = (uint64_t)s->classes_seen[i] << 32 | s->classes[s->classes_seen[i]].count;
    forget(s);
    return failed;
}

static PyObject *empty_bytes(const Rows *rows) {
    return PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(rows->n * sizeof *rows->entries));
}

static PyObject *starts_bytes(const uint32_t *starts, uint32_t n) {
    return PyBytes_FromStringAndSize((const char *)starts, (Py_ssize_t)((n + 1) * sizeof *starts));
}

static PyObject *spelt_list(const Spelt *spelt, uint32_t n) {
    PyObject *list = PyList_New((Py_ssize_t)n);
    for (uint32_t i = 0; list && i < n; i++) {
        PyObject *word = PyUnicode_DecodeUTF8((const char *)spelt[i].bytes, (Py_ssize_t)spelt[i].length, NULL);
        if (!word)
            Py_CLEAR(list);
        else
            PyList_SET_ITEM(list, (Py_ssize_t)i, word);
    }
    return list;
}

static PyObject *counted(Counted *c, uint32_t n) {
    Spelt *spelt = order_terms(&c->words);
    PyObject *words = empty_bytes(&c->words.rows), *classes = empty_bytes(&c->classes), *result = NULL;
    if (spelt && words && classes &&
        !counts_sort(&c->words, spelt, c->word_starts, n, (uint64_t *)PyBytes_AS_STRING(words))) {
        rows_write(&c->words.rows, (uint32_t *)PyBytes_AS_STRING(words));
        rows_write(&c->classes, (uint32_t *)PyBytes_AS_STRING(classes));
        result = Py_BuildValue("NNONO", spelt_list(spelt, c->words.n_terms), starts_bytes(c->word_starts, n), words,
                               starts_bytes(c->class_starts, n), classes);
    }
    free(spelt);
    Py_XDECREF(words);
    Py_XDECREF(classes);
    return result;
}

PyDoc_STRVAR(count_doc, "count(texts: Sequence[str])\n\n"
                        "Return the words of the texts in alphabetical order; where the row of each text begins and the "
                        "last one ends, and the columns of all entries, ascending in a row, before their counts; then these two of the "
                        "word classes, in no order.  Numbers are bytes of uint32.");

static PyObject *kernel_count(Kernel *self, PyObject *given) {
    PyObject *held = PySequence_Tuple(given), *result = NULL;
    if (!held)
        return NULL;
    Py_ssize_t n = PyTuple_GET_SIZE(held);
    Counted c = {.word_starts = PyMem_Calloc((size_t)n + 1, sizeof(uint32_t)),
                 .class_starts = PyMem_Calloc((size_t)n + 1, sizeof(uint32_t))};
    Scratch *s = scratch_new(&self->tables.weights, 0);
    int failed = !s || !c.word_starts || !c.class_starts || counts_begin(&c.words);
    for (Py_ssize_t i = 0; !failed && i < n; i++) {
        Text text;
        failed = borrow(PyTuple_GET_ITEM(held, i), &text) || count_text(self, &text, s, &c);
        c.word_starts[i + 1] = (uint32_t)c.words.rows.n;
        c.class_starts[i + 1] = (uint32_t)c.classes.n;
    }
    if (!failed)
        result = counted(&c, (uint32_t)n);
    if (!result && !PyErr_Occurred())
        PyErr_NoMemory();
    if (s)
        scratch_free(s);
    counts_free(&c.words);
    free(c.classes.entries);
    PyMem_Free(c.word_starts);
    PyMem_Free(c.class_starts);
    Py_DECREF(held);
    return result;
}

PyDoc_STRVAR(weigh_doc, "weigh(starts, columns, counts, column_of, tf, idf, out_starts, out_columns, out)\n\n"
                        "Weigh the rows of a sparse matrix of counts, each to length one; columns that are -1 in "
                        "column_of are left out.  Numbers of rows and columns are int32, all others float64.");

enum { STARTS, COLUMNS, COUNTS, COLUMN_OF, TF, IDF, OUT_STARTS, OUT_COLUMNS, OUT, N_BUFFERS };

static STAGE int weigh_all(const Matrix *m, const Weighing *w, int32_t *starts, int32_t *columns, double *values) {
    starts[0] = 0;
    for (size_t row = 0; row < m->n_rows; row++) {
        if (!row_is_sound(m, w, row))
            return -1;
        starts[row + 1] = weigh_row(m, w, row, starts[row], columns, values);
    }
    return 0;
}

/* Whether all buffers have the sizes that belong together and rows follow one another within them. */
static int fit_together(const Py_buffer *b, const Matrix *m, size_t n) {
    int fine = b[STARTS].len >= 4 && b[OUT_STARTS].len == b[STARTS].len && b[COUNTS].len == (Py_ssize_t)(n * 8) &&
               b[OUT_COLUMNS].len == (Py_ssize_t)(n * 4) && b[OUT].len == (Py_ssize_t)(n * 8) && n < INT32_MAX;
    for (size_t row = 0; fine && row <= m->n_rows; row++)
        fine = m->starts[row] >= (row ? m->starts[row - 1] : 0) && (size_t)m->starts[row] <= n;
    return fine;
}

static PyObject *kernel_weigh(PyObject *Py_UNUSED(module), PyObject *args) {
    Py_buffer b[N_BUFFERS];
    if (!PyArg_ParseTuple(args, "y*y*y*y*y*y*w*w*w*:weigh", b + STARTS, b + COLUMNS, b + COUNTS, b + COLUMN_OF, b + TF,
                          b + IDF, b + OUT_STARTS, b + OUT_COLUMNS, b + OUT))
        return NULL;
    const Matrix m = {(size_t)b[STARTS].len / 4 - (b[STARTS].len >= 4), (size_t)b[COLUMN_OF].len / 4, b[STARTS].buf,
                      b[COLUMNS].buf, b[COUNTS].buf};
    const Weighing w = {b[COLUMN_OF].buf, b[TF].buf, b[IDF].buf, (size_t)b[TF].len / 8, (size_t)b[IDF].len / 8};
    int failed = !fit_together(b, &m, (size_t)b[COLUMNS].len / 4) ||
                 weigh_all(&m, &w, b[OUT_STARTS].buf, b[OUT_COLUMNS].buf, b[OUT].buf);
    for (int i = 0; i < N_BUFFERS; i++)
        PyBuffer_Release(&b[i]);
    if (!failed)
        Py_RETURN_NONE;
    PyErr_SetString(PyExc_ValueError, "kernel: not a matrix of counts, or weights that don't fit it");
    return NULL;
}

#endif
