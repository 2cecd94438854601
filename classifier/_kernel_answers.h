/* Articles in, what is said of them out. */
#ifndef ASN_KERNEL_ANSWERS_H
#define ASN_KERNEL_ANSWERS_H

#include "_kernel_furniture.h"
#include "_kernel_object.h"
#include "_kernel_rows.h"

/* Articles on their way from texts to answers. */
typedef struct {
    int64_t *ends;  /* where the paragraphs of each field end */
    Cuts cuts;      /* the paragraphs */
    double *logits; /* a row each */
} Articles;

static void articles_free(Articles *a) {
    PyMem_Free(a->ends);
    PyMem_Free(a->logits);
    cuts_free(&a->cuts);
}

static int cut_all(Articles *a, const Text *fields, size_t n, size_t max_words) {
    int failed = !(a->ends = PyMem_New(int64_t, n + 1));
    Py_BEGIN_ALLOW_THREADS;
    for (size_t i = 0; i < n && !failed; i++) {
        failed = cut(&fields[i], max_words, &a->cuts);
        a->ends[i] = (int64_t)a->cuts.n;
    }
    Py_END_ALLOW_THREADS;
    if (failed)
        PyErr_NoMemory();
    return failed;
}

static int judge_all(Articles *a, size_t n_fields, size_t n_outputs, const Furniture *rule) {
    Echo *echoes = PyMem_New(Echo, a->cuts.n + 1);
    uint8_t *repeated = PyMem_New(uint8_t, a->cuts.n + 1);
    int failed = !echoes || !repeated;
    for (size_t i = 0, start = 0; i < n_fields && !failed; i++) {
        size_t end = (size_t)a->ends[i];
        leave_out_furniture(a->cuts.places + start, a->cuts.texts + start, a->logits + start * n_outputs, end - start,
                            n_outputs, rule, echoes, repeated);
        start = end;
    }
    PyMem_Free(echoes);
    PyMem_Free(repeated);
    if (failed)
        PyErr_NoMemory();
    return failed;
}

/* Cut and score the `n` fields of articles and take out the furniture. */
static int score_articles(Kernel *self, Articles *a, const Text *fields, size_t n, size_t max_words,
                          const Furniture *rule) {
    size_t n_outputs = self->tables.weights.n_outputs;
    if (cut_all(a, fields, n, max_words))
        return -1;
    if (!(a->logits = PyMem_New(double, a->cuts.n * n_outputs + 1))) {
        PyErr_NoMemory();
        return -1;
    }
    return score_all(self, a->cuts.texts, a->cuts.n, a->logits) || judge_all(a, n, n_outputs, rule) ? -1 : 0;
}

/* Whether it is empty, its rows, and its paragraphs, none unless asked for, of each of `n` articles. */
static PyObject *article_tuples(const Articles *a, size_t n, const Scale *scale, int paragraphs) {
    size_t n_outputs = (size_t)PyTuple_GET_SIZE(scale->themes) + 1;
    double *strongest = PyMem_New(double, 2 * n_outputs), *shares = strongest ? strongest + n_outputs : NULL;
    PyObject *tuples = strongest ? PyList_New(0) : PyErr_NoMemory();
    for (size_t i = 0, start = 0; tuples && i < n; i++) {
        size_t title = (size_t)a->ends[i * FIELDS], end = (size_t)a->ends[i * FIELDS + FIELDS - 1];
        const Place *places = a->cuts.places + start;
        const double *logits = a->logits + start * n_outputs;
        int empty = !sum_up(scale, places, logits, end - start, strongest, shares);
        PyObject *items[] = {PyBool_FromLong(empty), theme_rows(scale, strongest, !empty, shares),
                             paragraphs ? paragraph_tuples(scale, places, logits, end - start, title - start)
                                        : PyTuple_New(0)};
        if (append(tuples, pack(items, sizeof items / sizeof *items)))
            Py_CLEAR(tuples);
        start = end;
    }
    PyMem_Free(strongest);
    return tuples;
}

PyDoc_STRVAR(articles_doc,
             "articles(fields: Sequence[str], max_words: int, themes: tuple of str, cuts: buffer of float64, "
             "context: tuple of three floats, paragraphs: bool)\n\n"
             "Cut the fields of articles, two each, into paragraphs and score these.  Return a tuple an article: "
             "whether it is empty; theme, score, decision and share of every theme; and, if asked for, start, end, "
             "field, whether it is furniture, and theme, score and decision of every theme, for each paragraph.");

static PyObject *kernel_articles(Kernel *self, PyObject *args) {
    PyObject *given, *result = NULL;
    Py_ssize_t max_words;
    int paragraphs;
    Py_buffer cuts;
    Scale scale;
    Furniture rule;
    if (!PyArg_ParseTuple(args, "OnO!y*(ddd)p:articles", &given, &max_words, &PyTuple_Type, &scale.themes, &cuts,
                          &rule.neighbour, &rule.repeat, &rule.shift, &paragraphs))
        return NULL;
    const size_t n_outputs = self->tables.weights.n_outputs;
    PyObject *held = PySequence_Tuple(given);
    Py_ssize_t n = held ? PyTuple_GET_SIZE(held) : 0;
    Text *fields = held ? PyMem_New(Text, n + 1) : NULL;
    int failed = !fields;
    if (!failed && (n % FIELDS || cuts.len != (Py_ssize_t)(n_outputs * 2 * sizeof(double)) ||
                    PyTuple_GET_SIZE(scale.themes) != (Py_ssize_t)n_outputs - 1)) {
        PyErr_SetString(PyExc_ValueError, "kernel: two fields an article, two cuts an output, and a name a theme");
        failed = 1;
    }
    for (Py_ssize_t i = 0; !failed && i < n; i++)
        failed = borrow(PyTuple_GET_ITEM(held, i), &fields[i]);
    if (!failed) {
        Articles articles = {0};
        scale.cuts = cuts.buf;
        rule.cut = scale.cuts[n_outputs * 2 - 1];
        if (!score_articles(self, &articles, fields, (size_t)n, (size_t)max_words, &rule))
            result = article_tuples(&articles, (size_t)n / FIELDS, &scale, paragraphs);
        articles_free(&articles);
    }
    PyMem_Free(fields);
    PyBuffer_Release(&cuts);
    Py_XDECREF(held);
    return result || PyErr_Occurred() ? result : PyErr_NoMemory();
}

#endif
