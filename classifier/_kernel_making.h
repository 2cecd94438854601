/* How the automaton of _kernel_lexicon.h is made: entries make a trie, its patterns lists, its nodes steps. */
#ifndef ASN_KERNEL_MAKING_H
#define ASN_KERNEL_MAKING_H

#include <Python.h>

#include "_kernel_lexicon.h"

/* --- entries -------------------------------------------------------------------------------------------------- */

/* The pattern of a word of an entry, made where there is none; 0 where memory ends. */
static uint32_t lexicon_pattern(Lexicon *l, const uint8_t *word, size_t length) {
    int starred = length && word[length - 1] == '*';
    Table *table = starred ? &l->stems : &l->words;
    size_t kept = length - (size_t)starred;
    uint32_t entry = table_add(table, word, kept, hash_bytes(word, kept));
    if (entry == NONE)
        return 0;
    Entry *e = &table->entries[entry];
    if (!e->pattern)
        e->pattern = trie_node(&l->trie);
    return e->pattern;
}

/* White space as str.split knows it; beyond ASCII a byte is no character. */
static inline int parts_words(uint8_t byte) { return byte < 0x80 && Py_UNICODE_ISSPACE(byte); }

/* Add one entry to two classes; one of too many words never matches. */
static int lexicon_add(Lexicon *l, const uint8_t *entry, size_t length, uint32_t coarse, uint32_t fine) {
    uint32_t node = 0;
    int n = 0;
    for (size_t start = 0, end; start < length; start = end + 1) {
        for (end = start; end < length && !parts_words(entry[end]); end++)
            ;
        if (start == end)
            continue;
        if (n++ == MAX_ENTRY_WORDS)
            return 0;
        uint32_t pattern = lexicon_pattern(l, entry + start, end - start);
        node = node && pattern ? trie_child(&l->trie, node, pattern) : pattern;
        if (!node)
            return -1;
    }
    return node ? trie_name(&l->trie, node, coarse) || trie_name(&l->trie, node, fine) ? -1 : 0 : 0;
}

static int lexicon_begin(Lexicon *l) {
    memset(l, 0, sizeof *l);
    /* Tables are never without slots, so that a search need not ask. */
    return trie_begin(&l->trie) || table_grow(&l->words) || table_grow(&l->stems) || table_reserve_pool(&l->words, 0) ||
                   table_reserve_pool(&l->stems, 0)
               ? -1
               : 0;
}

/* --- lists ---------------------------------------------------------------------------------------------------- */

/* Add a class to a list, unless it is there for a longer entry. */
static int list_add(Lexicon *l, List *list, uint32_t class, uint32_t n_more) {
    for (uint32_t k = 0; k < list->n; k++)
        if (class_of(item_at(l, list, k)) == class)
            return 0;
    Item item = (Item)(class << MORE_BITS | n_more);
    if (list->n < FEW) {
        list->few[list->n++] = item;
        return 0;
    }
    if (!grow((void **)&l->items, l->n_items, &l->item_capacity, sizeof *l->items))
        return -1;
    if (list->n == FEW)
        list->more = l->n_items;
    l->items[l->n_items++] = item;
    list->n++;
    return 0;
}

static int list_add_names(Lexicon *l, List *list, uint32_t node, uint32_t n_more) {
    const Node *here = &l->trie.nodes[node];
    for (int i = 0; i < 2; i++)
        if (here->names[i] && list_add(l, list, here->names[i] - 1, n_more))
            return -1;
    for (uint32_t i = here->more; i; i = l->trie.links[i].next)
        if (list_add(l, list, l->trie.links[i].class, n_more))
            return -1;
    return 0;
}

static void lexicon_index_stem(Lexicon *l, uint32_t stem) {
    Entry *e = &l->stems.entries[stem];
    uint64_t prefix = 0;
    uint32_t bit = 0;
    for (uint32_t i = 0; i < e->length; i++) {
        prefix = prefix_step(prefix, l->stems.pool[e->offset + i]);
        bit = prefix_bit(prefix);
        set_bit(l->prefixes, bit);
    }
    set_bit(l->ends, bit);
    e->fit = (stem + 1) << FIT_BITS;
    if (e->length)
        set_bit(l->heads, head_bit(load64(l->stems.pool + e->offset), e->length < HEAD_BYTES ? e->length : HEAD_BYTES));
    else
        l->empty_stem = e->fit;
    if (e->length > l->longest_stem)
        l->longest_stem = e->length;
}

