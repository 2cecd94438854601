/* What a model is to the kernel: strings in hash tables, the word classes as a trie, weights as padded rows.
 *
 * Pure C11 without Python, so that it also builds alone.  Everything here is made once and only read afterwards;
 * threads share it without a lock.
 */
#ifndef ASN_KERNEL_TABLES_H
#define ASN_KERNEL_TABLES_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the kernel reads eight bytes of a word at a time and needs the first in the lowest place; the reference serves"
#endif

#define NONE UINT32_MAX
#define MAX_ENTRY_WORDS 4
/* Every string is followed by this many readable bytes: words are read in eights. */
#define PADDING 16

/* --- strings -------------------------------------------------------------------------------------------------- */

/* The patterns of the lexicon that a string fits, and what may come of them. */
typedef struct {
    uint32_t pattern; /* the string itself as one, or 0 */
    uint32_t stem;    /* the longest other stem that it begins with: its entry + 1, or 0; that one's Fit goes on */
    uint64_t bits;    /* of all these patterns, see pattern_bit */
    uint64_t follow;  /* of the patterns that may come next in an entry; ANY where a class may end already */
} Fit;

typedef struct {
    uint64_t hash;
    uint32_t offset, length; /* in the pool */
    uint32_t row;            /* of the weights, or NONE */
    Fit fit;
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

/* A bit that every string fits, so that it lets every next word pass. */
#define ANY ((uint64_t)1)

#define HASH_SEED 0x9E3779B97F4A7C15u

static inline uint64_t load64(const uint8_t *p) {
    uint64_t x;
    memcpy(&x, p, 8);
    return x;
}

/* A bijection of 64 bits: two words of up to seven bytes have the same hash only if they are the same. */
static inline uint64_t mix(uint64_t x) {
    x *= 0xD6E8FEB86659FD93u;
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
    t->entries[t->n] = (Entry){hash, (uint32_t)t->pool_used, (uint32_t)length, NONE, {0, 0, ANY, 0}};
    t->pool_used += length;
    table_place(t, t->n);
    return t->n++;
}

static void table_free(Table *t) {
    free(t->slots);
    free(t->entries);
    free(t->pool);
}

/* --- word classes --------------------------------------------------------------------------------------------- */

/* The trie of entries.  A pattern (a word of an entry, or the beginning of one) is known by the number of its node below
 * the root, so that a walk starts without a look-up. */
typedef struct {
    uint64_t children; /* the bits of the patterns that lead on: spares most look-ups of edges */
    uint32_t names[2]; /* classes whose entries end here, each + 1, or 0: a coarse and a fine one at most places */
    uint32_t more;     /* first link of further ones, or 0 */
} Node;

typedef struct {
    uint32_t class, next;
} Link;

typedef struct {
    uint32_t node, pattern, child; /* child 0 (the root) marks a free place */
} Edge;

/* Fixed size: a larger lexicon fills it and costs time, never a match. */
#define PREFIX_BITS 16

typedef struct {
    Table words; /* the vocabulary of the model, and all words that stand in entries without a star */
    Table stems; /* the words that stand in entries with one, without it */
    uint32_t empty_stem;
    size_t longest_stem;
    uint64_t prefixes[1 << (PREFIX_BITS - 6)]; /* of all prefixes of stems ... */
    uint64_t ends[1 << (PREFIX_BITS - 6)];     /* ... and of whole stems */
    Node *nodes;
    uint32_t n_nodes, node_capacity;
    Link *links;
    uint32_t n_links, link_capacity;
    Edge *edges;
    uint32_t n_edges, edge_mask;
} Lexicon;

static inline uint64_t pattern_bit(uint32_t pattern) { return (uint64_t)2 << (pattern % 63); }

static inline uint32_t edge_place(const Lexicon *l, uint32_t node, uint32_t pattern) {
    uint64_t key = ((uint64_t)node << 32 | pattern) * HASH_SEED;
    uint32_t i = (uint32_t)(key >> 32) & l->edge_mask;
    while (l->edges[i].child && (l->edges[i].node != node || l->edges[i].pattern != pattern))
        i = (i + 1) & l->edge_mask;
    return i;
}

static inline uint32_t child_of(const Lexicon *l, uint32_t node, uint32_t pattern) {
    if (!(l->nodes[node].children & pattern_bit(pattern)))
        return 0;
    return l->edges[edge_place(l, node, pattern)].child;
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

static int lexicon_grow_edges(Lexicon *l) {
    Edge *old = l->edges;
    uint32_t old_size = old ? l->edge_mask + 1 : 0, size = old ? old_size * 2 : 128;
    Edge *edges = size > (1u << 30) ? NULL : calloc(size, sizeof *edges);
    if (!edges)
        return -1;
    l->edges = edges;
    l->edge_mask = size - 1;
    for (uint32_t i = 0; i < old_size; i++)
        if (old[i].child)
            l->edges[edge_place(l, old[i].node, old[i].pattern)] = old[i];
    free(old);
    return 0;
}

static int lexicon_add_node(Lexicon *l) {
    if (!grow((void **)&l->nodes, l->n_nodes, &l->node_capacity, sizeof(Node)))
        return -1;
    l->nodes[l->n_nodes++] = (Node){0, {0, 0}, 0};
    return 0;
}

/* The pattern of a word of an entry, made where there is none; 0 where memory ends. */
static uint32_t lexicon_pattern(Lexicon *l, const uint8_t *word, size_t length) {
    int starred = length && word[length - 1] == '*';
    Table *table = starred ? &l->stems : &l->words;
    size_t kept = length - (size_t)starred;
    uint32_t entry = table_add(table, word, kept, hash_bytes(word, kept));
    if (entry == NONE)
        return 0;
    Fit *fit = &table->entries[entry].fit;
    if (!fit->pattern) {
        if (lexicon_add_node(l))
            return 0;
        fit->pattern = l->n_nodes - 1;
    }
    return fit->pattern;
}

static uint32_t lexicon_child(Lexicon *l, uint32_t node, uint32_t pattern) {
    uint32_t found = child_of(l, node, pattern);
    if (found)
        return found;
    if ((l->n_edges * 2 > l->edge_mask && lexicon_grow_edges(l)) || lexicon_add_node(l))
        return 0;
    uint32_t child = l->n_nodes - 1;
    l->nodes[node].children |= pattern_bit(pattern);
    l->edges[edge_place(l, node, pattern)] = (Edge){node, pattern, child};
    l->n_edges++;
    return child;
}

static int lexicon_name(Lexicon *l, uint32_t node, uint32_t class) {
    Node *here = &l->nodes[node];
    for (int i = 0; i < 2; i++) {
        if (here->names[i] == class + 1)
            return 0;
        if (!here->names[i]) {
            here->names[i] = class + 1;
            return 0;
        }
    }
    for (uint32_t i = here->more; i; i = l->links[i].next)
        if (l->links[i].class == class)
            return 0;
    if (!grow((void **)&l->links, l->n_links, &l->link_capacity, sizeof(Link)))
        return -1;
    l->links[l->n_links] = (Link){class, here->more};
    here->more = l->n_links++;
    return 0;
}

/* Add one entry, its words parted by single spaces, to two classes. */
static int lexicon_add(Lexicon *l, const uint8_t *entry, size_t length, uint32_t coarse, uint32_t fine) {
    uint32_t node = 0;
    for (size_t start = 0, end; start < length; start = end + 1) {
        const uint8_t *space = memchr(entry + start, ' ', length - start);
        end = space ? (size_t)(space - entry) : length;
        uint32_t pattern = lexicon_pattern(l, entry + start, end - start);
        node = node && pattern ? lexicon_child(l, node, pattern) : pattern;
        if (!node)
            return -1;
    }
    return node ? lexicon_name(l, node, coarse) || lexicon_name(l, node, fine) ? -1 : 0 : 0;
}

static int lexicon_begin(Lexicon *l) {
    memset(l, 0, sizeof *l);
    l->n_links = 1; /* link 0 means none */
    /* Tables are never without slots, so that a search need not ask. */
    if (!grow((void **)&l->links, 0, &l->link_capacity, sizeof(Link)) || table_grow(&l->words) || table_grow(&l->stems))
        return -1;
    return table_reserve_pool(&l->words, 0) || table_reserve_pool(&l->stems, 0) || lexicon_grow_edges(l) ||
                   lexicon_add_node(l)
               ? -1
               : 0;
}

static inline uint64_t prefix_step(uint64_t prefix, uint8_t byte) { return (prefix + byte + 1) * HASH_SEED; }
static inline uint32_t prefix_bit(uint64_t prefix) { return (uint32_t)(prefix >> (64 - PREFIX_BITS)); }

/* The longest stem that a word begins with: its entry + 1, or 0.  Ends where no stem goes on like the word. */
static uint32_t longest_stem(const Lexicon *l, const uint8_t *word, size_t length) {
    uint32_t longest = l->empty_stem;
    uint64_t prefix = 0;
    size_t limit = length < l->longest_stem ? length : l->longest_stem;
    for (size_t n = 1; n <= limit; n++) {
        prefix = prefix_step(prefix, word[n - 1]);
        uint32_t bit = prefix_bit(prefix);
        if (!(l->prefixes[bit >> 6] >> (bit & 63) & 1))
            break;
        if (!(l->ends[bit >> 6] >> (bit & 63) & 1))
            continue;
        uint32_t found = table_find(&l->stems, word, n, hash_bytes(word, n));
        if (found != NONE)
            longest = found + 1;
    }
    return longest;
}

static void lexicon_index_stem(Lexicon *l, uint32_t stem) {
    const Entry *e = &l->stems.entries[stem];
    uint64_t prefix = 0;
    uint32_t bit = 0;
    for (uint32_t i = 0; i < e->length; i++) {
        prefix = prefix_step(prefix, l->stems.pool[e->offset + i]);
        bit = prefix_bit(prefix);
        l->prefixes[bit >> 6] |= (uint64_t)1 << (bit & 63);
    }
    l->ends[bit >> 6] |= (uint64_t)1 << (bit & 63);
    if (!e->length)
        l->empty_stem = stem + 1;
    if (e->length > l->longest_stem)
        l->longest_stem = e->length;
}

static void fit_add(const Lexicon *l, Fit *fit, uint32_t pattern) {
    const Node *node = &l->nodes[pattern];
    if (!pattern)
        return;
    fit->bits |= pattern_bit(pattern);
    fit->follow |= node->names[0] ? ANY | node->children : node->children;
}

static void fit_finish(const Lexicon *l, Fit *fit) {
    fit_add(l, fit, fit->pattern);
    for (uint32_t stem = fit->stem; stem; stem = l->stems.entries[stem - 1].fit.stem)
        fit_add(l, fit, l->stems.entries[stem - 1].fit.pattern);
}

/* Once all entries and the vocabulary are in: find for every string the patterns that it fits. */
static void lexicon_finish(Lexicon *l) {
    for (uint32_t i = 0; i < l->stems.n; i++)
        lexicon_index_stem(l, i);
    for (uint32_t i = 0; i < l->stems.n; i++) {
        Entry *e = &l->stems.entries[i];
        e->fit.stem = e->length ? longest_stem(l, l->stems.pool + e->offset, e->length - 1) : 0;
    }
    for (uint32_t i = 0; i < l->stems.n; i++)
        fit_finish(l, &l->stems.entries[i].fit);
    for (uint32_t i = 0; i < l->words.n; i++) {
        Entry *e = &l->words.entries[i];
        e->fit.stem = longest_stem(l, l->words.pool + e->offset, e->length);
        fit_finish(l, &e->fit);
    }
}

static void lexicon_free(Lexicon *l) {
    table_free(&l->words);
    table_free(&l->stems);
    free(l->nodes);
    free(l->links);
    free(l->edges);
}

/* --- weights -------------------------------------------------------------------------------------------------- */

/* Frequencies below this have their weight in a table. */
#define TF_TABLE 256

typedef struct {
    uint32_t n_rows, n_words, n_outputs;
    uint32_t lanes;    /* of a row: the outputs, then the idf, then zeros up to a multiple of four */
    float *rows;
    double *intercept; /* one a lane */
    uint32_t n_classes, n_coarse;
    uint32_t *class_rows; /* n_classes x 3: as a coarse class, as a fine one, as an absent one; or NONE */
    uint32_t n_lengths;
    uint32_t *lengths; /* n_lengths x 2: from how many words a class of length begins, its row or NONE */
    double tf[TF_TABLE];
} Weights;

/* ln(n) in plain arithmetic: the C library's logarithm differs in its last bit from processor to processor.
 * n = m * 2^e with m within [sqrt(1/2), sqrt(2)]; ln m = 2 artanh((m-1)/(m+1)), whose series is below 1e-17 after t^21. */
static double natural_log(uint32_t n) {
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
    w->lanes = (w->n_outputs + 1 + 3) / 4 * 4;
    w->rows = calloc((size_t)w->n_rows * w->lanes + 1, sizeof *w->rows);
    w->intercept = calloc(w->lanes, sizeof *w->intercept);
    if (!w->rows || !w->intercept)
        return -1;
    for (uint32_t i = 0; i < w->n_rows; i++) {
        memcpy(w->rows + (size_t)i * w->lanes, coef + (size_t)i * w->n_outputs, w->n_outputs * sizeof *coef);
        w->rows[(size_t)i * w->lanes + w->n_outputs] = idf[i];
    }
    for (uint32_t k = 0; k < w->n_outputs; k++)
        w->intercept[k] = intercept[k];
    for (uint32_t n = 1; n < TF_TABLE; n++)
        w->tf[n] = 1.0 + natural_log(n);
    return 0;
}

static void weights_free(Weights *w) {
    free(w->rows);
    free(w->intercept);
    free(w->class_rows);
    free(w->lengths);
}

#endif
