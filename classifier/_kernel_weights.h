/* A model's weights as the kernel sums them: rows of lanes, eight at once, each times the idf of its row. */
#ifndef ASN_KERNEL_WEIGHTS_H
#define ASN_KERNEL_WEIGHTS_H

#include <math.h>

#include "_kernel_strings.h"

/* Frequencies below this have their weight in a table. */
#define TF_TABLE 256

/* In whatever registers the machine has.  Five themes, boilerplate and the square of the idf fit into one. */
#define LANES 8
#define LAST (LANES - 1)
typedef double Lanes __attribute__((vector_size(LANES * sizeof(double))));

typedef struct {
    uint32_t n_rows, n_words, n_outputs;
    uint32_t width; /* of a row, in Lanes: the outputs, each times the idf, then zeros, and last the square of the idf */
    Lanes *rows;    /* last, at n_rows, one of zeros, for what has no row */
    uint32_t n_classes;
    Lanes *classes;    /* n_classes x 3 rows: as a coarse class, as a fine one, as an absent one */
    Lanes *absent;     /* the sum of all rows of absent classes: of most classes, those that a text does not have */
    uint32_t n_absent; /* how many these are */
    uint32_t longest;  /* texts of more words are like those of so many */
    Lanes *lengths;    /* what a text of so many words begins with: the intercept and its class of length */
    double tf[TF_TABLE];
} Weights;

static inline const Lanes *weights_row(const Weights *w, uint32_t row) { return w->rows + (size_t)row * w->width; }

/* ln(n) in plain arithmetic: the C library's logarithm differs in its last bit from processor to processor.
 * n = m * 2^e with m within [sqrt(1/2), sqrt(2)]; ln m = 2 artanh((m-1)/(m+1)), whose series is below 1e-17 after t^21. */
static __attribute__((noinline, cold)) double natural_log(uint32_t n) {
    int e = 31 - __builtin_clz(n);
    double m = (double)n / (double)((uint64_t)1 << e);
    if (m > 1.4142135623730951) {
        m *= 0.5;
        e++;
    }
    double t = (m - 1.0) / (m + 1.0), t2 = t * t, sum = 0.0;
    for (int k = 21; k >= 1; k -= 2)
        sum = sum * t2 + 1.0 / k;
    return e * 0.6931471805599453 + 2.0 * t * sum;
}

static inline double tf_weight(const Weights *w, uint32_t n) { return n < TF_TABLE ? w->tf[n] : 1.0 + natural_log(n); }

static int weights_make(Weights *w, const float *coef, const float *idf) {
    w->width = w->n_outputs / LANES + 1;
    w->rows = zeros(((size_t)w->n_rows + 1) * w->width, sizeof *w->rows);
    if (!w->rows)
        return -1;
    for (uint32_t i = 0; i < w->n_rows; i++) {
        Lanes *row = w->rows + (size_t)i * w->width;
        for (uint32_t k = 0; k < w->n_outputs; k++)
            row[k / LANES][k % LANES] = (double)idf[i] * (double)coef[(size_t)i * w->n_outputs + k];
        row[w->width - 1][LAST] = (double)idf[i] * (double)idf[i];
    }
    for (uint32_t n = 1; n < TF_TABLE; n++)
        w->tf[n] = 1.0 + natural_log(n);
    return 0;
}

static inline double scale_of(double norm2) { return norm2 > 0.0 ? 1.0 / sqrt(norm2) : 1.0; }

/* `lengths` are pairs, ascending: from how many words a class of length begins, its row. */
static int weights_add_lengths(Weights *w, const float *intercept, const uint32_t *lengths, uint32_t n) {
    w->longest = n ? lengths[2 * n - 2] : 0;
    w->lengths = zeros(((size_t)w->longest + 1) * w->width, sizeof *w->lengths);
    if (!w->lengths)
        return -1;
    for (uint32_t words = 0, class = 0; words <= w->longest; words++) {
        while (class + 1 < n && lengths[2 * class + 2] <= words)
            class++;
        Lanes *sums = w->lengths + (size_t)words * w->width;
        const Lanes *row = weights_row(w, n ? lengths[2 * class + 1] : w->n_rows);
        double scale = scale_of(row[w->width - 1][LAST]);
        for (uint32_t k = 0; k < w->n_outputs; k++)
            sums[k / LANES][k % LANES] = (double)intercept[k] + row[k / LANES][k % LANES] * scale;
    }
    return 0;
}

/* The coarse classes come first; `rows` are numbers of rows, three a class. */
static int weights_add_classes(Weights *w, const uint32_t *rows, uint32_t n_coarse) {
    w->classes = zeros((size_t)w->n_classes * 3, w->width * sizeof *w->classes);
    w->absent = zeros(w->width, sizeof *w->absent);
    if (!w->classes || !w->absent)
        return -1;
    for (size_t i = 0; i < (size_t)w->n_classes * 3; i++)
        memcpy(w->classes + i * w->width, weights_row(w, rows[i]), w->width * sizeof *w->classes);
    for (uint32_t class = 0; class < n_coarse; class++) {
        const Lanes *row = w->classes + ((size_t)class * 3 + 2) * w->width;
        for (uint32_t v = 0; v < w->width; v++)
            w->absent[v] += row[v];
        w->n_absent += row[w->width - 1][LAST] > 0.0;
    }
    return 0;
}

static void weights_free(Weights *w) {
    free(w->rows);
    free(w->classes);
    free(w->absent);
    free(w->lengths);
}

#endif
