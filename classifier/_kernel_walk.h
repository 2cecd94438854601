/* One walk over a text: fold it, read its words, look them up, match word classes, sum weights.
 *
 * Pure C11 without Python.  All that a walk writes stands in a Scratch, which one call has to itself.
 */
#ifndef ASN_KERNEL_WALK_H
#define ASN_KERNEL_WALK_H

#include "_kernel_tables.h"

/* A function of its own in every build, so that a profile tells the stages apart. */
#define STAGE __attribute__((noinline))

enum { OUT_OF_MEMORY = -1, PAGE_MISSING = -2 };

/* --- texts and folding ---------------------------------------------------------------------------------------- */

/* Bytes of a code unit; UTF8 stands for one-byte units that spell code points. */
enum { UTF8 = 0, LATIN1 = 1, UCS2 = 2, UCS4 = 4 };

typedef struct {
    const void *units;
    size_t n;
    int kind;
} Text;

/* The fold of one code point in UTF-8, a NUL for everything that parts words: classifier/text.py in bytes. */
#define FOLD_BYTES 16
typedef struct {
    uint8_t length, bytes[FOLD_BYTES];
} Fold;

#define PAGE_BITS 8
#define PAGE_SIZE (1 << PAGE_BITS)
#define N_PAGES (0x110000 >> PAGE_BITS)

/* Pages are made by Python when first met, and published by an atomic store. */
typedef struct {
    const Fold *pages[N_PAGES];
} FoldTable;

static inline const Fold *fold_page(const FoldTable *t, uint32_t code_point) {
    return __atomic_load_n(&t->pages[code_point >> PAGE_BITS], __ATOMIC_ACQUIRE);
}

typedef struct {
    uint64_t hash;
    uint32_t start, length; /* in the folded text */
} Word;

/* A word class in the present text; all zero between texts. */
typedef struct {
    uint32_t count;
    uint32_t free; /* the first word that it may match again */
    uint32_t end;  /* of its longest match from the present start; zero between starts */
} Class;

typedef struct {
    uint32_t class, start, end; /* words */
} Match;

typedef struct {
    uint8_t *folded;
    size_t capacity, n_folded;
    Word *words;
    Fit *fits; /* one a word and, last, one that fits nothing */
    size_t n_words, word_capacity;
    uint32_t n_counted; /* words of two characters or more */
    uint32_t *counts;   /* word row -> how often in this text; all zero between texts, but for a last one */
    uint32_t *seen;     /* the rows that are not zero, in the order of the text */
    uint32_t n_seen;
    Class *classes;
    uint32_t *classes_seen, n_classes_seen; /* those counted, in the order of the text */
    uint32_t *classes_met, n_classes_met;   /* those met from the present start */
    double *sums;
    /* Where a text is to be explained or counted: */
    int keep;
    uint32_t *places; /* folded byte -> code point of the text */
    Match *matches;
    size_t n_matches, match_capacity;
} Scratch;

#define BLOCK 16

/* Decode one code point; a damaged byte parts words, as U+FFFD does in bytes.decode(errors="replace"). */
static inline uint32_t next_utf8(const uint8_t *p, size_t n, size_t *i) {
    uint32_t lead = p[*i];
    size_t left = n - *i;
    p += *i;
    *i += 1;
    if (lead < 0x80)
        return lead;
    if (lead >= 0xC2 && lead < 0xE0 && left >= 2 && (p[1] & 0xC0) == 0x80) {
        *i += 1;
        return (lead & 0x1F) << 6 | (p[1] & 0x3F);
    }
    if (lead >= 0xE0 && lead < 0xF0 && left >= 3 && (p[1] & 0xC0) == 0x80 && (p[2] & 0xC0) == 0x80) {
        uint32_t c = (lead & 0x0F) << 12 | (uint32_t)(p[1] & 0x3F) << 6 | (p[2] & 0x3F);
        if (c >= 0x800 && (c < 0xD800 || c > 0xDFFF)) {
            *i += 2;
            return c;
        }
    }
    if (lead >= 0xF0 && lead < 0xF5 && left >= 4 && (p[1] & 0xC0) == 0x80 && (p[2] & 0xC0) == 0x80 &&
        (p[3] & 0xC0) == 0x80) {
        uint32_t c = (lead & 0x07) << 18 | (uint32_t)(p[1] & 0x3F) << 12 | (uint32_t)(p[2] & 0x3F) << 6 | (p[3] & 0x3F);
        if (c >= 0x10000 && c < 0x110000) {
            *i += 3;
            return c;
        }
    }
    return 0xFFFD;
}