/* The pattern that a list is of, and where the list stands among the others: words that fit the pattern fit those of all
 * shorter lists. */
typedef struct {
    uint32_t pattern;
    uint32_t shorter, longer, sibling; /* the next shorter list, a longer one, another one as long, or 0 */
    uint32_t n;                        /* of itself and all longer ones */
} Kin;

typedef struct {
    uint32_t node, next;
} Member;

typedef struct {
    Kin *kin;
    uint32_t *list_of_pattern;
    Member *members; /* member 0 means none */
    uint32_t n_members;
    uint32_t *queue; /* places of steps, in the order they were made */
    uint32_t n_queue;
} Making;

static inline uint32_t fit_of(const Lexicon *l, uint32_t list) {
    return list << FIT_BITS | (l->lists[list].n ? HAS_ITEMS : 0) | (l->lists[list].goes_on ? GOES_ON : 0);
}

/* Number the lists: those of stems, then those of words that are patterns. */
static void number_lists(Lexicon *l, Making *m) {
    for (uint32_t i = 0; i < l->stems.n; i++)
        lexicon_index_stem(l, i);
    for (uint32_t i = 0; i < l->stems.n; i++) {
        const Entry *e = &l->stems.entries[i];
        m->kin[i + 1].pattern = e->pattern;
        m->kin[i + 1].shorter = e->length ? list_of(longest_stem(l, l->stems.pool + e->offset, e->length - 1)) : 0;
    }
    uint32_t list = l->stems.n;
    for (uint32_t i = 0; i < l->words.n; i++) {
        Entry *e = &l->words.entries[i];
        e->fit = longest_stem(l, l->words.pool + e->offset, e->length);
        if (!e->pattern)
            continue;
        m->kin[++list] = (Kin){.pattern = e->pattern, .shorter = list_of(e->fit)};
        e->fit = list << FIT_BITS;
    }
}

static int fill_lists(Lexicon *l, Making *m) {
    for (uint32_t i = 1; i < l->n_lists; i++) {
        m->list_of_pattern[m->kin[i].pattern] = i;
        for (uint32_t k = i; k; k = m->kin[k].shorter) {
            m->kin[k].n++;
            l->lists[i].goes_on |= l->trie.nodes[m->kin[k].pattern].edges != 0;
            if (list_add_names(l, &l->lists[i], m->kin[k].pattern, 0))
                return -1;
        }
        Kin *shorter = &m->kin[m->kin[i].shorter];
        m->kin[i].sibling = shorter->longer;
        shorter->longer = i;
    }
    for (uint32_t i = 0; i < l->stems.n; i++)
        l->stems.entries[i].fit = fit_of(l, i + 1);
    for (uint32_t i = 0; i < l->words.n; i++)
        l->words.entries[i].fit = fit_of(l, list_of(l->words.entries[i].fit));
    l->empty_stem = fit_of(l, list_of(l->empty_stem));
    return 0;
}

/* A list and then all longer ones in turn: the one after `list`, or 0. */
static uint32_t next_kin(const Making *m, uint32_t list, uint32_t top) {
    uint32_t next = m->kin[list].longer;
    for (; !next && list != top; list = m->kin[list].shorter)
        next = m->kin[list].sibling;
    return next;
}

static void make_step(Lexicon *l, Making *m, uint32_t from, uint32_t n_more, uint32_t by, uint32_t node) {
    uint32_t place = step_place(l, from, by);
    Step *step = &l->steps[place];
    if (!step->by) {
        *step = (Step){.from = from, .by = by, .n_more = n_more};
        m->queue[m->n_queue++] = place;
        if (n_more == 1)
            set_bit(l->pairs, pair_bit(from, by));
    }
    m->members[m->n_members] = (Member){node, step->members};
    step->members = m->n_members++;
}

/* Make the steps that lead on from a node of the trie, one of those that `from` stands for. */
static void make_steps_from(Lexicon *l, Making *m, uint32_t from, uint32_t n_more, uint32_t node) {
    for (uint32_t i = l->trie.nodes[node].edges; i; i = l->trie.edges[i].next) {
        const Edge *e = &l->trie.edges[i];
        const uint32_t top = m->list_of_pattern[e->pattern];
        for (uint32_t list = top; list; list = next_kin(m, list, top))
            make_step(l, m, from, n_more, fit_of(l, list), e->child);
    }
}

