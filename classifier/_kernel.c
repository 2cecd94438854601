/* The compiled twin of classifier.reference: texts in, logits out; articles in, what is said of them out.
 *
 * This file and _kernel_rows.h, what is said of an article, are the Python side; _kernel_score.h and _kernel_walk.h hold
 * what happens to a text, _kernel_articles.h how an article becomes texts, the headers that they include what is made of
 * a model.
 * One object, Kernel, is made of a model's tables (classifier/engine.py) and never changes afterwards but for two caches,
 * both touched with the GIL held: pages of the fold table and scratch memory.  Scoring runs without the GIL.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "_kernel_articles.h"
#include "_kernel_counts.h"
#include "_kernel_furniture.h"
#include "_kernel_making.h"
#include "_kernel_rows.h"
#include "_kernel_score.h"

/* A scratch that one huge text has made larger than this is not kept. */
#define KEPT_SCRATCH_BYTES (1 << 20)
#define MAX_KEPT_SCRATCHES 8
/* Places in the folded text are 32-bit, and a code point may fold to 16 bytes. */
#define MAX_UNITS ((Py_ssize_t)1 << 27)
/* There is a row of sums for every length up to where the last class begins. */
#define MAX_LENGTH 65536

typedef struct {
    PyObject_HEAD
    Tables tables;
    PyObject *fold_page; /* page number -> bytes of that page's folds */
    PyObject *pages;     /* list that keeps those bytes alive */
    Scratch *kept[MAX_KEPT_SCRATCHES];
    int n_kept;
} Kernel;

/* --- making --------------------------------------------------------------------------------------------------- */

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
        PyErr_SetString(PyExc_ValueError, "kernel: entries of several short stems fit too many rows of words; make the stems longer");
    else if (failed)
        PyErr_NoMemory();
    return failed ? -1 : 0;
}

/* Spell out the short words; a single character never has a row, whatever the model says. */
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
        if (e->length && e->length <= KEY_BYTES)
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

static int take_weights(Kernel *self, Py_buffer *coef, Py_buffer *idf, Py_buffer *intercept, Py_buffer *class_rows,
                        Py_buffer *lengths, uint32_t n_words) {
    Weights *w = &self->tables.weights;
    w->n_rows = (uint32_t)(idf->len / 4);
    w->n_outputs = (uint32_t)(intercept->len / 4);
    w->n_words = n_words;
    if (w->n_words > w->n_rows || coef->len != (Py_ssize_t)((size_t)w->n_rows * w->n_outputs * 4)) {
        PyErr_SetString(PyExc_ValueError, "kernel: weights of another shape");
        return -1;
    }
    if (class_rows->len / 12 > MAX_CLASSES) {
        PyErr_SetString(PyExc_ValueError, "kernel: more than 16,384 word classes");
        return -1;
    }
    if (!(w->class_rows = copy_rows(w, class_rows, 3, 3, &w->n_classes)))
        return -1;
    if (weights_make(w, coef->buf, idf->buf)) {
        PyErr_NoMemory();
        return -1;
    }
    return take_lengths(w, intercept, lengths);
}

static int make(Kernel *self, const char *words, Py_ssize_t size, PyObject *classes, uint32_t n_coarse) {
    self->pages = PyList_New(0);
    if (!self->pages)
        return -1;
    if (n_coarse > self->tables.weights.n_classes) {
        PyErr_SetString(PyExc_ValueError, "kernel: more coarse classes than classes");
        return -1;
    }
    self->tables.weights.n_coarse = n_coarse;
    if (weights_add_classes(&self->tables.weights) || lexicon_begin(&self->tables.lexicon)) {
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
        if (take_weights(self, &coef, &idf, &intercept, &class_rows, &lengths, n_words) ||
            make(self, words, size, classes, n_coarse))
            Py_CLEAR(self);
    }
    PyBuffer_Release(&coef);
    PyBuffer_Release(&idf);
    PyBuffer_Release(&intercept);
    PyBuffer_Release(&class_rows);
    PyBuffer_Release(&lengths);
    return (PyObject *)self;
}

/* --- texts ---------------------------------------------------------------------------------------------------- */

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

/* --- articles ------------------------------------------------------------------------------------------------- */

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

/* Append a tuple to a list, giving away the reference. */
static int append(PyObject *list, PyObject *item) {
    int failed = !item || PyList_Append(list, item);
    Py_XDECREF(item);
    return failed;
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

/* --- what a walk meets ---------------------------------------------------------------------------------------- */

static int walk_kept(Kernel *self, const Text *text, Scratch *s) {
    int failed = walk(&self->tables, text, s);
    if (failed == PAGE_MISSING && !fill_pages(self, text))
        failed = walk(&self->tables, text, s);
    if (failed && !PyErr_Occurred())
        PyErr_NoMemory();
    return failed;
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

typedef struct {
    Counts words;
    Rows classes;
    uint32_t *word_ends, *class_ends; /* where the row of each text ends */
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

static PyObject *ends_bytes(const uint32_t *ends, uint32_t n) {
    return PyBytes_FromStringAndSize((const char *)ends, (Py_ssize_t)(n * sizeof *ends));
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
        !counts_sort(&c->words, spelt, c->word_ends, n, (uint64_t *)PyBytes_AS_STRING(words))) {
        rows_write(&c->words.rows, (uint32_t *)PyBytes_AS_STRING(words));
        rows_write(&c->classes, (uint32_t *)PyBytes_AS_STRING(classes));
        result = Py_BuildValue("NNONO", spelt_list(spelt, c->words.n_terms), ends_bytes(c->word_ends, n), words,
                               ends_bytes(c->class_ends, n), classes);
    }
    free(spelt);
    Py_XDECREF(words);
    Py_XDECREF(classes);
    return result;
}

PyDoc_STRVAR(count_doc, "count(texts: Sequence[str])\n\n"
                        "Return the words of the texts in alphabetical order; where the row of each text ends, and the "
                        "columns of all its entries, ascending in a row, before their counts; then these two of the "
                        "word classes, in no order.  Numbers are bytes of uint32.");

static PyObject *kernel_count(Kernel *self, PyObject *given) {
    PyObject *held = PySequence_Tuple(given), *result = NULL;
    if (!held)
        return NULL;
    Py_ssize_t n = PyTuple_GET_SIZE(held);
    Counted c = {.word_ends = PyMem_New(uint32_t, n + 1), .class_ends = PyMem_New(uint32_t, n + 1)};
    Scratch *s = scratch_new(&self->tables.weights, 0);
    int failed = !s || !c.word_ends || !c.class_ends || counts_begin(&c.words);
    for (Py_ssize_t i = 0; !failed && i < n; i++) {
        Text text;
        failed = borrow(PyTuple_GET_ITEM(held, i), &text) || count_text(self, &text, s, &c);
        c.word_ends[i] = (uint32_t)c.words.rows.n;
        c.class_ends[i] = (uint32_t)c.classes.n;
    }
    if (!failed)
        result = counted(&c, (uint32_t)n);
    if (!result && !PyErr_Occurred())
        PyErr_NoMemory();
    if (s)
        scratch_free(s);
    counts_free(&c.words);
    free(c.classes.entries);
    PyMem_Free(c.word_ends);
    PyMem_Free(c.class_ends);
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
