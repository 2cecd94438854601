/* How often the words of texts occur in them: a sparse matrix of counts, its columns the words in alphabetical order; and
 * how such rows are weighed. */
#ifndef ASN_KERNEL_COUNTS_H
#define ASN_KERNEL_COUNTS_H

#include "_kernel_walk.h"

/* Row after row of a sparse matrix of counts. */
typedef struct {
    uint64_t *entries; /* a column and, in the low half, its count */
    size_t n, capacity;
} Rows;

/* Room for another `n` entries. */
static int rows_reserve(Rows *r, size_t n) {
    if (r->n + n <= r->capacity)
        return 0;
    size_t capacity = 2 * r->capacity > r->n + n ? 2 * r->capacity : r->n + n;
    uint64_t *entries = capacity > UINT32_MAX ? NULL : realloc(r->entries, capacity * sizeof *entries);
    if (!entries)
        return -1;
    r->entries = entries;
    r->capacity = capacity;
    return 0;
}

/* Write all columns, then all counts. */
static void rows_write(const Rows *r, uint32_t *out) {
    for (size_t i = 0; i < r->n; i++) {
        out[i] = (uint32_t)(r->entries[i] >> 32);
        out[r->n + i] = (uint32_t)r->entries[i];
    }
}

/* A word that occurred; bytes beyond the key stand in Counts.longer. */
typedef struct {
    Key key;
    uint32_t offset, length;
} Term;

/* Where a word of up to sixteen bytes is found again: two in a line of the cache, and some beyond it. */
typedef struct {
    Key key; /* {0, 0} where the slot is free */
    uint32_t term;
    uint32_t place; /* of its last entry in the rows */
} Slot;

typedef struct {
    Slot *slots;
    uint32_t mask;
    int shift;
    Table longer; /* words of more than sixteen bytes; `row` is their term, `fit` the place of their last entry */
    Term *terms;
    uint32_t n_terms, term_capacity;
    Rows rows;
} Counts;

#define FIRST_SLOT_BITS 12

static int counts_begin(Counts *c) {
    memset(c, 0, sizeof *c);
    c->mask = (1u << FIRST_SLOT_BITS) - 1;
    c->shift = 64 - FIRST_SLOT_BITS;
    c->slots = calloc((size_t)c->mask + 1, sizeof *c->slots);
    return c->slots && !table_grow(&c->longer) && !table_reserve_pool(&c->longer, 0) ? 0 : -1;
}

static void counts_free(Counts *c) {
    free(c->slots);
    table_free(&c->longer);
    free(c->terms);
    free(c->rows.entries);
}

static inline uint32_t slot_home(const Counts *c, Key key) { return (uint32_t)(key_hash(key) >> c->shift); }

/* The slot of a word, a free one where it is new. */
static inline Slot *slot_of(const Counts *c, Key key) {
    uint32_t i = slot_home(c, key);
    while (c->slots[i].key.low && ((c->slots[i].key.low ^ key.low) | (c->slots[i].key.high ^ key.high)))
        i = (i + 1) & c->mask;
    return &c->slots[i];
}

/* Slots stay at most half full, so that a search soon meets a free one. */
static int grow_slots(Counts *c) {
    Slot *old = c->slots;
    uint32_t n = c->mask + 1;
    c->slots = n < 1u << 31 ? calloc((size_t)n * 2, sizeof *c->slots) : NULL;
    if (!c->slots) {
        c->slots = old;
        return -1;
    }
    c->mask = n * 2 - 1;
    c->shift--;
    for (uint32_t i = 0; i < n; i++)
        if (old[i].key.low)
            *slot_of(c, old[i].key) = old[i];
    free(old);
    return 0;
}

static int add_term(Counts *c, Term term) {
    if (!grow((void **)&c->terms, c->n_terms, &c->term_capacity, sizeof term))
        return -1;
    c->terms[c->n_terms++] = term;
    return 0;
}

/* Count one more of a term, whose last entry stands at `place`: in the present row, which begins at `first`, or before. */
static inline void count_term(Counts *c, uint32_t term, uint32_t *place, size_t first) {
    Rows *r = &c->rows;
    if (*place < first || *place >= r->n || r->entries[*place] >> 32 != term) {
        *place = (uint32_t)r->n++;
        r->entries[*place] = (uint64_t)term << 32;
    }
    r->entries[*place]++;
}

