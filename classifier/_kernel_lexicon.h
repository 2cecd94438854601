/* The word classes as an automaton over fits: for a word, and for words in a row that begin an entry, the classes that
 * count where they stand.
 *
 * The fit of a word says which patterns of the lexicon it is or begins with.  Words that only begin with a stem share the
 * fit of the stem, so that there are as many fits as patterns.
 */
#ifndef ASN_KERNEL_LEXICON_H
#define ASN_KERNEL_LEXICON_H

#include "_kernel_trie.h"

#define MAX_ENTRY_WORDS 4

/* A class, and in the low bits how many words its longest entry has beyond one. */
typedef uint16_t Item;
#define MORE_BITS 2
#define MAX_CLASSES (1 << (16 - MORE_BITS))

/* The classes of entries that end with a word, or with shorter beginnings of the same words. */
#define FEW 4
typedef struct {
    uint16_t n;
    uint16_t goes_on; /* whether longer entries begin with these words */
    uint32_t more;    /* the first item beyond those here, in Lexicon.items */
    Item few[FEW];
} List;

/* From words in a row, a fit or another step, by the fit of the next word: half a line of the cache. */
typedef struct {
    uint32_t from, by; /* `by` 0 marks a free place */
    List list;
    uint32_t members; /* while steps are made: the nodes of the trie that it leads to */
    uint32_t n_more;  /* words before the last */
} Step;

/* A fit is the number of its list, with two bits below it: whether the list has items, and whether it goes on.  0 is
 * nothing. */
enum { HAS_ITEMS = 1, GOES_ON = 2, FIT_BITS = 2 };
static inline uint32_t list_of(uint32_t fit) { return fit >> FIT_BITS; }

/* Fixed sizes: a larger lexicon fills them and costs time, never a match. */
#define PREFIX_BITS 16
#define PAIR_BITS 17

/* Entries of two stems have a step for every two patterns that begin with them. */
#define MAX_STEPS (1 << 20)
enum { TOO_WIDE = -3 };

typedef struct {
    Table words; /* the vocabulary of the model, and all words that stand in entries without a star */
    Table stems; /* the words that stand in entries with one, without it */
    Trie trie;
    List *lists; /* list 0 is nothing, list i + 1 that of stem i, further ones those of words that are patterns */
    uint32_t n_lists;
    Item *items;
    uint32_t n_items, item_capacity;
    Step *steps;
    uint32_t step_mask;
    uint32_t empty_stem; /* its fit, or 0 */
    size_t longest_stem;
    uint64_t pairs[1 << (PAIR_BITS - 6)];      /* of fits that entries of two words or more begin with */
    uint64_t heads[1 << (PREFIX_BITS - 6)];    /* of the first letters of stems */
    uint64_t prefixes[1 << (PREFIX_BITS - 6)]; /* of all prefixes of stems ... */
    uint64_t ends[1 << (PREFIX_BITS - 6)];     /* ... and of whole stems */
} Lexicon;

static inline uint32_t bit_of(const uint64_t *bits, uint32_t i) { return (uint32_t)(bits[i >> 6] >> (i & 63)) & 1; }
static inline void set_bit(uint64_t *bits, uint32_t i) { bits[i >> 6] |= (uint64_t)1 << (i & 63); }

/* --- stems ---------------------------------------------------------------------------------------------------- */

static inline uint64_t prefix_step(uint64_t prefix, uint8_t byte) { return (prefix + byte + 1) * HASH_SEED; }
static inline uint32_t prefix_bit(uint64_t prefix) { return (uint32_t)(prefix >> (64 - PREFIX_BITS)); }

/* Stems of this many bytes or more have so many as their head; shorter ones are their own. */
#define HEAD_BYTES 4
static inline uint32_t head_bit(uint64_t first_eight, uint32_t n) {
    return (uint32_t)(((first_eight & (((uint64_t)1 << 8 * n) - 1)) + n) * HASH_SEED >> (64 - PREFIX_BITS));
}

/* Whether a word may begin with a stem at all, but for the empty one: seven unseen words in ten don't. */
static inline uint32_t may_begin(const Lexicon *l, uint64_t first_eight) {
    uint32_t may = 0;
    for (uint32_t n = 1; n <= HEAD_BYTES; n++)
        may |= bit_of(l->heads, head_bit(first_eight, n));
    return may;
}

/* The longest stem that a word begins with: its fit, or 0.  Ends where no stem goes on like the word. */
static uint32_t longest_stem(const Lexicon *l, const uint8_t *word, size_t length) {
    uint32_t longest = l->empty_stem;
    uint64_t prefix = 0;
    size_t limit = length < l->longest_stem ? length : l->longest_stem;
    for (size_t n = 1; n <= limit; n++) {
        prefix = prefix_step(prefix, word[n - 1]);
        uint32_t bit = prefix_bit(prefix);
        if (!bit_of(l->prefixes, bit))
            break;
        if (!bit_of(l->ends, bit))
            continue;
        uint32_t found = table_find(&l->stems, word, n, hash_bytes(word, n));
        if (found != NONE)
            longest = l->stems.entries[found].fit;
    }
    return longest;
}

/* --- lists ---------------------------------------------------------------------------------------------------- */

static inline uint32_t item_at(const Lexicon *l, const List *list, uint32_t k) {
    return k < FEW ? list->few[k] : l->items[list->more + k - FEW];
}

static inline uint32_t class_of(uint32_t item) { return item >> MORE_BITS; }
static inline uint32_t n_more_of(uint32_t item) { return item & ((1 << MORE_BITS) - 1); }

/* --- steps ---------------------------------------------------------------------------------------------------- */

/* Numbers of steps stand beyond those of all fits. */
static inline uint32_t step_number(const Lexicon *l, uint32_t step) { return (l->n_lists + step) << FIT_BITS; }

/* Where a search for a step begins. */
static inline uint32_t step_home(const Lexicon *l, uint32_t from, uint32_t by) {
    return (uint32_t)(pair_hash(from, by) >> 32) & l->step_mask;
}

/* Where a step stands, a free place where there is none. */
static inline uint32_t step_place(const Lexicon *l, uint32_t from, uint32_t by) {
    uint32_t i = step_home(l, from, by);
    while (l->steps[i].by && (l->steps[i].from != from || l->steps[i].by != by))
        i = (i + 1) & l->step_mask;
    return i;
}

static inline uint32_t pair_bit(uint32_t first, uint32_t second) {
    return (uint32_t)(pair_hash(first, second) >> (64 - PAIR_BITS));
}

static void lexicon_free(Lexicon *l) {
    table_free(&l->words);
    table_free(&l->stems);
    trie_free(&l->trie);
    free(l->lists);
    free(l->items);
    free(l->steps);
}

#endif
