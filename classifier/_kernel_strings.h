/* Strings in a hash table, each with what the kernel knows of it.
 *
 * Pure C11, as all headers of the kernel that don't include Python.h.  A table is made once and only read afterwards;
 * threads share it without a lock.
 */
#ifndef ASN_KERNEL_STRINGS_H
#define ASN_KERNEL_STRINGS_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the kernel reads eight bytes of a word at a time and needs the first in the lowest place; the reference serves"
#endif

/* Where a processor may know more than every x86-64 does; ASN_BASELINE leaves that out, to test what is left. */
#if defined(__x86_64__) && defined(__gnu_linux__) && !defined(ASN_BASELINE)
#define DISPATCHED
#endif

/* A function of its own in every build, so that a profile tells the stages apart; on x86-64 three times, the loader takes
 * the one that the processor can run. */
#ifdef DISPATCHED
#define STAGE __attribute__((noinline, target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define STAGE __attribute__((noinline))
#endif

/* Part of its caller, so that arguments that are constants there are constants here. */
#define INLINE static inline __attribute__((always_inline))

#define NONE UINT32_MAX
/* Every string is followed by this many readable bytes: words are read in eights, texts in sixty-fours. */
#define PADDING 80

typedef struct {
    uint64_t hash;
    uint32_t offset, length; /* in the pool */
    uint32_t row;            /* of the weights, or NONE */
    uint32_t pattern;        /* of the lexicon that the string is, or 0 */
    uint32_t fit;            /* of the lexicon, or 0 */
} Entry;

/* A slot is entry + 1, or 0 where it is free, with a tag above it: as many bits of the hash as have room.  Four bytes keep
 * the slots of some ten thousand words in the second cache, and the tag refuses most unseen words without a look at an
 * entry. */
typedef struct {
    uint32_t *slots;
    uint32_t mask;
    Entry *entries;
    uint32_t n, capacity;
    uint8_t *pool;
    size_t pool_used, pool_capacity;
} Table;

#define HASH_SEED 0x9E3779B97F4A7C15u
#define HASH_FACTOR 0xD6E8FEB86659FD93u

static inline uint64_t load64(const uint8_t *p) {
    uint64_t x;
    memcpy(&x, p, 8);
    return x;
}

/* A bijection of 64 bits: two words of up to seven bytes have the same hash only if they are the same. */
static inline uint64_t mix(uint64_t x) {
    x *= HASH_FACTOR;
    return x ^ (x >> 32);
}

static uint64_t hash_bytes(const uint8_t *bytes, size_t length) {
    uint64_t hash = HASH_SEED, rest = 0;
    for (; length >= 8; bytes += 8, length -= 8)
        hash = mix(hash ^ load64(bytes));
    memcpy(&rest, bytes, length);
    return mix(hash ^ rest);
}

/* Whether two strings of eight bytes or more are the same; the last eight may be compared twice. */
static inline int same_bytes(const uint8_t *a, const uint8_t *b, size_t length) {
    for (size_t i = 0; i < length - 8; i += 8)
        if (load64(a + i) != load64(b + i))
            return 0;
    return load64(a + length - 8) == load64(b + length - 8);
}

/* The entry of a string, or NONE.  A found one is the string itself, never another of the same hash: up to seven bytes
 * the hash tells them all apart, beyond that the bytes are compared. */
static inline uint32_t table_find(const Table *t, const uint8_t *bytes, size_t length, uint64_t hash) {
    for (uint32_t i = (uint32_t)hash & t->mask;; i = (i + 1) & t->mask) {
        uint32_t slot = t->slots[i];
        if (!slot)
            return NONE;
        if ((slot ^ (uint32_t)(hash >> 32)) & ~t->mask)
            continue;
        uint32_t entry = (slot & t->mask) - 1;
        const Entry *e = &t->entries[entry];
        if (e->hash == hash && e->length == length && (length < 8 || same_bytes(t->pool + e->offset, bytes, length)))
            return entry;
    }
}

static void table_place(Table *t, uint32_t entry) {
    uint64_t hash = t->entries[entry].hash;
    uint32_t i = (uint32_t)hash & t->mask;
    while (t->slots[i])
        i = (i + 1) & t->mask;
    t->slots[i] = ((uint32_t)(hash >> 32) & ~t->mask) | (entry + 1);
}

/* Make room for one more entry; slots stay at most half full, so that a search soon meets a free one. */
static int table_grow(Table *t) {
    uint32_t capacity = t->capacity ? t->capacity * 2 : 64;
    if (capacity > (1u << 30))
        return -1;
    uint32_t *slots = calloc((size_t)capacity * 2, sizeof *slots);
    Entry *entries = realloc(t->entries, capacity * sizeof *entries);
    if (entries)
        t->entries = entries;
    if (!slots || !entries) {
        free(slots);
        return -1;
    }
    free(t->slots);
    t->slots = slots;
    t->mask = capacity * 2 - 1;
    t->capacity = capacity;
    for (uint32_t i = 0; i < t->n; i++)
        table_place(t, i);
    return 0;
}

static int table_reserve_pool(Table *t, size_t length) {
    size_t needed = t->pool_used + length + PADDING, capacity = t->pool_capacity ? t->pool_capacity : 1024;
    if (needed > UINT32_MAX)
        return -1;
    while (capacity < needed)
        capacity *= 2;
    if (capacity == t->pool_capacity)
        return 0;
    uint8_t *pool = realloc(t->pool, capacity);
    if (!pool)
        return -1;
    memset(pool + t->pool_capacity, 0, capacity - t->pool_capacity);
    t->pool = pool;
    t->pool_capacity = capacity;
    return 0;
}

/* The entry of a string, made where there is none; NONE where memory ends. */
static uint32_t table_add(Table *t, const uint8_t *bytes, size_t length, uint64_t hash) {
    uint32_t found = t->slots ? table_find(t, bytes, length, hash) : NONE;
    if (found != NONE)
        return found;
    if ((t->n == t->capacity && table_grow(t)) || table_reserve_pool(t, length))
        return NONE;
    memcpy(t->pool + t->pool_used, bytes, length);
    t->entries[t->n] = (Entry){hash, (uint32_t)t->pool_used, (uint32_t)length, NONE, 0, 0};
    t->pool_used += length;
    table_place(t, t->n);
    return t->n++;
}

static void table_free(Table *t) {
    free(t->slots);
    free(t->entries);
    free(t->pool);
}

/* Zeros that begin with a line of the cache, so that what fits into one never stands in two. */
#define LINE 64
static void *zeros(size_t n, size_t size) {
    size_t whole = n * size / LINE * LINE + LINE;
    void *made = aligned_alloc(LINE, whole);
    return made ? memset(made, 0, whole) : NULL;
}

/* Doubles an array when it is full; 0 where memory ends. */
static int grow(void **array, uint32_t n, uint32_t *capacity, size_t size) {
    if (n < *capacity)
        return 1;
    uint32_t larger = *capacity ? *capacity * 2 : 64;
    void *moved = larger > (1u << 30) ? NULL : realloc(*array, larger * size);
    if (!moved)
        return 0;
    *array = moved;
    *capacity = larger;
    return 1;
}

#endif