static inline __attribute__((always_inline)) uint32_t next_code_point(const Text *text, const int kind, size_t *i) {
    if (kind == UTF8)
        return next_utf8(text->units, text->n, i);
    if (kind == LATIN1)
        return ((const uint8_t *)text->units)[(*i)++];
    if (kind == UCS2)
        return ((const uint16_t *)text->units)[(*i)++];
    return ((const uint32_t *)text->units)[(*i)++];
}

static inline __attribute__((always_inline)) int is_ascii_block(const Text *text, const int kind, size_t i) {
    const size_t width = kind ? (size_t)kind : 1;
    const uint64_t high = width == 1 ? 0x8080808080808080u : width == 2 ? 0xFF80FF80FF80FF80u : 0xFFFFFF80FFFFFF80u;
    const uint8_t *p = (const uint8_t *)text->units + i * width;
    uint64_t any = 0;
    for (size_t k = 0; k < BLOCK * width; k += 8)
        any |= load64(p + k);
    return !(any & high);
}

/* Sixteen bytes at once, in whatever registers the machine has: a baseline of x86-64 and of arm64 alike. */
typedef uint8_t Block __attribute__((vector_size(BLOCK)));

static inline __attribute__((always_inline)) Block load_block(const Text *text, const int kind, size_t i, size_t n) {
    uint8_t bytes[BLOCK] = {0};
    Block block;
    if (kind == UTF8 || kind == LATIN1)
        memcpy(bytes, (const uint8_t *)text->units + i, n);
    for (size_t k = 0; kind == UCS2 && k < n; k++)
        bytes[k] = (uint8_t)((const uint16_t *)text->units)[i + k];
    for (size_t k = 0; kind == UCS4 && k < n; k++)
        bytes[k] = (uint8_t)((const uint32_t *)text->units)[i + k];
    memcpy(&block, bytes, BLOCK);
    return block;
}

/* Letters and digits stay, in lower case; all else parts words. */
static inline void fold_ascii(Block c, uint8_t *out) {
    Block lower = c | ((Block)(c - 'A' < 26) & 32);
    Block folded = lower & ((Block)(lower - 'a' < 26) | (Block)(c - '0' < 10));
    memcpy(out, &folded, BLOCK);
}

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

static inline __attribute__((always_inline)) int fold_kind(const FoldTable *table, const Text *text, const int kind,
                                                           Scratch *s) {
    size_t i = 0, out = 0, code_point_index = 0;
    while (i < text->n) {
        if (scratch_reserve(s, out + BLOCK * FOLD_BYTES + PADDING))
            return OUT_OF_MEMORY;
        if (!s->keep && text->n - i >= BLOCK && is_ascii_block(text, kind, i)) {
            fold_ascii(load_block(text, kind, i, BLOCK), s->folded + out);
            i += BLOCK;
            out += BLOCK;
            continue;
        }
        size_t stop = text->n - i < BLOCK ? text->n : i + BLOCK;
        while (i < stop) {
            uint32_t c = next_code_point(text, kind, &i);
            const Fold *page = c < 0x110000 ? fold_page(table, c) : NULL;
            if (!page)
                return PAGE_MISSING;
            const Fold *fold = &page[c & (PAGE_SIZE - 1)];
            memcpy(s->folded + out, fold->bytes, FOLD_BYTES);
            if (s->keep)
                for (size_t k = 0; k < fold->length; k++)
                    s->places[out + k] = (uint32_t)code_point_index;
            code_point_index++;
            out += fold->length;
        }
    }
    if (scratch_reserve(s, out + PADDING))
        return OUT_OF_MEMORY;
    memset(s->folded + out, 0, PADDING);
    s->n_folded = out;
    return 0;
}

