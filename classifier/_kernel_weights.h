/* A model's weights as the kernel sums them: rows of a fixed number of lanes. */
#ifndef ASN_KERNEL_WEIGHTS_H
#define ASN_KERNEL_WEIGHTS_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Frequencies below this have their weight in a table. */
#define TF_TABLE 256

typedef struct {
    uint32_t n_rows, n_words, n_outputs;
    uint32_t lanes; /* of a row: the outputs, then the idf, then zeros up to a multiple of four */
    float *rows;     /* last, at n_rows, one of zeros, for what has no row */
    double *intercept; /* one a lane */
    uint32_t n_classes, n_coarse;
    uint32_t *class_rows; /* n_classes x 3: as a coarse class, as a fine one, as an absent one */
    double *absent; /* see absent_sums */
    uint32_t n_lengths;
    uint32_t *lengths; /* n_lengths x 2: from how many words a class of length begins, its row */
    double tf[TF_TABLE];
} Weights;

static inline const float *weights_row(const Weights *w, uint32_t row) { return w->rows + (size_t)row * w->lanes; }

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

static int weights_make(Weights *w, const float *coef, const float *idf, const float *intercept) {
    size_t lanes = (w->n_outputs + 1 + 3) / 4 * 4;
    w->lanes = (uint32_t)lanes;
    w->rows = calloc(((size_t)w->n_rows + 1) * lanes, sizeof *w->rows);
    w->intercept = calloc(lanes, sizeof *w->intercept);
    if (!w->rows || !w->intercept)
        return -1;
    for (uint32_t i = 0; i < w->n_rows; i++) {
        memcpy(w->rows + i * lanes, coef + (size_t)i * w->n_outputs, w->n_outputs * sizeof *coef);
        w->rows[i * lanes + w->n_outputs] = idf[i];
    }
    for (uint32_t k = 0; k < w->n_outputs; k++)
        w->intercept[k] = intercept[k];
    for (uint32_t n = 1; n < TF_TABLE; n++)
        w->tf[n] = 1.0 + natural_log(n);
    return 0;
}

/* What a set of coarse classes adds by not occurring: the sums of their rows, a lane each, and last the square of their
 * norm.  Each set of ABSENT_AT_ONCE neighbouring classes is summed up beforehand: most classes are absent from a text. */
#define ABSENT_AT_ONCE 5
static inline double *absent_sums(const Weights *w, uint32_t group, uint32_t set) {
    return w->absent + ((size_t)group << ABSENT_AT_ONCE | set) * (w->lanes + 1);
}

static int weights_sum_absent(Weights *w) {
    uint32_t n_groups = (w->n_coarse + ABSENT_AT_ONCE - 1) / ABSENT_AT_ONCE;
    w->absent = calloc(((size_t)n_groups << ABSENT_AT_ONCE) + 1, (w->lanes + 1) * sizeof *w->absent);
    if (!w->absent)
        return -1;
    for (uint32_t class = 0; class < w->n_coarse; class++) {
        const float *row = weights_row(w, w->class_rows[(size_t)class * 3 + 2]);
        double idf = (double)row[w->n_outputs];
        for (uint32_t set = 0; set < 1u << ABSENT_AT_ONCE; set++) {
            double *sums = absent_sums(w, class / ABSENT_AT_ONCE, set);
            if (!(set >> class % ABSENT_AT_ONCE & 1))
                continue;
            for (uint32_t k = 0; k < w->lanes; k++)
                sums[k] += idf * (double)row[k];
            sums[w->lanes] += idf * idf;
        }
    }
    return 0;
}

static void weights_free(Weights *w) {
    free(w->rows);
    free(w->intercept);
    free(w->class_rows);
    free(w->absent);
    free(w->lengths);
}

#endif
