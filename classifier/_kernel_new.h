/* How the object is made of what Python gives: words, classes and weights (classifier/tables.py). */
#ifndef ASN_KERNEL_NEW_H
#define ASN_KERNEL_NEW_H

#include "_kernel_making.h"
#include "_kernel_object.h"

/* There is a row of sums for every length up to where the last class begins. */
#define MAX_LENGTH 65536

/* The next of `lines`, parted by line ends; 0 where there is none. */
static int next_line(const char **lines, const char *end, const char **line, size_t *length) {
    if (*lines > end)
        return 0;
    const char *stop = memchr(*lines, '\n', (size_t)(end - *lines));
    *line = *lines;
    *length = (size_t)((stop ? stop : end) - *line);
    *lines = *line + *length + 1;
    return 1;
}

static int add_words(Kernel *self, const char *words, Py_ssize_t size) {
    const char *end = words + size, *line;
    size_t length;
    for (uint32_t i = 0; i < self->tables.weights.n_words; i++) {
        if (!next_line(&words, end, &line, &length)) {
            PyErr_SetString(PyExc_ValueError, "kernel: fewer words than rows");
            return -1;
        }
        const uint8_t *bytes = (const uint8_t *)line;
        uint32_t entry = table_add(&self->tables.lexicon.words, bytes, length, hash_bytes(bytes, length));
        if (entry == NONE) {
            PyErr_NoMemory();
            return -1;
        }
        self->tables.lexicon.words.entries[entry].row = i;
    }
    return 0;
}

/* Entries come as one bytes object a fine class, parted by line ends. */
static int add_entries(Kernel *self, PyObject *item) {
    unsigned int coarse, fine;
    const char *bytes;
    Py_ssize_t size;
    if (!PyArg_ParseTuple(item, "IIy#:class", &coarse, &fine, &bytes, &size))
        return -1;
    if (coarse >= self->tables.weights.n_classes || fine >= self->tables.weights.n_classes) {
        PyErr_SetString(PyExc_ValueError, "kernel: a class without a number");
        return -1;
    }
    const char *end = bytes + size, *line;
    size_t length;
    while (next_line(&bytes, end, &line, &length))
        if (lexicon_add(&self->tables.lexicon, (const uint8_t *)line, length, coarse, fine)) {
            PyErr_NoMemory();
            return -1;
        }
    return 0;
}

static int add_lexicon(Kernel *self, PyObject *classes) {
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(classes); i++) {
        if (!PyTuple_Check(PyTuple_GET_ITEM(classes, i))) {
            PyErr_SetString(PyExc_TypeError, "kernel: classes are tuples");
            return -1;
        }
        if (add_entries(self, PyTuple_GET_ITEM(classes, i)))
            return -1;
    }
    int failed = lexicon_finish(&self->tables.lexicon);
    if (failed == TOO_WIDE)
        PyErr_SetString(PyExc_ValueError,
                        "kernel: entries of several short stems fit too many rows of words; make the stems longer");
    else if (failed)
        PyErr_NoMemory();
    return failed ? -1 : 0;
}

/* Spell out the short words; a single character never has a row, whatever the model says.  A word with a NUL, which no
 * text has, would pass for what stands before that. */
static int add_vocabulary(Kernel *self) {
    const Table *words = &self->tables.lexicon.words;
    uint32_t no_row = self->tables.weights.n_words;
    if (vocabulary_begin(&self->tables.vocabulary, words->n)) {
        PyErr_NoMemory();
        return -1;
    }
    for (uint32_t i = 0; i < words->n; i++) {
        Entry *e = &words->entries[i];
        const uint8_t *word = words->pool + e->offset;
        if (e->row == NONE || is_single_character(*word, e->length))
            e->row = no_row;
        if (e->length && e->length <= KEY_BYTES && !memchr(word, 0, e->length))
            vocabulary_add(&self->tables.vocabulary, word_key(word, e->length), e->row, e->fit);
    }
    return 0;
}

/* Copy row numbers, `per_item` an item of which the last `rows` are rows; those without a row get the one of zeros. */
static uint32_t *copy_rows(const Weights *w, const Py_buffer *from, uint32_t per_item, uint32_t rows, uint32_t *n) {
    size_t count = (size_t)from->len / sizeof(uint32_t);
    uint32_t *copy = count % per_item ? NULL : malloc((size_t)from->len + 1);
    int fine = copy != NULL;
    if (copy)
        memcpy(copy, from->buf, (size_t)from->len);
    for (size_t i = 0; fine && i < count; i++) {
        if (i % per_item < per_item - rows)
            continue;
        copy[i] = copy[i] == NONE ? w->n_rows : copy[i];
        fine = copy[i] <= w->n_rows;
    }
    *n = (uint32_t)(count / per_item);
    if (fine)
        return copy;
    free(copy);
    PyErr_SetString(PyExc_ValueError, "kernel: rows that the weights don't have");
    return NULL;
}