static STAGE int fold_text(const FoldTable *table, const Text *text, Scratch *s) {
    switch (text->kind) {
    case UTF8:
        return fold_kind(table, text, UTF8, s);
    case LATIN1:
        return fold_kind(table, text, LATIN1, s);
    case UCS2:
        return fold_kind(table, text, UCS2, s);
    default:
        return fold_kind(table, text, UCS4, s);
    }
}

/* --- words ---------------------------------------------------------------------------------------------------- */

static inline int is_single_character(const uint8_t *word, size_t length) {
    return length == 1u + (word[0] >= 0xC0) + (word[0] >= 0xE0) + (word[0] >= 0xF0);
}

static int reserve_words(Scratch *s) {
    size_t needed = s->n_folded / 2 + 2;
    if (needed <= s->word_capacity)
        return 0;
    Word *words = realloc(s->words, needed * sizeof *words);
    if (words)
        s->words = words;
    Fit *fits = realloc(s->fits, needed * sizeof *fits);
    if (fits)
        s->fits = fits;
    if (!words || !fits)
        return OUT_OF_MEMORY;
    s->word_capacity = needed;
    return 0;
}

/* Words end at a NUL byte: the lowest zero of eight bytes gives the length of most words in one step, and what stands
 * below it is hashed at once.  The folded text ends in NULs, so that no word runs over its end. */
static STAGE int read_words(Scratch *s) {
    if (reserve_words(s))
        return OUT_OF_MEMORY;
    const uint8_t *p = s->folded, *end = s->folded + s->n_folded;
    Word *word = s->words;
    for (;;) {
        while (p < end && !*p)
            p++;
        if (p >= end)
            break;
        const uint8_t *start = p;
        uint64_t hash = HASH_SEED, x, zeros;
        for (;; p += 8) {
            x = load64(p);
            zeros = (x - 0x0101010101010101u) & ~x & 0x8080808080808080u;
            if (zeros)
                break;
            hash = mix(hash ^ x);
        }
        p += __builtin_ctzll(zeros) >> 3;
        hash = mix(hash ^ (x & (((zeros & -zeros) >> 7) - 1)));
        *word++ = (Word){hash, (uint32_t)(start - s->folded), (uint32_t)(p - start)};
        p++;
    }
    s->n_words = (size_t)(word - s->words);
    return 0;
}

static STAGE void look_up_words(const Lexicon *l, const Weights *w, Scratch *s) {
    const Fit nothing = {0, 0, ANY, 0};
    uint32_t n_counted = 0, n_seen = 0;
    /* Words without weights are counted under a row that is never new: no branch on what can't be foretold. */
    s->counts[w->n_words] = 1;
    for (size_t i = 0; i < s->n_words; i++) {
        Word word = s->words[i];
        const uint8_t *bytes = s->folded + word.start;
        uint32_t counted = !is_single_character(bytes, word.length), row = w->n_words;
        uint32_t found = table_find(&l->words, bytes, word.length, word.hash);
        if (found == NONE) {
            uint32_t stem = longest_stem(l, bytes, word.length);
            s->fits[i] = stem ? l->stems.entries[stem - 1].fit : nothing;
        } else {
            const Entry *e = &l->words.entries[found];
            s->fits[i] = e->fit;
            row = counted && e->row < row ? e->row : row;
        }
        n_counted += counted;
        s->seen[n_seen] = row;
        n_seen += s->counts[row]++ == 0;
    }
    s->fits[s->n_words] = nothing;
    s->n_counted = n_counted;
    s->n_seen = n_seen;
}

/* --- word classes --------------------------------------------------------------------------------------------- */

