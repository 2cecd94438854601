/* Furniture among the lines of a title or a text: the compiled twin of classifier/furniture.py. */
#ifndef ASN_KERNEL_FURNITURE_H
#define ASN_KERNEL_FURNITURE_H

#include <stdlib.h>
#include <string.h>

#include "_kernel_articles.h"

/* What is known of a line while its field is looked through. */
typedef struct {
    uint64_t hash;
    size_t line;
} Echo;

/* What an article's lines are judged with: Model.cuts of boilerplate and Model.context. */
typedef struct {
    double cut, neighbour, repeat, shift;
} Furniture;

static int ends_sentence(const Text *line) {
    size_t last = line->n - 1;
    switch (next_code_point(line, line->kind, &last)) {
    case '.': case '!': case '?': case '"': case '\'': case 0x2019: case 0x201D: case 0x2026:
        return 1;
    default:
        return 0;
    }
}

/* Lines of one field have one kind. */
static int same_line(const Text *a, const Text *b) {
    return a->n == b->n && !memcmp(a->units, b->units, a->n * (size_t)a->kind);
}

/* FNV-1a: a hash that is made to collide hides a repetition, no more. */
static uint64_t hash_line(const Text *line) {
    uint64_t hash = 0xCBF29CE484222325u;
    const uint8_t *bytes = line->units;
    for (size_t i = 0; i < line->n * (size_t)line->kind; i++)
        hash = (hash ^ bytes[i]) * 0x100000001B3u;
    return hash;
}

static int by_hash(const void *a, const void *b) {
    uint64_t x = ((const Echo *)a)->hash, y = ((const Echo *)b)->hash;
    return (x > y) - (x < y);
}

static void mark_repeated(const Text *lines, size_t n, Echo *echoes, uint8_t *repeated) {
    size_t m = 0;
    memset(repeated, 0, n);
    for (size_t i = 1; i < n; i++)
        if (!ends_sentence(&lines[i]) && !same_line(&lines[i], &lines[0]))
            echoes[m++] = (Echo){hash_line(&lines[i]), i};
    qsort(echoes, m, sizeof *echoes, by_hash);
    for (size_t k = 1; k < m; k++) {
        size_t a = echoes[k - 1].line, b = echoes[k].line;
        if (echoes[k - 1].hash == echoes[k].hash && same_line(&lines[a], &lines[b]))
            repeated[a] = repeated[b] = 1;
    }
}

/* Take the furniture out of the content of a field of `n` lines; `echoes` and `repeated` have room for so many. */
static void leave_out_furniture(Place *places, const Text *lines, const double *logits, size_t n, size_t n_outputs,
                                const Furniture *rule, Echo *echoes, uint8_t *repeated) {
    const double *own = logits + n_outputs - 1;
    if (n == 1)
        places->content = places->content && *own < rule->cut;
    if (n < 2)
        return;
    mark_repeated(lines, n, echoes, repeated);
    for (size_t i = 0; i < n; i++) {
        double before = i ? own[(i - 1) * n_outputs] : 0.0, after = i + 1 < n ? own[(i + 1) * n_outputs] : 0.0;
        double near = 0.5 * (before + after);
        double in_article = own[i * n_outputs] + rule->neighbour * near + rule->repeat * repeated[i];
        places[i].content = places[i].content && in_article - rule->shift < rule->cut;
    }
}

#endif
