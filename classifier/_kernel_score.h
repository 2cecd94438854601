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
INLINE void add_row(const Lanes *row, const uint32_t width, uint32_t v, double tf, Sums *sums) {
    sums->lanes += tf * row[v];
    sums->norm2 += tf * tf * row[width - 1][LAST];
}

/* Of all absent classes those that are there are taken back; where none is left, so are the last bits. */
INLINE void add_classes(const Weights *w, const uint32_t width, const Scratch *s, uint32_t v, Sums *sums) {
    uint32_t n_absent = w->n_absent;
    sums[ABSENT] = (Sums){w->absent[v], w->absent[width - 1][LAST]};
    for (uint32_t i = 0; i < s->n_classes_seen; i++) {
        const uint32_t class = s->classes_seen[i];
        const Lanes *rows = w->classes + (size_t)class * 3 * width, *absent = rows + 2 * width;
        double tf = tf_weight(w, s->classes[class].count);
        add_row(rows, width, v, tf, &sums[COARSE]);
        add_row(rows + width, width, v, tf, &sums[FINE]);
        sums[ABSENT].lanes -= absent[v];
        sums[ABSENT].norm2 -= absent[width - 1][LAST];
        n_absent -= absent[width - 1][LAST] > 0.0;
    }
    if (!n_absent)
        sums[ABSENT] = (Sums){0};
}

/* The logits of the outputs in vector `v`. */
INLINE void sum_blocks(const Weights *w, const uint32_t width, const Scratch *s, uint32_t v, Lanes *logits) {
    Sums sums[BLOCKS] = {0};
    for (uint32_t i = 0; i < s->n_seen; i++)
        add_row(w->rows + (size_t)s->seen[i] * width, width, v, tf_weight(w, s->counts[s->seen[i]]), &sums[WORDS]);
    add_classes(w, width, s, v, sums);
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