static inline void meet(Scratch *s, uint32_t class, uint32_t end) {
    Class *c = &s->classes[class];
    if (!c->end)
        s->classes_met[s->n_classes_met++] = class;
    if (c->end < end)
        c->end = end;
}

/* Meet the classes of a node, which the words up to `end` have led to, and of the nodes below. */
static void visit(const Lexicon *l, Scratch *s, uint32_t node, uint32_t end, int depth) {
    const Node *here = &l->nodes[node];
    if (here->names[0])
        meet(s, here->names[0] - 1, end);
    if (here->names[1])
        meet(s, here->names[1] - 1, end);
    for (uint32_t i = here->more; i; i = l->links[i].next)
        meet(s, l->links[i].class, end);
    Fit fit = s->fits[end];
    if (!(here->children & fit.bits) || depth == MAX_ENTRY_WORDS)
        return;
    uint32_t child;
    if (fit.pattern && (child = child_of(l, node, fit.pattern)))
        visit(l, s, child, end + 1, depth + 1);
    for (uint32_t stem = fit.stem; stem; stem = l->stems.entries[stem - 1].fit.stem)
        if ((child = child_of(l, node, l->stems.entries[stem - 1].fit.pattern)))
            visit(l, s, child, end + 1, depth + 1);
}

static int keep_match(Scratch *s, Match match) {
    if (s->n_matches == s->match_capacity) {
        size_t capacity = s->match_capacity ? s->match_capacity * 2 : 64;
        Match *matches = realloc(s->matches, capacity * sizeof *matches);
        if (!matches)
            return OUT_OF_MEMORY;
        s->matches = matches;
        s->match_capacity = capacity;
    }
    s->matches[s->n_matches++] = match;
    return 0;
}

/* The classes met from `start`: a match counts where the class's last one has ended. */
static int settle(Scratch *s, uint32_t start) {
    for (uint32_t i = 0; i < s->n_classes_met; i++) {
        Class *c = &s->classes[s->classes_met[i]];
        uint32_t end = c->end;
        c->end = 0;
        if (start < c->free)
            continue;
        c->free = end;
        if (c->count++ == 0)
            s->classes_seen[s->n_classes_seen++] = s->classes_met[i];
        if (s->keep && keep_match(s, (Match){s->classes_met[i], start, end}))
            return OUT_OF_MEMORY;
    }
    s->n_classes_met = 0;
    return 0;
}

static STAGE int match_classes(const Lexicon *l, Scratch *s) {
    for (uint32_t start = 0; start < s->n_words; start++) {
        Fit fit = s->fits[start];
        if (!(fit.follow & s->fits[start + 1].bits))
            continue;
        if (fit.pattern)
            visit(l, s, fit.pattern, start + 1, 1);
        for (uint32_t stem = fit.stem; stem; stem = l->stems.entries[stem - 1].fit.stem)
            visit(l, s, l->stems.entries[stem - 1].fit.pattern, start + 1, 1);
        if (settle(s, start))
            return OUT_OF_MEMORY;
    }
    return 0;
}

/* --- logits --------------------------------------------------------------------------------------------------- */

/* Sums run in double and in the order of the text: their bits depend on nothing else. */
static inline __attribute__((always_inline)) void add_row(const Weights *w, const uint32_t lanes, uint32_t row,
                                                          double tf, double *restrict sums, double *norm2) {
    const float *weights = w->rows + (size_t)row * lanes;
    double value = tf * (double)weights[w->n_outputs];
    *norm2 += value * value;
    for (uint32_t k = 0; k < lanes; k++)
        sums[k] += value * (double)weights[k];
}

static inline __attribute__((always_inline)) void end_block(const uint32_t lanes, double *restrict sums,
                                                            double *norm2, double *restrict logits) {
    double scale = *norm2 > 0.0 ? 1.0 / sqrt(*norm2) : 1.0;
    for (uint32_t k = 0; k < lanes; k++) {
        logits[k] += sums[k] * scale;
        sums[k] = 0.0;
    }
    *norm2 = 0.0;
}

