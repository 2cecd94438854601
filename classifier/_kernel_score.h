/* From what a walk has counted to logits. */
#ifndef ASN_KERNEL_SCORE_H
#define ASN_KERNEL_SCORE_H

#include "_kernel_walk.h"

/* Sums run in double and in an order that the text alone decides: their bits depend on nothing else. */
INLINE void add_row(const Weights *w, const uint32_t lanes, uint32_t row, double tf, double *restrict sums,
                    double *norm2) {
    const float *weights = w->rows + (size_t)row * lanes;
    double value = tf * (double)weights[w->n_outputs];
    *norm2 += value * value;
    for (uint32_t k = 0; k < lanes; k++)
        sums[k] += value * (double)weights[k];
}

INLINE void end_block(const uint32_t lanes, double *restrict sums, double *norm2, double *restrict logits) {
    double scale = *norm2 > 0.0 ? 1.0 / sqrt(*norm2) : 1.0;
    for (uint32_t k = 0; k < lanes; k++) {
        logits[k] += sums[k] * scale;
        sums[k] = 0.0;
    }
    *norm2 = 0.0;
}

INLINE uint32_t length_row(const Weights *w, uint32_t n_counted) {
    uint32_t length = 0;
    while (length + 1 < w->n_lengths && w->lengths[(length + 1) * 2] <= n_counted)
        length++;
    return w->n_lengths ? w->lengths[length * 2 + 1] : w->n_rows;
}

INLINE void sum_blocks(const Weights *w, const uint32_t lanes, const Scratch *s, double *restrict sums,
                       double *restrict fine_sums, double *restrict logits) {
    double norm2 = 0.0, fine_norm2 = 0.0;
    for (uint32_t k = 0; k < lanes; k++) {
        logits[k] = w->intercept[k];
        sums[k] = fine_sums[k] = 0.0;
    }
    for (uint32_t i = 0; i < s->n_seen; i++)
        add_row(w, lanes, s->seen[i], tf_weight(w, s->counts[s->seen[i]]), sums, &norm2);
    end_block(lanes, sums, &norm2, logits);
    for (uint32_t i = 0; i < s->n_classes_seen; i++) {
        const uint32_t class = s->classes_seen[i], *rows = w->class_rows + (size_t)class * 3;
        double tf = tf_weight(w, s->classes[class].count);
        if (rows[0] != w->n_rows)
            add_row(w, lanes, rows[0], tf, sums, &norm2);
        if (rows[1] != w->n_rows)
            add_row(w, lanes, rows[1], tf, fine_sums, &fine_norm2);
    }
    end_block(lanes, sums, &norm2, logits);
    end_block(lanes, fine_sums, &fine_norm2, logits);
    for (uint32_t first = 0; first < w->n_coarse; first += ABSENT_AT_ONCE) {
        uint32_t absent = 0;
        for (uint32_t k = 0; k < ABSENT_AT_ONCE && first + k < w->n_coarse; k++)
            absent |= (uint32_t)(s->classes[first + k].count == 0) << k;
        const double *together = absent_sums(w, first / ABSENT_AT_ONCE, absent);
        for (uint32_t k = 0; k < lanes; k++)
            sums[k] += together[k];
        norm2 += together[lanes];
    }
    end_block(lanes, sums, &norm2, logits);
    add_row(w, lanes, length_row(w, s->n_counted), 1.0, sums, &norm2);
    end_block(lanes, sums, &norm2, logits);
}

static STAGE void sum(const Weights *w, const Scratch *s, double *out) {
    double few[24], *sums = w->lanes == 8 ? few : s->sums;
    if (w->lanes == 8) /* five themes and boilerplate: the sums fit into registers */
        sum_blocks(w, 8, s, few, few + 8, few + 16);
    else
        sum_blocks(w, w->lanes, s, sums, sums + w->lanes, sums + 2 * (size_t)w->lanes);
    memcpy(out, sums + 2 * (size_t)w->lanes, w->n_outputs * sizeof *out);
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
