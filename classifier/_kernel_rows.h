/* From logits to what is said of paragraphs and articles, as Python's tuples: the compiled twin of classifier/scale.py.
 *
 * Made of columns in Python, an article of twelve paragraphs took 45 µs instead of 20 (docs/design.md).
 */
#ifndef ASN_KERNEL_ROWS_H
#define ASN_KERNEL_ROWS_H

#include <Python.h>
#include <math.h>

#include "_kernel_articles.h"

/* Names of themes, a tuple, and their cuts: lower and upper of each. */
typedef struct {
    PyObject *themes;
    const double *cuts;
} Scale;

static PyObject *no, *review, *yes, *field_names[FIELDS];

static int rows_init(void) {
    no = PyUnicode_InternFromString("no");
    review = PyUnicode_InternFromString("review");
    yes = PyUnicode_InternFromString("yes");
    field_names[0] = PyUnicode_InternFromString("title");
    field_names[1] = PyUnicode_InternFromString("text");
    return no && review && yes && field_names[0] && field_names[1] ? 0 : -1;
}

/* Put a new reference into a tuple, which owns it; the tuple goes where an item could not be made. */
static void put(PyObject **tuple, Py_ssize_t i, PyObject *item) {
    if (*tuple && item) {
        PyTuple_SET_ITEM(*tuple, i, item);
    } else {
        Py_CLEAR(*tuple);
        Py_XDECREF(item);
    }
}

/* Pack new references into a tuple; NULL where one of them could not be made. */
static PyObject *pack(PyObject *const *items, Py_ssize_t n) {
    PyObject *tuple = PyTuple_New(n);
    for (Py_ssize_t i = 0; i < n; i++)
        put(&tuple, i, items[i]);
    return tuple;
}

static double sigmoid(double logit) {
    double e = exp(-fabs(logit));
    return (logit >= 0 ? 1.0 : e) / (1.0 + e);
}

/* What the paragraphs of an article say together: per theme the strongest logit of its content and the share of it that
 * reaches the upper cut; -inf and 0 where there is no content.  Returns how many are content. */
static size_t sum_up(const Scale *scale, const Place *places, const double *logits, size_t n, double *strongest,
                     double *shares) {
    size_t n_themes = (size_t)PyTuple_GET_SIZE(scale->themes), n_content = 0;
    for (size_t k = 0; k < n_themes; k++) {
        strongest[k] = -INFINITY;
        shares[k] = 0.0;
    }
    for (size_t i = 0; i < n; i++, logits += n_themes + 1) {
        if (!places[i].content)
            continue;
        n_content++;
        for (size_t k = 0; k < n_themes; k++) {
            strongest[k] = logits[k] > strongest[k] ? logits[k] : strongest[k];
            shares[k] += logits[k] >= scale->cuts[2 * k + 1];
        }
    }
    for (size_t k = 0; k < n_themes && n_content; k++)
        shares[k] /= (double)n_content;
    return n_content;
}

/* Theme, score and decision of every theme, which is no for furniture; the share as well where there are `shares`. */
static PyObject *theme_rows(const Scale *scale, const double *logits, int content, const double *shares) {
    Py_ssize_t n = PyTuple_GET_SIZE(scale->themes);
    PyObject *rows = PyTuple_New(n);
    for (Py_ssize_t k = 0; rows && k < n; k++) {
        const double low = scale->cuts[2 * k], high = scale->cuts[2 * k + 1];
        PyObject *decision = !content ? no : logits[k] >= high ? yes : logits[k] < low ? no : review;
        PyObject *items[] = {Py_NewRef(PyTuple_GET_ITEM(scale->themes, k)), PyFloat_FromDouble(sigmoid(logits[k])),
                             Py_NewRef(decision), shares ? PyFloat_FromDouble(shares[k]) : NULL};
        put(&rows, k, pack(items, shares ? 4 : 3));
    }
    return rows;
}

/* Place, field, whether it is furniture, and rows of each of `n` paragraphs, of which `n_title` are of the title. */
static PyObject *paragraph_tuples(const Scale *scale, const Place *places, const double *logits, size_t n,
                                  size_t n_title) {
    PyObject *tuples = PyTuple_New((Py_ssize_t)n);
    for (size_t i = 0; tuples && i < n; i++, logits += PyTuple_GET_SIZE(scale->themes) + 1) {
        PyObject *items[] = {PyLong_FromLongLong(places[i].start), PyLong_FromLongLong(places[i].end),
                             Py_NewRef(field_names[i >= n_title]), PyBool_FromLong(!places[i].content),
                             theme_rows(scale, logits, (int)places[i].content, NULL)};
        put(&tuples, (Py_ssize_t)i, pack(items, sizeof items / sizeof *items));
    }
    return tuples;
}

#endif