static inline __attribute__((always_inline)) void sum_blocks(const Weights *w, const uint32_t lanes, const Scratch *s,
                                                             double *restrict sums, double *restrict logits) {
    double norm2 = 0.0;
    memcpy(logits, w->intercept, lanes * sizeof *logits);
    memset(sums, 0, lanes * sizeof *sums);
    for (uint32_t i = 0; i < s->n_seen; i++)
        add_row(w, lanes, s->seen[i], tf_weight(w, s->counts[s->seen[i]]), sums, &norm2);
    end_block(lanes, sums, &norm2, logits);
    for (uint32_t level = 0; level < 2; level++) { /* coarse, fine */
        for (uint32_t i = 0; i < s->n_classes_seen; i++) {
            uint32_t class = s->classes_seen[i], row = w->class_rows[class * 3 + level];
            if (row != NONE)
                add_row(w, lanes, row, tf_weight(w, s->classes[class].count), sums, &norm2);
        }
        end_block(lanes, sums, &norm2, logits);
    }
    for (uint32_t class = 0; class < w->n_coarse; class++) {
        uint32_t row = w->class_rows[class * 3 + 2];
        if (row != NONE && !s->classes[class].count)
            add_row(w, lanes, row, 1.0, sums, &norm2);
    }
    end_block(lanes, sums, &norm2, logits);
    uint32_t length = 0;
    while (length + 1 < w->n_lengths && w->lengths[(length + 1) * 2] <= s->n_counted)
        length++;
    if (w->n_lengths && w->lengths[length * 2 + 1] != NONE)
        add_row(w, lanes, w->lengths[length * 2 + 1], 1.0, sums, &norm2);
    end_block(lanes, sums, &norm2, logits);
}

/* --- a text --------------------------------------------------------------------------------------------------- */

static int walk(const FoldTable *folds, const Lexicon *l, const Weights *w, const Text *text, Scratch *s) {
    int failed = fold_text(folds, text, s);
    if (failed)
        return failed;
    if (read_words(s))
        return OUT_OF_MEMORY;
    look_up_words(l, w, s);
    return match_classes(l, s);
}

/* Make the scratch ready for the next text, in time that depends on this text alone. */
static void forget(Scratch *s) {
    for (uint32_t i = 0; i < s->n_seen; i++)
        s->counts[s->seen[i]] = 0;
    for (uint32_t i = 0; i < s->n_classes_seen; i++)
        s->classes[s->classes_seen[i]] = (Class){0, 0, 0};
    s->n_seen = s->n_classes_seen = 0;
    s->n_matches = 0;
}

static STAGE void sum(const Weights *w, const Scratch *s, double *out) {
    double few[16], *logits = w->lanes == 8 ? few : s->sums;
    if (w->lanes == 8) /* five themes and boilerplate: the sums fit into registers */
        sum_blocks(w, 8, s, few + 8, logits);
    else
        sum_blocks(w, w->lanes, s, s->sums + w->lanes, logits);
    memcpy(out, logits, w->n_outputs * sizeof *out);
}

static int score(const FoldTable *folds, const Lexicon *l, const Weights *w, const Text *text, Scratch *s,
                 double *out) {
    int failed = walk(folds, l, w, text, s);
    if (!failed)
        sum(w, s, out);
    forget(s);
    return failed;
}

static void scratch_free(Scratch *s) {
    free(s->folded);
    free(s->words);
    free(s->fits);
    free(s->counts);
    free(s->seen);
    free(s->classes);
    free(s->classes_seen);
    free(s->classes_met);
    free(s->sums);
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
    s->classes_met = malloc(((size_t)w->n_classes + 1) * sizeof *s->classes_met);
    s->sums = calloc((size_t)w->lanes * 2 + 1, sizeof *s->sums);
    if (s->counts && s->seen && s->classes && s->classes_seen && s->classes_met && s->sums)
        return s;
    scratch_free(s);
    return NULL;
}

#endif
