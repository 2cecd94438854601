/* All that a walk over a text writes; one call has it to itself. */
#ifndef ASN_KERNEL_SCRATCH_H
#define ASN_KERNEL_SCRATCH_H

#include "_kernel_edges.h"
#include "_kernel_text.h"
#include "_kernel_vocabulary.h"
#include "_kernel_weights.h"

typedef struct {
    Key key;
    uint32_t start, length; /* in the folded text */
    uint32_t bucket;        /* of the vocabulary */
} Word;

/* A word class in the present text; all zero between texts. */
typedef struct {
    uint32_t count;
    uint32_t free; /* the first word that it may match again */
} Class;

typedef struct {
    uint32_t class, start, end; /* words */
} Match;

typedef struct {
    uint8_t *folded;
    size_t capacity, n_folded;
    int wide; /* whether characters of more than one byte stand there */
    Word *words;
    uint32_t *places; /* folded byte -> code point of the text, where `keep` */
    union {
        uint32_t *edges;  /* first: where words begin and end in the folded text, in turn */
        uint32_t *missed; /* then: the words that don't stand where their key says */
        uint32_t *starts; /* last: the words where an entry of the lexicon may begin */
    };
    uint32_t *fits;   /* one a word and, last, one that fits nothing */
    size_t n_words, word_capacity;
    uint32_t n_counted; /* words of two characters or more */
    uint32_t *counts;   /* word row -> how often in this text; all zero between texts, but for a last one */
    uint32_t *seen;     /* the rows that are not zero, in an order that the text alone decides */
    uint32_t n_seen;
    Match *matches;   /* those that count, where `keep` */
    uint32_t n_matches, match_capacity;
    Class *classes;
    uint32_t *classes_seen, n_classes_seen; /* those counted, in the order of the text */
    int keep; /* whether places and matches are wanted: to explain or to count */
} Scratch;

static int scratch_reserve(Scratch *s, size_t needed) {
    if (needed <= s->capacity)
        return 0;
    size_t capacity = s->capacity * 2 > needed ? s->capacity * 2 : needed;
    uint8_t *folded = realloc(s->folded, capacity);
    if (!folded)
        return OUT_OF_MEMORY;
    s->folded = folded;
    s->capacity = capacity;
    if (!s->keep)
        return 0;
    uint32_t *places = realloc(s->places, capacity * sizeof *places);
    if (!places)
        return OUT_OF_MEMORY;
    s->places = places;
    return 0;
}

static int reserve_words(Scratch *s) {
    size_t needed = s->n_folded / 2 + 2;
    if (needed <= s->word_capacity)
        return 0;
    Word *words = realloc(s->words, needed * sizeof *words);
    s->words = words ? words : s->words;
    uint32_t *fits = realloc(s->fits, needed * sizeof *fits);
    s->fits = fits ? fits : s->fits;
    uint32_t *edges = realloc(s->edges, (2 * needed + EDGES_BEYOND) * sizeof *edges);
    s->edges = edges ? edges : s->edges;
    if (!words || !fits || !edges)
        return OUT_OF_MEMORY;
    s->word_capacity = needed;
    return 0;
}

/* Make the scratch ready for the next text, in time that depends on this text alone. */
static void forget(Scratch *s) {
    for (uint32_t i = 0; i < s->n_seen; i++)
        s->counts[s->seen[i]] = 0;
    for (uint32_t i = 0; i < s->n_classes_seen; i++)
        s->classes[s->classes_seen[i]] = (Class){0, 0};
    s->n_seen = s->n_classes_seen = 0;
    s->n_matches = 0;
}

static void scratch_free(Scratch *s) {
    free(s->folded);
    free(s->words);
    free(s->fits);
    free(s->edges);
    free(s->counts);
    free(s->seen);
    free(s->classes);
    free(s->classes_seen);
    free(s->places);
    free(s->matches);
    free(s);
}

static Scratch *scratch_new(const Weights *w, int keep) {
    Scratch *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->keep = keep;
    s->counts = calloc((size_t)w->n_words + 1, sizeof *s->counts);
    s->seen = malloc(((size_t)w->n_words + 1) * sizeof *s->seen);
    s->classes = calloc((size_t)w->n_classes + 1, sizeof *s->classes);
    s->classes_seen = malloc(((size_t)w->n_classes + 1) * sizeof *s->classes_seen);
    if (s->counts && s->seen && s->classes && s->classes_seen)
        return s;
    scratch_free(s);
    return NULL;
}

#endif
