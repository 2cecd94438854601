/* From what a walk has counted to logits. */
#ifndef ASN_KERNEL_SCORE_H
#define ASN_KERNEL_SCORE_H

#include "_kernel_walk.h"

enum { WORDS, COARSE, FINE, ABSENT, BLOCKS };

typedef struct {
    Lanes lanes;
    double norm2;
} Sums;

/* `width` is a constant where it is 1.  Sums run in an order that the text alone decides: their bits depend on nothing
 * else. */
INLINE void add_row(const Weights *w, const uint32_t width, uint32_t row, uint32_t v, double tf, Sums *sums) {
    const Lanes *lanes = w->rows + (size_t)row * width;
    sums->lanes += tf * lanes[v];
    sums->norm2 += tf * tf * lanes[width - 1][LAST];
}

INLINE void add_absent_classes(const Weights *w, const uint32_t width, const Class *classes, uint32_t v, Sums *sums) {
    for (uint32_t first = 0; first < w->n_coarse; first += ABSENT_AT_ONCE) {
        uint32_t absent = 0;
        for (uint32_t k = 0; k < ABSENT_AT_ONCE && first + k < w->n_coarse; k++)
            absent |= (uint32_t)(classes[first + k].count == 0) << k;
        const Lanes *together = absent_sums(w, first / ABSENT_AT_ONCE, absent);
        sums->lanes += together[v];
        sums->norm2 += together[width - 1][LAST];
    }
}

/* The logits of the outputs in vector `v`. */
INLINE void sum_blocks(const Weights *w, const uint32_t width, const Scratch *s, uint32_t v, Lanes *logits) {
    Sums sums[BLOCKS] = {0};
    for (uint32_t i = 0; i < s->n_seen; i++)
        add_row(w, width, s->seen[i], v, tf_weight(w, s->counts[s->seen[i]]), &sums[WORDS]);
    for (uint32_t i = 0; i < s->n_classes_seen; i++) {
        const uint32_t class = s->classes_seen[i], *rows = w->class_rows + (size_t)class * 3;
        double tf = tf_weight(w, s->classes[class].count);
        add_row(w, width, rows[0], v, tf, &sums[COARSE]);
        add_row(w, width, rows[1], v, tf, &sums[FINE]);
    }
    add_absent_classes(w, width, s->classes, v, &sums[ABSENT]);
    /* Side by side: one root after the other, each waited for, took a fortieth of the kernel's time. */
    double scales[BLOCKS];
    for (int b = 0; b < BLOCKS; b++)
        scales[b] = scale_of(sums[b].norm2);
    *logits = w->lengths[(size_t)(s->n_counted < w->longest ? s->n_counted : w->longest) * width + v];
    for (int b = 0; b < BLOCKS; b++)
        *logits += sums[b].lanes * scales[b];
}

static STAGE void sum(const Weights *w, const Scratch *s, double *out) {
    for (uint32_t v = 0; v < w->width; v++) {
        Lanes logits;
        if (w->width == 1)
            sum_blocks(w, 1, s, v, &logits);
        else
            sum_blocks(w, w->width, s, v, &logits);
        uint32_t first = v * LANES, left = w->n_outputs - first;
        memcpy(out + first, &logits, (left < LANES ? left : LANES) * sizeof *out);
    }
}

/* Write the logits of a text; what the walk failed for, or 0. */
static int score(const Tables *t, const Text *text, Scratch *s, double *out) {
    int failed = walk(t, text, s);
    if (!failed)
        sum(&t->weights, s, out);
    forget(s);
    return failed;
}

#endif