/* A step has the items of its own nodes, the longest; then those that its shorter beginnings have. */
static int fill_step(Lexicon *l, Making *m, Step *step) {
    for (uint32_t k = step->members; k; k = m->members[k].next) {
        step->list.goes_on |= l->trie.nodes[m->members[k].node].edges != 0;
        if (list_add_names(l, &step->list, m->members[k].node, step->n_more))
            return -1;
    }
    const uint32_t before = list_of(step->from);
    const List *shorter = before < l->n_lists ? &l->lists[before] : &l->steps[before - l->n_lists].list;
    for (uint32_t k = 0; k < shorter->n; k++) {
        uint32_t item = item_at(l, shorter, k);
        if (list_add(l, &step->list, class_of(item), n_more_of(item)))
            return -1;
    }
    return 0;
}

static int make_steps(Lexicon *l, Making *m) {
    for (uint32_t i = 1; i < l->n_lists; i++)
        for (uint32_t k = i; k; k = m->kin[k].shorter)
            make_steps_from(l, m, fit_of(l, i), 1, m->kin[k].pattern);
    for (uint32_t i = 0; i < m->n_queue; i++) {
        Step *step = &l->steps[m->queue[i]];
        if (fill_step(l, m, step))
            return -1;
        for (uint32_t k = step->members; k; k = m->members[k].next)
            make_steps_from(l, m, step_number(l, m->queue[i]), step->n_more + 1, m->members[k].node);
    }
    return 0;
}

/* How many steps the trie comes to, at most: nodes stand before their children.  NULL where memory ends. */
static uint64_t *count_steps(const Lexicon *l, const Making *m, uint64_t *n) {
    uint64_t *reached = calloc(l->trie.n_nodes, sizeof *reached); /* a node by so many rows of fits */
    for (uint32_t i = 1; reached && i < l->n_lists; i++)
        reached[m->kin[i].pattern] = m->kin[i].n;
    *n = 0;
    for (uint32_t i = 1; reached && i < l->trie.n_edges && *n <= MAX_STEPS; i++) {
        const Edge *e = &l->trie.edges[i];
        reached[e->child] = reached[e->node] * m->kin[m->list_of_pattern[e->pattern]].n;
        *n += reached[e->child];
    }
    return reached;
}

/* Half of the places stay free, so that a search soon meets one. */
static int reserve_steps(Lexicon *l, Making *m) {
    uint64_t n, size = 64, *reached = count_steps(l, m, &n);
    free(reached);
    if (!reached)
        return -1;
    if (n > MAX_STEPS)
        return TOO_WIDE;
    while (size < 2 * n)
        size *= 2;
    l->step_mask = (uint32_t)size - 1;
    l->steps = zeros(size, sizeof *l->steps);
    m->members = malloc((n + 1) * sizeof *m->members);
    m->queue = malloc((n + 1) * sizeof *m->queue);
    m->n_members = 1;
    return l->steps && m->members && m->queue ? 0 : -1;
}

static int make_all(Lexicon *l, Making *m) {
    number_lists(l, m);
    if (fill_lists(l, m))
        return -1;
    int failed = reserve_steps(l, m);
    return failed ? failed : make_steps(l, m);
}

/* Once all entries and the vocabulary are in.  -1 where memory ends, TOO_WIDE where there would be too many steps. */
static int lexicon_finish(Lexicon *l) {
    l->n_lists = 1 + l->stems.n;
    for (uint32_t i = 0; i < l->words.n; i++)
        l->n_lists += l->words.entries[i].pattern != 0;
    l->lists = zeros(l->n_lists, sizeof *l->lists);
    Making m = {.kin = calloc(l->n_lists, sizeof *m.kin),
                .list_of_pattern = calloc(l->trie.n_nodes, sizeof *m.list_of_pattern)};
    int failed = l->lists && m.kin && m.list_of_pattern ? make_all(l, &m) : -1;
    free(m.kin);
    free(m.list_of_pattern);
    free(m.members);
    free(m.queue);
    trie_free(&l->trie);
    return failed;
}

#endif
