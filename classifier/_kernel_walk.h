/* One walk over a text: fold it, read its words, look them up, match word classes, sum weights.
 *
 * Pure C11 without Python.  All that a walk writes stands in a Scratch, which one call has to itself.
 */
#ifndef ASN_KERNEL_WALK_H
#define ASN_KERNEL_WALK_H

#include "_kernel_tables.h"

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
    uint32_t pattern, stem; /* of the lexicon, as in Entry: all patterns that a word fits */
} Fit;

typedef struct {
    size_t start, end; /* in the folded text */
    uint32_t row;      /* of the weights, or NONE */
    uint32_t class;    /* of a match, whose start and end are words */
    int counted;       /* has two characters or more */
} Span;

typedef struct {
    uint8_t *folded;
    size_t capacity, n_folded;
    Fit *fits; /* one a word */
    size_t fit_capacity, n_words;
    uint32_t n_counted; /* words of two characters or more */
    uint32_t *counts;   /* word row -> how often in this text; all zero between texts */
    uint32_t *seen;     /* the rows that are not zero, in the order of the text */
    uint32_t n_seen;
    uint32_t *class_counts, *class_seen, n_class_seen;
    size_t *class_free; /* class -> the first word that it may match again */
    size_t *class_end;  /* class -> the end of its longest match at this start; zero between starts */
    uint32_t *class_met;
    double *sums;
    /* Kept where asked for: */
    int keep;
    uint32_t missing; /* a code point of the page that is missing */
    uint32_t *places; /* folded byte -> code point of the text */
    Span *spans;      /* words */
    Span *matches;
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

/* Lower-case letters and digits stay, all else parts words; no branch, so that compilers make vectors of it. */
static inline __attribute__((always_inline)) void fold_ascii_block(const Text *text, const int kind, size_t i,
                                                                   uint8_t *restrict out) {
    uint8_t block[BLOCK];
    for (size_t k = 0; k < BLOCK; k++)
        block[k] = kind == UCS4   ? (uint8_t)((const uint32_t *)text->units)[i + k]
                   : kind == UCS2 ? (uint8_t)((const uint16_t *)text->units)[i + k]
                                  : ((const uint8_t *)text->units)[i + k];
    for (size_t k = 0; k < BLOCK; k++) {
        uint8_t c = block[k];
        uint8_t lower = (uint8_t)(c - 'A') < 26 ? c + 32 : c;
        out[k] = (uint8_t)(lower - 'a') < 26 || (uint8_t)(lower - '0') < 10 ? lower : 0;
    }
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
            fold_ascii_block(text, kind, i, s->folded + out);
            i += BLOCK;
            out += BLOCK;
            continue;
        }
        size_t stop = text->n - i < BLOCK ? text->n : i + BLOCK;
        while (i < stop) {
            uint32_t c = next_code_point(text, kind, &i);
            const Fold *page = c < 0x110000 ? fold_page(table, c) : NULL;
            if (!page) {
                s->missing = c;
                return PAGE_MISSING;
            }
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

static int fold_text(const FoldTable *table, const Text *text, Scratch *s) {
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
    uint8_t lead = word[0];
    return length == (lead < 0x80 ? 1u : lead < 0xE0 ? 2u : lead < 0xF0 ? 3u : 4u);
}

static inline void take_word(const Lexicon *l, Scratch *s, const uint8_t *word, size_t length, uint64_t hash) {
    uint32_t found = table_find(&l->words, word, length, hash), row = NONE;
    int counted = !is_single_character(word, length);
    Fit fit = {0, 0};
    if (found == NONE) {
        fit.stem = longest_stem(l, word, length);
    } else {
        const Entry *e = &l->words.entries[found];
        fit = (Fit){e->pattern, e->stem};
        row = counted ? e->row : NONE;
    }
    if (row != NONE && s->counts[row]++ == 0)
        s->seen[s->n_seen++] = row;
    s->n_counted += (uint32_t)counted;
    if (s->keep)
        s->spans[s->n_words] = (Span){(size_t)(word - s->folded), (size_t)(word - s->folded) + length, row, 0, counted};
    s->fits[s->n_words++] = fit;
}

static int reserve_words(Scratch *s) {
    size_t needed = s->n_folded / 2 + 1;
    if (needed <= s->fit_capacity)
        return 0;
    Fit *fits = realloc(s->fits, needed * sizeof *fits);
    if (fits)
        s->fits = fits;
    Span *spans = s->keep ? realloc(s->spans, needed * sizeof *spans) : NULL;
    if (spans)
        s->spans = spans;
    if (!fits || (s->keep && !spans))
        return OUT_OF_MEMORY;
    s->fit_capacity = needed;
    return 0;
}

/* Words end at a NUL byte: the lowest zero of eight bytes gives the length of most words in one step, and what stands
 * below it is hashed at once. */
static int read_words(const Lexicon *l, Scratch *s) {
    s->n_words = 0;
    s->n_counted = 0;
    if (reserve_words(s))
        return OUT_OF_MEMORY;
    const uint8_t *p = s->folded, *end = s->folded + s->n_folded;
    for (;;) {
        while (p < end && !*p)
            p++;
        if (p == end)
            return 0;
        const uint8_t *word = p;
        uint64_t hash = HASH_SEED, x, zeros;
        for (;; p += 8) {
            x = load64(p);
            zeros = (x - 0x0101010101010101u) & ~x & 0x8080808080808080u;
            if (zeros)
                break;
            hash = mix(hash ^ x);
        }
        p += __builtin_ctzll(zeros) >> 3;
        take_word(l, s, word, (size_t)(p - word), mix(hash ^ (x & (((zeros & -zeros) >> 7) - 1))));
    }
}

/* --- word classes --------------------------------------------------------------------------------------------- */

typedef struct {
    const Lexicon *l;
    Scratch *s;
    uint32_t n_met; /* classes met from the present start */
} Matcher;

static void visit(Matcher *m, uint32_t node, size_t end, size_t limit) {
    const Node *here = &m->l->nodes[node];
    for (uint32_t i = here->names; i; i = m->l->links[i].next) {
        uint32_t class = m->l->links[i].class;
        if (!m->s->class_end[class])
            m->s->class_met[m->n_met++] = class;
        if (m->s->class_end[class] < end)
            m->s->class_end[class] = end;
    }
    if (!here->children || end == limit)
        return;
    Fit fit = m->s->fits[end];
    uint32_t child;
    if (fit.pattern && (child = child_of(m->l, node, fit.pattern)))
        visit(m, child, end + 1, limit);
    for (uint32_t stem = fit.stem; stem; stem = m->l->stems.entries[stem - 1].stem)
        if ((child = child_of(m->l, node, m->l->stems.entries[stem - 1].pattern)))
            visit(m, child, end + 1, limit);
}

static int keep_match(Scratch *s, uint32_t class, size_t start, size_t end) {
    if (s->n_matches == s->match_capacity) {
        size_t capacity = s->match_capacity ? s->match_capacity * 2 : 64;
        Span *matches = realloc(s->matches, capacity * sizeof *matches);
        if (!matches)
            return OUT_OF_MEMORY;
        s->matches = matches;
        s->match_capacity = capacity;
    }
    s->matches[s->n_matches++] = (Span){start, end, NONE, class, 0};
    return 0;
}

/* The classes met from `start`: a match counts where the class's last one has ended. */
static int settle(Matcher *m, size_t start) {
    Scratch *s = m->s;
    for (uint32_t i = 0; i < m->n_met; i++) {
        uint32_t class = s->class_met[i];
        size_t end = s->class_end[class];
        s->class_end[class] = 0;
        if (start < s->class_free[class])
            continue;
        s->class_free[class] = end;
        if (s->class_counts[class]++ == 0)
            s->class_seen[s->n_class_seen++] = class;
        if (s->keep && keep_match(s, class, start, end))
            return OUT_OF_MEMORY;
    }
    m->n_met = 0;
    return 0;
}

static int match_classes(const Lexicon *l, Scratch *s) {
    Matcher m = {l, s, 0};
    for (size_t start = 0; start < s->n_words; start++) {
        Fit fit = s->fits[start];
        if (!(fit.pattern | fit.stem))
            continue;
        size_t limit = start + MAX_ENTRY_WORDS < s->n_words ? start + MAX_ENTRY_WORDS : s->n_words;
        if (l->starts[fit.pattern])
            visit(&m, l->starts[fit.pattern], start + 1, limit);
        for (uint32_t stem = fit.stem; stem; stem = l->stems.entries[stem - 1].stem) {
            uint32_t node = l->starts[l->stems.entries[stem - 1].pattern];
            if (node)
                visit(&m, node, start + 1, limit);
        }
        if (m.n_met && settle(&m, start))
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

static inline __attribute__((always_inline)) void end_block(const Weights *w, const uint32_t lanes,
                                                            double *restrict sums, double *norm2, double *out) {
    double norm = *norm2 > 0.0 ? sqrt(*norm2) : 1.0;
    for (uint32_t k = 0; k < w->n_outputs; k++)
        out[k] += sums[k] / norm;
    for (uint32_t k = 0; k < lanes; k++)
        sums[k] = 0.0;
    *norm2 = 0.0;
}

static inline __attribute__((always_inline)) void sum_blocks(const Weights *w, const uint32_t lanes, const Scratch *s,
                                                             double *restrict sums, double *out) {
    double norm2 = 0.0;
    memcpy(out, w->intercept, w->n_outputs * sizeof *out);
    memset(sums, 0, lanes * sizeof *sums);
    for (uint32_t i = 0; i < s->n_seen; i++)
        add_row(w, lanes, s->seen[i], tf_weight(w, s->counts[s->seen[i]]), sums, &norm2);
    end_block(w, lanes, sums, &norm2, out);
    for (uint32_t level = 0; level < 2; level++) { /* coarse, fine */
        for (uint32_t i = 0; i < s->n_class_seen; i++) {
            uint32_t class = s->class_seen[i], row = w->class_rows[class * 3 + level];
            if (row != NONE)
                add_row(w, lanes, row, tf_weight(w, s->class_counts[class]), sums, &norm2);
        }
        end_block(w, lanes, sums, &norm2, out);
    }
    for (uint32_t class = 0; class < w->n_coarse; class++) {
        uint32_t row = w->class_rows[class * 3 + 2];
        if (row != NONE && !s->class_counts[class])
            add_row(w, lanes, row, 1.0, sums, &norm2);
    }
    end_block(w, lanes, sums, &norm2, out);
    uint32_t length = 0;
    while (length + 1 < w->n_lengths && w->lengths[(length + 1) * 2] <= s->n_counted)
        length++;
    if (w->n_lengths && w->lengths[length * 2 + 1] != NONE)
        add_row(w, lanes, w->lengths[length * 2 + 1], 1.0, sums, &norm2);
    end_block(w, lanes, sums, &norm2, out);
}

/* --- a text --------------------------------------------------------------------------------------------------- */

static int walk(const FoldTable *folds, const Lexicon *l, const Text *text, Scratch *s) {
    int failed = fold_text(folds, text, s);
    return failed ? failed : read_words(l, s) || match_classes(l, s) ? OUT_OF_MEMORY : 0;
}

/* Make the scratch ready for the next text, in time that depends on this text alone. */
static void forget(Scratch *s) {
    for (uint32_t i = 0; i < s->n_seen; i++)
        s->counts[s->seen[i]] = 0;
    for (uint32_t i = 0; i < s->n_class_seen; i++) {
        s->class_counts[s->class_seen[i]] = 0;
        s->class_free[s->class_seen[i]] = 0;
    }
    s->n_seen = s->n_class_seen = 0;
    s->n_matches = 0;
}

static int score(const FoldTable *folds, const Lexicon *l, const Weights *w, const Text *text, Scratch *s,
                 double *out) {
    int failed = walk(folds, l, text, s);
    if (!failed && w->lanes == 8) { /* five themes and boilerplate: the sums fit into registers */
        double sums[8];
        sum_blocks(w, 8, s, sums, out);
    } else if (!failed) {
        sum_blocks(w, w->lanes, s, s->sums, out);
    }
    forget(s);
    return failed;
}

static void scratch_free(Scratch *s) {
    free(s->folded);
    free(s->fits);
    free(s->counts);
    free(s->seen);
    free(s->class_counts);
    free(s->class_seen);
    free(s->class_free);
    free(s->class_end);
    free(s->class_met);
    free(s->sums);
    free(s->places);
    free(s->spans);
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
    s->class_counts = calloc((size_t)w->n_classes + 1, sizeof *s->class_counts);
    s->class_seen = malloc(((size_t)w->n_classes + 1) * sizeof *s->class_seen);
    s->class_free = calloc((size_t)w->n_classes + 1, sizeof *s->class_free);
    s->class_end = calloc((size_t)w->n_classes + 1, sizeof *s->class_end);
    s->class_met = malloc(((size_t)w->n_classes + 1) * sizeof *s->class_met);
    s->sums = calloc((size_t)w->lanes + 1, sizeof *s->sums);
    if (s->counts && s->seen && s->class_counts && s->class_seen && s->class_free && s->class_end && s->class_met &&
        s->sums)
        return s;
    scratch_free(s);
    return NULL;
}

#endif
