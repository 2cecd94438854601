/* The entries of word classes as a trie: what the automaton of _kernel_lexicon.h is made of, and gone once it is made.
 *
 * An entry has one to four patterns: words, or beginnings of words where a star stands.  A pattern is known by the number
 * of its node below the root.
 */
#ifndef ASN_KERNEL_TRIE_H
#define ASN_KERNEL_TRIE_H

#include "_kernel_strings.h"

typedef struct {
    uint32_t names[2]; /* classes whose entries end here, each + 1, or 0: a coarse and a fine one at most places */
    uint32_t more;     /* first link of further ones, or 0 */
    uint32_t edges;    /* the first that leads on, or 0 */
} Node;

typedef struct {
    uint32_t class, next;
} Link;

/* From a node, by a pattern, to its child; `next` is another one from the same node, or 0. */
typedef struct {
    uint32_t node, pattern, child, next;
} Edge;

typedef struct {
    Node *nodes; /* node 0 is the root */
    uint32_t n_nodes, node_capacity;
    Link *links; /* link 0 means none */
    uint32_t n_links, link_capacity;
    Edge *edges; /* edge 0 means none; parents before their children */
    uint32_t n_edges, edge_capacity;
    uint32_t *slots; /* of edges, by node and pattern; 0 where free */
    uint32_t mask;
} Trie;

static inline uint64_t pair_hash(uint32_t a, uint32_t b) { return ((uint64_t)a << 32 | b) * HASH_SEED; }

/* The slot of the edge from a node by a pattern, free where there is none. */
static uint32_t *trie_slot(const Trie *t, uint32_t node, uint32_t pattern) {
    uint32_t i = (uint32_t)(pair_hash(node, pattern) >> 32) & t->mask;
    while (t->slots[i] && (t->edges[t->slots[i]].node != node || t->edges[t->slots[i]].pattern != pattern))
        i = (i + 1) & t->mask;
    return &t->slots[i];
}

/* Slots stay at most half full, so that a search soon meets a free one. */
static int trie_grow_slots(Trie *t) {
    uint32_t size = t->slots ? (t->mask + 1) * 2 : 128;
    uint32_t *slots = size > (1u << 30) ? NULL : calloc(size, sizeof *slots);
    if (!slots)
        return -1;
    free(t->slots);
    t->slots = slots;
    t->mask = size - 1;
    for (uint32_t i = 1; i < t->n_edges; i++)
        *trie_slot(t, t->edges[i].node, t->edges[i].pattern) = i;
    return 0;
}

/* A new node, or 0 where memory ends. */
static uint32_t trie_node(Trie *t) {
    if (!grow((void **)&t->nodes, t->n_nodes, &t->node_capacity, sizeof(Node)))
        return 0;
    t->nodes[t->n_nodes] = (Node){{0, 0}, 0, 0};
    return t->n_nodes++;
}

static uint32_t trie_child(Trie *t, uint32_t node, uint32_t pattern) {
    uint32_t *slot = trie_slot(t, node, pattern);
    if (*slot)
        return t->edges[*slot].child;
    if (t->n_edges * 2 > t->mask) {
        if (trie_grow_slots(t))
            return 0;
        slot = trie_slot(t, node, pattern);
    }
    uint32_t child = trie_node(t);
    if (!child || !grow((void **)&t->edges, t->n_edges, &t->edge_capacity, sizeof(Edge)))
        return 0;
    t->edges[t->n_edges] = (Edge){node, pattern, child, t->nodes[node].edges};
    t->nodes[node].edges = *slot = t->n_edges++;
    return child;
}

static int trie_name(Trie *t, uint32_t node, uint32_t class) {
    Node *here = &t->nodes[node];
    for (int i = 0; i < 2; i++) {
        if (here->names[i] == class + 1)
            return 0;
        if (!here->names[i]) {
            here->names[i] = class + 1;
            return 0;
        }
    }
    for (uint32_t i = here->more; i; i = t->links[i].next)
        if (t->links[i].class == class)
            return 0;
    if (!grow((void **)&t->links, t->n_links, &t->link_capacity, sizeof(Link)))
        return -1;
    t->links[t->n_links] = (Link){class, here->more};
    here->more = t->n_links++;
    return 0;
}

static int trie_begin(Trie *t) {
    memset(t, 0, sizeof *t);
    t->n_nodes = t->n_links = t->n_edges = 1;
    if (!grow((void **)&t->nodes, 0, &t->node_capacity, sizeof(Node)) ||
        !grow((void **)&t->links, 0, &t->link_capacity, sizeof(Link)) ||
        !grow((void **)&t->edges, 0, &t->edge_capacity, sizeof(Edge)))
        return -1;
    t->nodes[0] = (Node){{0, 0}, 0, 0};
    return trie_grow_slots(t);
}

static void trie_free(Trie *t) {
    free(t->nodes);
    free(t->links);
    free(t->edges);
    free(t->slots);
    memset(t, 0, sizeof *t);
}

#endif
