/* The word classes as a trie of entries, and for every word what of it may match.
 *
 * An entry has one to four patterns: words, or beginnings of words where a star stands.
 */
#ifndef ASN_KERNEL_LEXICON_H
#define ASN_KERNEL_LEXICON_H

#include "_kernel_strings.h"

#define MAX_ENTRY_WORDS 4

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

/* From a node, by a pattern, to its child, with what a walk needs to know of the child: one line of the cache. */
typedef struct {
    uint32_t node, pattern, child; /* child 0 (the root) marks a free place */
    uint32_t more;
    uint64_t children;
    uint32_t names[2];
} Edge;

/* What may match where a word stands.  Words that only begin with a stem share the fit of the stem. */
#define INLINE_SINGLES 4
typedef struct {
    uint64_t bits;   /* of the patterns that the word fits, see pattern_bit */
    uint64_t follow; /* of the patterns that may come next in an entry */
    uint32_t n_singles;
    uint32_t more;                    /* the first single beyond those here, in Lexicon.singles */
    uint16_t singles[INLINE_SINGLES]; /* the classes that have the word as an entry */
} Fit;

/* The patterns behind a fit: this one, then those of `next`, itself a fit; 0 ends them. */
typedef struct {
    uint64_t children; /* as in Node */
    uint32_t pattern, next;
} Chain;

/* Fixed size: a larger lexicon fills it and costs time, never a match. */
#define PREFIX_BITS 16

typedef struct {
    Table words; /* the vocabulary of the model, and all words that stand in entries without a star */
    Table stems; /* the words that stand in entries with one, without it */
    Fit *fits;   /* fit 0 is nothing, fit i + 1 that of stem i, further ones those of words that are patterns */
    Chain *chains;
    uint16_t *singles;
    uint32_t n_singles, single_capacity;
    uint32_t empty_stem; /* its fit, or 0 */
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

static inline uint64_t pattern_bit(uint32_t pattern) { return (uint64_t)1 << (pattern & 63); }

static inline uint32_t edge_hash(const Lexicon *l, uint32_t node, uint32_t pattern) {
    return (uint32_t)(((uint64_t)node << 32 | pattern) * HASH_SEED >> 32) & l->edge_mask;
}

static inline uint32_t edge_place(const Lexicon *l, uint32_t node, uint32_t pattern) {
    uint32_t i = edge_hash(l, node, pattern);
    while (l->edges[i].child && (l->edges[i].node != node || l->edges[i].pattern != pattern))
        i = (i + 1) & l->edge_mask;
    return i;
}

/* The edge of a pattern from a node with these children, or NULL. */
static inline const Edge *edge_of(const Lexicon *l, uint32_t node, uint64_t children, uint32_t pattern) {
    if (!(children & pattern_bit(pattern)))
        return NULL;
    const Edge *edge = &l->edges[edge_place(l, node, pattern)];
    return edge->child ? edge : NULL;
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
    Entry *e = &table->entries[entry];
    if (!e->pattern) {
        if (lexicon_add_node(l))
            return 0;
        e->pattern = l->n_nodes - 1;
    }
    return e->pattern;
}

static uint32_t lexicon_child(Lexicon *l, uint32_t node, uint32_t pattern) {
    const Edge *found = edge_of(l, node, l->nodes[node].children, pattern);
    if (found)
        return found->child;
    if ((l->n_edges * 2 > l->edge_mask && lexicon_grow_edges(l)) || lexicon_add_node(l))
        return 0;
    uint32_t child = l->n_nodes - 1;
    l->nodes[node].children |= pattern_bit(pattern);
    l->edges[edge_place(l, node, pattern)] = (Edge){node, pattern, child, 0, 0, {0, 0}};
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

/* The longest stem that a word begins with: its fit, or 0.  Ends where no stem goes on like the word. */
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

static int fit_add_single(Lexicon *l, Fit *fit, uint32_t class) {
    for (uint32_t i = 0; i < fit->n_singles; i++)
        if (class == (i < INLINE_SINGLES ? fit->singles[i] : l->singles[fit->more + i - INLINE_SINGLES]))
            return 0;
    if (fit->n_singles < INLINE_SINGLES) {
        fit->singles[fit->n_singles++] = (uint16_t)class;
        return 0;
    }
    if (!grow((void **)&l->singles, l->n_singles, &l->single_capacity, sizeof *l->singles))
        return -1;
    if (fit->n_singles == INLINE_SINGLES)
        fit->more = l->n_singles;
    l->singles[l->n_singles++] = (uint16_t)class;
    fit->n_singles++;
    return 0;
}

static int fit_add(Lexicon *l, Fit *fit, uint32_t pattern) {
    const Node *node = &l->nodes[pattern];
    fit->bits |= pattern_bit(pattern);
    fit->follow |= node->children;
    for (int i = 0; i < 2; i++)
        if (node->names[i] && fit_add_single(l, fit, node->names[i] - 1))
            return -1;
    for (uint32_t i = node->more; i; i = l->links[i].next)
        if (fit_add_single(l, fit, l->links[i].class))
            return -1;
    return 0;
}

static int fit_make(Lexicon *l, uint32_t fit, uint32_t pattern, uint32_t next) {
    l->chains[fit] = (Chain){l->nodes[pattern].children, pattern, next};
    for (uint32_t i = fit; i; i = l->chains[i].next)
        if (fit_add(l, &l->fits[fit], l->chains[i].pattern))
            return -1;
    return 0;
}

/* Once all entries and the vocabulary are in: find for every string what may match where it stands. */
static int lexicon_finish(Lexicon *l) {
    uint32_t n_fits = 1 + l->stems.n;
    for (uint32_t i = 0; i < l->words.n; i++)
        n_fits += l->words.entries[i].pattern != 0;
    l->fits = calloc(n_fits, sizeof *l->fits);
    l->chains = calloc(n_fits, sizeof *l->chains);
    if (!l->fits || !l->chains)
        return -1;
    for (uint32_t i = 0; i < l->stems.n; i++)
        lexicon_index_stem(l, i);
    for (uint32_t i = 0; i < l->stems.n; i++) {
        const Entry *e = &l->stems.entries[i];
        l->chains[i + 1].pattern = e->pattern;
        l->chains[i + 1].next = e->length ? longest_stem(l, l->stems.pool + e->offset, e->length - 1) : 0;
    }
    for (uint32_t i = 1; i <= l->stems.n; i++)
        if (fit_make(l, i, l->chains[i].pattern, l->chains[i].next))
            return -1;
    for (uint32_t i = 0; i <= l->edge_mask; i++) {
        Edge *edge = &l->edges[i];
        const Node *child = &l->nodes[edge->child];
        *edge = (Edge){edge->node, edge->pattern, edge->child, child->more, child->children,
                       {child->names[0], child->names[1]}};
    }
    uint32_t fit = l->stems.n;
    for (uint32_t i = 0; i < l->words.n; i++) {
        Entry *e = &l->words.entries[i];
        uint32_t stem = longest_stem(l, l->words.pool + e->offset, e->length);
        e->fit = e->pattern ? ++fit : stem;
        if (e->pattern && fit_make(l, fit, e->pattern, stem))
            return -1;
    }
    return 0;
}

static void lexicon_free(Lexicon *l) {
    table_free(&l->words);
    table_free(&l->stems);
    free(l->fits);
    free(l->chains);
    free(l->singles);
    free(l->nodes);
    free(l->links);
    free(l->edges);
}

#endif