static int count_short(Counts *c, const Word *word, size_t first) {
    Slot *slot = slot_of(c, word->key);
    if (!slot->key.low) {
        if (2 * c->n_terms > c->mask) {
            if (grow_slots(c))
                return -1;
            slot = slot_of(c, word->key);
        }
        *slot = (Slot){word->key, c->n_terms, 0};
        if (add_term(c, (Term){word->key, 0, word->length}))
            return -1;
    }
    count_term(c, slot->term, &slot->place, first);
    return 0;
}

static int count_long(Counts *c, const uint8_t *bytes, const Word *word, size_t first) {
    uint32_t entry = table_add(&c->longer, bytes, word->length, hash_bytes(bytes, word->length));
    if (entry == NONE)
        return -1;
    Entry *e = &c->longer.entries[entry];
    if (e->row == NONE) {
        e->row = c->n_terms;
        if (add_term(c, (Term){word->key, e->offset, word->length}))
            return -1;
    }
    count_term(c, e->row, &e->fit, first);
    return 0;
}

#define WORDS_AHEAD 8

/* Add a row: the words of two characters or more that the scratch has read. */
static int counts_add(Counts *c, const Scratch *s) {
    const size_t first = c->rows.n;
    if (rows_reserve(&c->rows, s->n_words))
        return -1;
    for (size_t i = 0; i < s->n_words; i++) {
        const Word *word = &s->words[i];
        if (i + WORDS_AHEAD < s->n_words)
            __builtin_prefetch(&c->slots[slot_home(c, word[WORDS_AHEAD].key)]);
        if (is_single_character((uint8_t)word->key.low, word->length))
            continue;
        if (word->length <= KEY_BYTES ? count_short(c, word, first)
                                      : count_long(c, s->folded + word->start, word, first))
            return -1;
    }
    return 0;
}

/* --- alphabetical order --------------------------------------------------------------------------------------- */

/* A term as the alphabet orders it: by its bytes, the first eight of them in a number. */
typedef struct {
    uint64_t head;
    const uint8_t *bytes;
    uint32_t length, term;
} Spelt;

/* Of terms with the same head. */
static int compare_spelt(const void *a, const void *b) {
    const Spelt *x = a, *y = b;
    int order = memcmp(x->bytes, y->bytes, x->length < y->length ? x->length : y->length);
    return order ? order : x->length < y->length ? -1 : x->length > y->length;
}

static Spelt spell(const Counts *c, uint32_t term) {
    const Term *t = &c->terms[term];
    const uint8_t *bytes = t->length <= KEY_BYTES ? (const uint8_t *)&t->key : c->longer.pool + t->offset;
    return (Spelt){__builtin_bswap64(t->key.low), bytes, t->length, term};
}

/* Sort by eleven bits of the heads, which leaves what is alike in its order. */
#define DIGIT 11
static void deal(const Spelt *from, Spelt *to, uint32_t n, int shift) {
    uint32_t ends[1 << DIGIT] = {0}, sum = 0;
    for (uint32_t i = 0; i < n; i++)
        ends[from[i].head >> shift & ((1 << DIGIT) - 1)]++;
    for (uint32_t i = 0; i < 1 << DIGIT; i++) {
        uint32_t of_this = ends[i];
        ends[i] = sum;
        sum += of_this;
    }
    for (uint32_t i = 0; i < n; i++)
        to[ends[from[i].head >> shift & ((1 << DIGIT) - 1)]++] = from[i];
}

