/* The compiled twin of classifier.reference: texts in, logits out; articles in, what is said of them out.
 *
 * Headers that include Python.h are the Python side: the object and how it is made, articles and what is said of them,
 * rows for training.  The others hold what happens to a text, _kernel_score.h and what it includes, and what is made of
 * a model, _kernel_making.h.
 * One object, Kernel, is made of a model's tables (classifier/tables.py) and never changes afterwards but for two caches,
 * both touched with the GIL held: pages of the fold table and scratch memory.  Scoring runs without the GIL.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h> /* before all others, which it gives what they declare */

#include "_kernel_answers.h"
#include "_kernel_new.h"
#include "_kernel_training.h"

static int check_out(Kernel *self, const Py_buffer *out, Py_ssize_t n) {
    if (out->len == n * (Py_ssize_t)(self->tables.weights.n_outputs * sizeof(double)))
        return 0;
    PyErr_SetString(PyExc_ValueError, "kernel: the output has another size");
    return -1;
}

PyDoc_STRVAR(logits_doc, "logits(texts: Sequence[str], out: buffer of float64)\n\nWrite a row of logits a text.");

static PyObject *kernel_logits(Kernel *self, PyObject *args) {
    PyObject *given;
    Py_buffer out;
    if (!PyArg_ParseTuple(args, "Ow*:logits", &given, &out))
        return NULL;
    /* A tuple of our own: the caller's list may change while other threads run. */
    PyObject *held = PySequence_Tuple(given);
    Py_ssize_t n = held ? PyTuple_GET_SIZE(held) : 0;
    Text *texts = held && !check_out(self, &out, n) ? PyMem_New(Text, n + 1) : NULL;
    int failed = !texts;
    for (Py_ssize_t i = 0; !failed && i < n; i++)
        failed = borrow(PyTuple_GET_ITEM(held, i), &texts[i]);
    failed = failed || score_all(self, texts, (size_t)n, out.buf);
    PyMem_Free(texts);
    Py_XDECREF(held);
    PyBuffer_Release(&out);
    if (failed)
        return PyErr_Occurred() ? NULL : PyErr_NoMemory();
    Py_RETURN_NONE;
}

PyDoc_STRVAR(utf8_doc, "logits_utf8(buffer, offsets: buffer of int64, out: buffer of float64)\n\n"
                       "Write a row of logits a text; text i is buffer[offsets[i]:offsets[i + 1]].");

static Text *utf8_texts(const Py_buffer *buffer, const Py_buffer *offsets, Py_ssize_t n) {
    const int64_t *at = offsets->buf;
    Text *texts = PyMem_New(Text, n + 1);
    if (!texts) {
        PyErr_NoMemory();
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        if (at[i] < 0 || at[i + 1] < at[i] || at[i + 1] > buffer->len || at[i + 1] - at[i] > MAX_UNITS) {
            PyErr_SetString(PyExc_ValueError, "kernel: offsets must ascend within the buffer, by 2^27 at most");
            PyMem_Free(texts);
            return NULL;
        }
        texts[i] = (Text){(const uint8_t *)buffer->buf + at[i], (size_t)(at[i + 1] - at[i]), UTF8};
    }
    return texts;
}

static PyObject *kernel_logits_utf8(Kernel *self, PyObject *args) {
    Py_buffer buffer, offsets, out;
    if (!PyArg_ParseTuple(args, "y*y*w*:logits_utf8", &buffer, &offsets, &out))
        return NULL;
    Py_ssize_t n = offsets.len / (Py_ssize_t)sizeof(int64_t) - 1;
    int failed = n < 0;
    if (failed)
        PyErr_SetString(PyExc_ValueError, "kernel: n + 1 offsets for n texts");
    Text *texts = failed || check_out(self, &out, n) ? NULL : utf8_texts(&buffer, &offsets, n);
    failed = !texts || score_all(self, texts, (size_t)n, out.buf);
    PyMem_Free(texts);
    PyBuffer_Release(&buffer);
    PyBuffer_Release(&offsets);
    PyBuffer_Release(&out);
    if (failed)
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *word_tuple(const Scratch *s, const Word *word) {
    return Py_BuildValue("s#nn", s->folded + word->start, (Py_ssize_t)word->length,
                         (Py_ssize_t)s->places[word->start],
                         (Py_ssize_t)s->places[word->start + word->length - 1] + 1);
}

PyDoc_STRVAR(walk_doc, "walk(text: str) -> tuple[list, list]\n\n"
                       "Return the words, as (folded, start, end), and the matches of word classes, as "
                       "(class number, first word, end word).");

static PyObject *kernel_walk(Kernel *self, PyObject *text) {
    Text one;
    Scratch *s = borrow(text, &one) ? NULL : scratch_new(&self->tables.weights, 1);
    if (!s)
        return PyErr_Occurred() ? NULL : PyErr_NoMemory();
    PyObject *words = PyList_New(0), *matches = PyList_New(0);
    int failed = !words || !matches || walk_kept(self, &one, s);
    for (size_t i = 0; !failed && i < s->n_words; i++)
        failed = append(words, word_tuple(s, &s->words[i]));
    for (uint32_t i = 0; !failed && i < s->n_matches; i++)
        failed = append(matches, Py_BuildValue("III", s->matches[i].class, s->matches[i].start, s->matches[i].end));
    scratch_free(s);
    PyObject *both = failed ? NULL : PyTuple_Pack(2, words, matches);
    Py_XDECREF(words);
    Py_XDECREF(matches);
    return both;
}

static PyMethodDef functions[] = {
    {"weigh", kernel_weigh, METH_VARARGS, weigh_doc},
    {NULL, NULL, 0, NULL},
};

/* --- the module ----------------------------------------------------------------------------------------------- */

static PyMethodDef methods[] = {
    {"logits", (PyCFunction)kernel_logits, METH_VARARGS, logits_doc},
    {"logits_utf8", (PyCFunction)kernel_logits_utf8, METH_VARARGS, utf8_doc},
    {"articles", (PyCFunction)kernel_articles, METH_VARARGS, articles_doc},
    {"walk", (PyCFunction)kernel_walk, METH_O, walk_doc},
    {"count", (PyCFunction)kernel_count, METH_O, count_doc},
    {NULL, NULL, 0, NULL},
};

PyDoc_STRVAR(kernel_doc, "The tables of one model, and walks over texts with them.");

static PyType_Slot slots[] = {
    {Py_tp_new, kernel_new}, {Py_tp_dealloc, kernel_dealloc}, {Py_tp_methods, methods}, {Py_tp_doc, (void *)kernel_doc},
    {0, NULL},
};

static PyType_Spec spec = {"classifier._kernel.Kernel", sizeof(Kernel), 0, Py_TPFLAGS_DEFAULT, slots};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, "classifier._kernel", NULL, -1, functions, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__kernel(void) {
    articles_init();
    edges_init();
    if (rows_init())
        return NULL;
    PyObject *self = PyModule_Create(&module);
    PyObject *type = self ? PyType_FromSpec(&spec) : NULL;
    if (!type || PyModule_AddObjectRef(self, "Kernel", type) ||
        PyModule_AddIntConstant(self, "PAGE_SIZE", PAGE_SIZE) || PyModule_AddIntConstant(self, "FOLD_BYTES", FOLD_BYTES))
        Py_CLEAR(self);
    Py_XDECREF(type);
    return self;
}
