/* Words as two registers hold them, and where a word's row and fit are found: one line of the cache for most.
 *
 * The words of a table (_kernel_strings.h) of up to sixteen bytes, 999 in 1,000 of a newspaper's, stand here a second
 * time, spelt out: a find compares the word itself, so that none passes for another of the same hash.
 */
#ifndef ASN_KERNEL_VOCABULARY_H
#define ASN_KERNEL_VOCABULARY_H

#include "_kernel_strings.h"

#define KEY_BYTES 16

/* A word of up to sixteen bytes, or the first sixteen of a longer one; words hold no NUL, so that zeros end them. */
typedef struct {
    uint64_t low, high;
} Key;

#define BUCKET_WORDS 2
typedef struct {
    Key keys[BUCKET_WORDS]; /* {0, 0} where there is none */
    uint32_t rows[BUCKET_WORDS], fits[BUCKET_WORDS];
    uint32_t overflows; /* whether words of this bucket stand in the next */
    uint32_t unused[3]; /* up to a line of the cache */
} Bucket;

typedef struct {
    Bucket *buckets;
    uint32_t mask;
    int shift;
} Vocabulary;

/* `word` is followed by padding, whatever stands in it.  Masks are read, not made: a branch on the length, as a shift by
 * eight bytes needs, can't be foretold. */
static inline Key word_key(const uint8_t *word, size_t length) {
    static const uint8_t masks[2 * KEY_BYTES] = {255, 255, 255, 255, 255, 255, 255, 255,
                                                 255, 255, 255, 255, 255, 255, 255, 255};
    const uint8_t *mask = masks + KEY_BYTES - (length < KEY_BYTES ? length : KEY_BYTES);
    return (Key){load64(word) & load64(mask), load64(word + 8) & load64(mask + 8)};
}

/* Its highest bits tell words apart best. */
static inline uint64_t key_hash(Key key) { return key.low * HASH_SEED + key.high * HASH_FACTOR; }

static inline uint32_t bucket_of(const Vocabulary *v, Key key) { return (uint32_t)(key_hash(key) >> v->shift); }

static int vocabulary_begin(Vocabulary *v, uint32_t n_words) {
    int bits = 1;
    while (bits < 31 && ((uint32_t)1 << bits) < n_words)
        bits++;
    v->mask = ((uint32_t)1 << bits) - 1;
    v->shift = 64 - bits;
    v->buckets = zeros((size_t)v->mask + 1, sizeof(Bucket));
    return v->buckets ? 0 : -1;
}

/* There is a bucket a word or more, so that a place is found. */
static void vocabulary_add(Vocabulary *v, Key key, uint32_t row, uint32_t fit) {
    for (uint32_t i = bucket_of(v, key);; i = (i + 1) & v->mask) {
        Bucket *b = &v->buckets[i];
        for (int k = 0; k < BUCKET_WORDS; k++)
            if (!b->keys[k].low) {
                b->keys[k] = key;
                b->rows[k] = row;
                b->fits[k] = fit;
                return;
            }
        b->overflows = 1;
    }
}

/* Whether a bucket holds a word and, in `at`, its place there. */
static inline uint32_t key_in(const Bucket *b, Key key, uint32_t *at) {
    uint64_t first = (b->keys[0].low ^ key.low) | (b->keys[0].high ^ key.high);
    uint64_t second = (b->keys[1].low ^ key.low) | (b->keys[1].high ^ key.high);
    *at = first != 0;
    return !first | !second;
}

/* The bucket that holds a word and, in `at`, its place there; NULL where no bucket does. */
static const Bucket *vocabulary_find(const Vocabulary *v, Key key, uint32_t bucket, uint32_t *at) {
    for (;; bucket = (bucket + 1) & v->mask) {
        const Bucket *b = &v->buckets[bucket];
        if (key_in(b, key, at))
            return b;
        if (!b->overflows)
            return NULL;
    }
}

static void vocabulary_free(Vocabulary *v) { free(v->buckets); }

#endif