/* The terms in alphabetical order, or NULL where memory ends.  Few have the same first eight bytes. */
static Spelt *order_terms(const Counts *c) {
    const uint32_t n = c->n_terms;
    Spelt *spelt = malloc(((size_t)n + 1) * 2 * sizeof *spelt), *other = spelt + n;
    if (!spelt)
        return NULL;
    for (uint32_t i = 0; i < n; i++)
        spelt[i] = spell(c, i);
    for (int shift = 0; shift < 64; shift += 2 * DIGIT) {
        deal(spelt, other, n, shift);
        deal(other, spelt, n, shift + DIGIT);
    }
    for (uint32_t start = 0, end = 0; start < n; start = end) {
        while (end < n && spelt[end].head == spelt[start].head)
            end++;
        if (end - start > 1)
            qsort(spelt + start, end - start, sizeof *spelt, compare_spelt);
    }
    return spelt;
}

/* Where the entries of each term begin when they stand in the order of terms; NULL where memory ends. */
static uint32_t *term_starts(const Counts *c, const Spelt *spelt) {
    uint32_t *starts = calloc((size_t)c->n_terms + 1, sizeof *starts);
    for (size_t i = 0; starts && i < c->rows.n; i++)
        starts[c->rows.entries[i] >> 32]++;
    for (uint32_t i = 0, sum = 0; starts && i < c->n_terms; i++) {
        uint32_t of_this = starts[spelt[i].term];
        starts[spelt[i].term] = sum;
        sum += of_this;
    }
    return starts;
}

/* Number the columns in the order of `spelt` and have them ascend in each of the rows, which begin at `starts`.  Dealt out
 * to their columns, row after row, and from there back to rows, column after column: to sort rows took twice as long.
 * `between` has room for all entries. */
static int counts_sort(Counts *c, const Spelt *spelt, const uint32_t *starts, uint32_t n_rows, uint64_t *between) {
    uint32_t *to_term = term_starts(c, spelt), *to_row = malloc(((size_t)n_rows + 1) * sizeof *to_row);
    uint64_t *entries = c->rows.entries;
    const int failed = !to_term || !to_row;
    if (!failed)
        memcpy(to_row, starts, n_rows * sizeof *to_row);
    for (uint32_t row = 0; !failed && row < n_rows; row++)
        for (uint32_t at = starts[row]; at < starts[row + 1]; at++)
            between[to_term[entries[at] >> 32]++] = (uint64_t)row << 32 | (uint32_t)entries[at];
    for (uint32_t i = 0, at = 0; !failed && i < c->n_terms; i++)
        for (const uint32_t end = to_term[spelt[i].term]; at < end; at++)
            entries[to_row[between[at] >> 32]++] = (uint64_t)i << 32 | (uint32_t)between[at];
    free(to_term);
    free(to_row);
    return failed ? -1 : 0;
}

/* --- weights -------------------------------------------------------------------------------------------------- */

/* A sparse matrix: row i has the entries from starts[i] up to starts[i + 1]. */
typedef struct {
    size_t n_rows, n_columns;
    const int32_t *starts, *columns;
    const double *counts;
} Matrix;

/* Columns that are -1 are left out; the others weigh tf[count] times their idf. */
typedef struct {
    const int32_t *column_of;
    const double *tf, *idf;
    size_t n_tf, n_idf;
} Weighing;

static int row_is_sound(const Matrix *m, const Weighing *w, size_t row) {
    for (int32_t i = m->starts[row]; i < m->starts[row + 1]; i++) {
        if (m->columns[i] < 0 || (size_t)m->columns[i] >= m->n_columns)
            return 0;
        if (w->column_of[m->columns[i]] >= (int64_t)w->n_idf || !(m->counts[i] >= 0 && m->counts[i] < (double)w->n_tf))
            return 0;
    }
    return 1;
}

/* Write the row that begins at `out`, of length one; return where it ends. */
INLINE int32_t weigh_row(const Matrix *m, const Weighing *w, size_t row, int32_t out, int32_t *columns, double *values) {
    const int32_t first = out;
    double norm2 = 0.0;
    for (int32_t i = m->starts[row]; i < m->starts[row + 1]; i++) {
        const int32_t column = w->column_of[m->columns[i]];
        if (column < 0)
            continue;
        const double value = w->tf[(size_t)m->counts[i]] * w->idf[column];
        norm2 += value * value;
        columns[out] = column;
        values[out++] = value;
    }
    const double norm = sqrt(norm2);
    for (int32_t i = first; i < out; i++)
        values[i] /= norm;
    return out;
}

#endif