static int take_lengths(Weights *w, const Py_buffer *intercept, const Py_buffer *given) {
    uint32_t n, *lengths = copy_rows(w, given, 2, 1, &n);
    if (!lengths)
        return -1;
    int failed = n && lengths[2 * n - 2] > MAX_LENGTH;
    for (uint32_t i = 1; i < n; i++)
        failed |= lengths[2 * i] < lengths[2 * i - 2];
    if (failed)
        PyErr_Format(PyExc_ValueError, "kernel: classes of length must ascend, to %d words at most", MAX_LENGTH);
    else if ((failed = weights_add_lengths(w, intercept->buf, lengths, n)))
        PyErr_NoMemory();
    free(lengths);
    return failed ? -1 : 0;
}

static int take_classes(Weights *w, const Py_buffer *given, uint32_t n_coarse) {
    if (given->len / 12 > MAX_CLASSES) {
        PyErr_SetString(PyExc_ValueError, "kernel: more than 16,384 word classes");
        return -1;
    }
    uint32_t *rows = copy_rows(w, given, 3, 3, &w->n_classes);
    if (!rows)
        return -1;
    int failed = n_coarse > w->n_classes;
    if (failed)
        PyErr_SetString(PyExc_ValueError, "kernel: more coarse classes than classes");
    else if ((failed = weights_add_classes(w, rows, n_coarse)))
        PyErr_NoMemory();
    free(rows);
    return failed ? -1 : 0;
}

static int take_weights(Kernel *self, Py_buffer *coef, Py_buffer *idf, Py_buffer *intercept, Py_buffer *class_rows,
                        Py_buffer *lengths, uint32_t n_words, uint32_t n_coarse) {
    Weights *w = &self->tables.weights;
    w->n_rows = (uint32_t)(idf->len / 4);
    w->n_outputs = (uint32_t)(intercept->len / 4);
    w->n_words = n_words;
    if (w->n_words > w->n_rows || coef->len != (Py_ssize_t)((size_t)w->n_rows * w->n_outputs * 4)) {
        PyErr_SetString(PyExc_ValueError, "kernel: weights of another shape");
        return -1;
    }
    if (weights_make(w, coef->buf, idf->buf)) {
        PyErr_NoMemory();
        return -1;
    }
    return take_classes(w, class_rows, n_coarse) || take_lengths(w, intercept, lengths) ? -1 : 0;
}

static int make(Kernel *self, const char *words, Py_ssize_t size, PyObject *classes) {
    self->pages = PyList_New(0);
    if (!self->pages)
        return -1;
    if (lexicon_begin(&self->tables.lexicon)) {
        PyErr_NoMemory();
        return -1;
    }
    if (add_words(self, words, size) || add_lexicon(self, classes) || add_vocabulary(self))
        return -1;
    return fill_page(self, 0);
}

static void kernel_dealloc(Kernel *self) {
    lexicon_free(&self->tables.lexicon);
    vocabulary_free(&self->tables.vocabulary);
    weights_free(&self->tables.weights);
    while (self->n_kept)
        scratch_free(self->kept[--self->n_kept]);
    Py_XDECREF(self->fold_page);
    Py_XDECREF(self->pages);
    PyTypeObject *type = Py_TYPE(self);
    type->tp_free((PyObject *)self);
    Py_DECREF(type);
}

static PyObject *kernel_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"fold_page", "words", "n_words",   "classes",    "n_coarse", "coef",
                            "idf",       "intercept", "class_rows", "lengths",  NULL};
    PyObject *fold, *classes;
    const char *words;
    Py_ssize_t size;
    unsigned int n_words, n_coarse;
    Py_buffer coef, idf, intercept, class_rows, lengths;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "Oy#IO!Iy*y*y*y*y*:Kernel", names, &fold, &words, &size,
                                     &n_words, &PyTuple_Type, &classes, &n_coarse, &coef, &idf, &intercept, &class_rows,
                                     &lengths))
        return NULL;
    Kernel *self = (Kernel *)type->tp_alloc(type, 0);
    if (self) {
        self->fold_page = Py_NewRef(fold);
        if (take_weights(self, &coef, &idf, &intercept, &class_rows, &lengths, n_words, n_coarse) ||
            make(self, words, size, classes))
            Py_CLEAR(self);
    }
    PyBuffer_Release(&coef);
    PyBuffer_Release(&idf);
    PyBuffer_Release(&intercept);
    PyBuffer_Release(&class_rows);
    PyBuffer_Release(&lengths);
    return (PyObject *)self;
}

#endif
