/* One walk over a text: fold it, read its words, look them up, match word classes.
 *
 * All that a walk writes stands in a Scratch, which one call has to itself.
 */
#ifndef ASN_KERNEL_WALK_H
#define ASN_KERNEL_WALK_H

#include "_kernel_lexicon.h"
#include "_kernel_text.h"
#include "_kernel_vocabulary.h"
#include "_kernel_weights.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* A function of its own in every build, so that a profile tells the stages apart; on x86-64 three times, the loader takes
 * the one that the processor can run. */
#if defined(__x86_64__) && defined(__gnu_linux__)
#define STAGE __attribute__((noinline, target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define STAGE __attribute__((noinline))
#endif

/* Made once of a model, then only read. */
typedef struct {
    Lexicon lexicon;
    Vocabulary vocabulary;
    Weights weights;
    FoldTable folds;
} Tables;

typedef struct {
    Key key;
    uint32_t start, length; /* in the folded text */
    uint32_t bucket;        /* of the vocabulary */
} Word;

/* A word class in the present text; all zero between texts. */
typedef struct {
    uint32_t count;
    uint32_t free; /* the first word that it may match again */
} Class;

typedef struct {
    uint32_t class, start, end; /* words */
} Match;

typedef struct {
    uint8_t *folded;
    size_t capacity, n_folded;
    Word *words;
    uint32_t *places; /* folded byte -> code point of the text, where `keep` */
    union {
        uint32_t *edges;  /* first: where words begin and end in the folded text, in turn */
        uint32_t *missed; /* then: the words that don't stand where their key says */
        uint32_t *starts; /* last: the words where an entry of the lexicon may begin */
    };
    uint32_t *fits;   /* one a word and, last, one that fits nothing */
    size_t n_words, word_capacity;
    uint32_t n_counted; /* words of two characters or more */
    uint32_t *counts;   /* word row -> how often in this text; all zero between texts, but for a last one */
    uint32_t *seen;     /* the rows that are not zero, in an order that the text alone decides */
    uint32_t n_seen;
    Match *matches;   /* those that count, where `keep` */
    uint32_t n_matches, match_capacity;
    Class *classes;
    uint32_t *classes_seen, n_classes_seen; /* those counted, in the order of the text */
    int keep; /* whether places and matches are wanted: to explain or to count */
} Scratch;

/* --- folding -------------------------------------------------------------------------------------------------- */

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

/* Beyond a character that is not ASCII, so many that are let the blocks go on: with one, accents and marks took twice the
 * time, with four news a hundredth more. */
#define ASCII_AGAIN 2

/* Fold units from `i` on, a block at a time, up to the block that is not all ASCII; return where that begins.  Of a last
 * block that is not full the units before it are folded once more. */
INLINE size_t fold_ascii_run(const Text *text, const int kind, size_t i, uint8_t *out) {
    const size_t begin = i;
    for (; text->n - i >= BLOCK; i += BLOCK) {
        if (!is_ascii(text, kind, i))
            return i;
        fold_ascii(text, kind, i, out + (i - begin));
    }
    size_t last = text->n - BLOCK;
    if (i == text->n || text->n - begin < BLOCK || !is_ascii(text, kind, last))
        return i;
    fold_ascii(text, kind, last, out + (last - begin));
    return text->n;
}

INLINE int fold_kind(const FoldTable *table, const Text *text, const int kind, Scratch *s) {
    size_t i = 0, out = 0, code_point_index = 0;
    while (i < text->n) {
        if (scratch_reserve(s, out + (text->n - i) + BLOCK * FOLD_BYTES + PADDING))
            return OUT_OF_MEMORY;
        if (!s->keep) {
            size_t next = fold_ascii_run(text, kind, i, s->folded + out);
            out += next - i;
            i = next;
        }
        const size_t stop = text->n - i < BLOCK ? text->n : i + BLOCK;
        /* Starts where it can't reach ASCII_AGAIN before the character that ended the run. */
        for (int ascii = -BLOCK; i < stop;) {
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
            ascii = c < 0x80 ? ascii + 1 : 0;
            if (ascii == ASCII_AGAIN && !s->keep)
                break;
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

static inline int is_single_character(uint8_t lead, size_t length) {
    return lead < 0xC0 ? length == 1 : length == (0x4322u >> (lead >> 4 & 3) * 4 & 15);
}

#define EDGES_AT_ONCE 8

static int reserve_words(Scratch *s) {
    size_t needed = s->n_folded / 2 + 2;
    if (needed <= s->word_capacity)
        return 0;
    Word *words = realloc(s->words, needed * sizeof *words);
    s->words = words ? words : s->words;
    uint32_t *fits = realloc(s->fits, needed * sizeof *fits);
    s->fits = fits ? fits : s->fits;
    uint32_t *edges = realloc(s->edges, (2 * needed + EDGES_AT_ONCE) * sizeof *edges);
    s->edges = edges ? edges : s->edges;
    if (!words || !fits || !edges)
        return OUT_OF_MEMORY;
    s->word_capacity = needed;
    return 0;
}

/* One bit a byte, set where the byte is part of a word. */
static inline uint64_t word_bytes(const uint8_t *p) {
    uint64_t mask = 0;
#ifdef __SSE2__
    for (int i = 0; i < 64; i += 16) {
        __m128i zeros = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(p + i)), _mm_setzero_si128());
        mask |= (uint64_t)(uint16_t)~_mm_movemask_epi8(zeros) << i;
    }
#else
    for (int i = 0; i < 64; i += 8) { /* the highest bit of every byte that is not zero, gathered */
        uint64_t x = load64(p + i);
        x = (x | ((x & 0x7F7F7F7F7F7F7F7Fu) + 0x7F7F7F7F7F7F7F7Fu)) >> 7 & 0x0101010101010101u;
        mask |= (x * 0x0102040810204080u >> 56) << i;
    }
#endif
    return mask;
}

/* Write where words begin and end, in turn; return how many such places there are.  Places are written by the eight,
 * some of them in vain: a branch on how many words stand in 64 bytes can't be foretold. */
INLINE size_t find_edges(const uint8_t *folded, size_t n, uint32_t *edges) {
    size_t found = 0;
    uint64_t carry = 0;
    for (size_t base = 0; base <= n; base += 64) {
        uint64_t inside = word_bytes(folded + base), turns = inside ^ (inside << 1 | carry);
        int count = __builtin_popcountll(turns);
        carry = inside >> 63;
        for (int done = 0; done < count; done += EDGES_AT_ONCE)
            for (int k = 0; k < EDGES_AT_ONCE; k++) {
                edges[found + (size_t)(done + k)] = (uint32_t)base + (uint32_t)__builtin_ctzll(turns | (uint64_t)1 << 63);
                turns &= turns - 1;
            }
        found += (size_t)count;
    }
    return found;
}

/* The folded text ends in NULs, so that no word runs over its end. */
static STAGE int read_words(const Vocabulary *v, Scratch *s) {
    if (reserve_words(s))
        return OUT_OF_MEMORY;
    s->n_words = find_edges(s->folded, s->n_folded, s->edges) / 2;
    for (size_t i = 0; i < s->n_words; i++) {
        uint32_t start = s->edges[2 * i], length = s->edges[2 * i + 1] - start;
        Key key = word_key(s->folded + start, length);
        uint32_t bucket = bucket_of(v, key);
        __builtin_prefetch(&v->buckets[bucket]);
        s->words[i] = (Word){key, start, length, bucket};
    }
    return 0;
}

/* The fit of a word and, in `row`, its row, wherever they stand. */
static uint32_t look_closer(const Tables *t, const Scratch *s, const Word *word, uint32_t *row) {
    const uint8_t *bytes = s->folded + word->start;
    uint32_t at;
    *row = t->weights.n_words;
    if (word->length > KEY_BYTES) {
        uint32_t found = table_find(&t->lexicon.words, bytes, word->length, hash_bytes(bytes, word->length));
        if (found != NONE) {
            *row = t->lexicon.words.entries[found].row;
            return t->lexicon.words.entries[found].fit;
        }
    } else {
        const Bucket *b = vocabulary_find(&t->vocabulary, word->key, word->bucket, &at);
        if (b) {
            *row = b->rows[at];
            return b->fits[at];
        }
    }
    return longest_stem(&t->lexicon, bytes, word->length);
}

/* Most words stand in the bucket that their key names.  The others, one in ten, are put off: a call among them would cost
 * all of them the registers. */
static STAGE void look_up_words(const Tables *t, Scratch *s) {
    /* Copies, which no store into an array can change, so that they need not be read again. */
    const Bucket *buckets = t->vocabulary.buckets;
    const Word *words = s->words;
    const List *lists = t->lexicon.lists;
    const Lanes *rows = t->weights.rows;
    uint32_t *fits = s->fits, *seen = s->seen, *counts = s->counts, *missed = s->missed;
    const size_t n = s->n_words, width = t->weights.width;
    const uint32_t no_row = t->weights.n_words;
    uint32_t n_single = 0, n_seen = 0, n_missed = 0;
    /* Words without weights are counted under a row that is never new. */
    counts[no_row] = 1;
    for (size_t i = 0; i < n; i++) {
        const Word *word = &words[i];
        const Bucket *b = &buckets[word->bucket];
        uint32_t at, hit = key_in(b, word->key, &at) & (word->length <= KEY_BYTES);
        uint32_t row = hit ? b->rows[at] : no_row, fit = hit ? b->fits[at] : 0;
        missed[n_missed] = (uint32_t)i;
        n_missed += !hit;
        __builtin_prefetch(&rows[row * width]);
        __builtin_prefetch(&lists[list_of(fit)]);
        fits[i] = fit;
        seen[n_seen] = row;
        n_seen += counts[row]++ == 0;
        n_single += (uint32_t)is_single_character((uint8_t)word->key.low, word->length);
    }
    for (size_t i = 0; i < n_missed; i++) {
        uint32_t row, fit = look_closer(t, s, &words[missed[i]], &row);
        fits[missed[i]] = fit;
        __builtin_prefetch(&lists[list_of(fit)]);
        seen[n_seen] = row;
        n_seen += counts[row]++ == 0;
    }
    fits[n] = 0;
    s->n_counted = (uint32_t)n - n_single;
    s->n_seen = n_seen;
}

/* --- word classes --------------------------------------------------------------------------------------------- */

static int keep_match(Scratch *s, Match match) {
    if (!grow((void **)&s->matches, s->n_matches, &s->match_capacity, sizeof match))
        return OUT_OF_MEMORY;
    s->matches[s->n_matches++] = match;
    return 0;
}

/* A match counts where the last one of its class that counts has ended. */
static inline int count_match(Scratch *s, uint32_t class, uint32_t start, uint32_t end) {
    Class *c = &s->classes[class];
    uint32_t counts = start >= c->free;
    s->classes_seen[s->n_classes_seen] = class;
    s->n_classes_seen += counts & (c->count == 0);
    c->count += counts;
    c->free = counts ? end : c->free;
    return s->keep && counts ? keep_match(s, (Match){class, start, end}) : 0;
}

/* What counts at a word with which, and the next one, an entry may begin. */
static const List *longest_list(const Lexicon *l, const uint32_t *fits, uint32_t start) {
    const List *list = &l->lists[list_of(fits[start])];
    for (uint32_t from = fits[start]; list->goes_on;) {
        uint32_t place = step_place(l, from, fits[++start]);
        if (!l->steps[place].by)
            break;
        list = &l->steps[place].list;
        from = step_number(l, place);
    }
    return list;
}

static int count_list(const Lexicon *l, const List *list, Scratch *s, uint32_t start) {
    int failed = 0;
    for (uint32_t k = 0; k < list->n; k++) {
        uint32_t item = item_at(l, list, k);
        failed |= count_match(s, class_of(item), start, start + 1 + n_more_of(item));
    }
    return failed;
}

/* Find the words where something begins, one in four, without a branch, and of these the ones that may begin more than a
 * single word; then count. */
static STAGE int match_classes(const Lexicon *l, Scratch *s) {
    const uint32_t *fits = s->fits;
    const uint64_t *pairs = l->pairs;
    uint32_t *starts = s->starts, *longer = starts + s->word_capacity;
    size_t n = 0, n_longer = 0;
    for (size_t start = 0; start < s->n_words; start++) {
        uint32_t fit = fits[start];
        uint32_t is_longer = ((fit & GOES_ON) != 0) & bit_of(pairs, pair_bit(fit, fits[start + 1]));
        starts[n] = (uint32_t)start << 1 | is_longer;
        longer[n_longer] = (uint32_t)start;
        n += (fit & HAS_ITEMS) | is_longer;
        n_longer += is_longer;
    }
    for (size_t i = 0; i < n_longer; i++)
        __builtin_prefetch(&l->steps[step_home(l, fits[longer[i]], fits[longer[i] + 1])]);
    int failed = 0;
    for (size_t i = 0; i < n && !failed; i++) {
        uint32_t start = starts[i] >> 1;
        failed = count_list(l, starts[i] & 1 ? longest_list(l, fits, start) : &l->lists[list_of(fits[start])], s, start);
    }
    return failed;
}

static int walk(const Tables *t, const Text *text, Scratch *s) {
    int failed = fold_text(&t->folds, text, s);
    if (failed)
        return failed;
    if (read_words(&t->vocabulary, s))
        return OUT_OF_MEMORY;
    look_up_words(t, s);
    return match_classes(&t->lexicon, s);
}

/* Make the scratch ready for the next text, in time that depends on this text alone. */
static void forget(Scratch *s) {
    for (uint32_t i = 0; i < s->n_seen; i++)
        s->counts[s->seen[i]] = 0;
    for (uint32_t i = 0; i < s->n_classes_seen; i++)
        s->classes[s->classes_seen[i]] = (Class){0, 0};
    s->n_seen = s->n_classes_seen = 0;
    s->n_matches = 0;
}

static void scratch_free(Scratch *s) {
    free(s->folded);
    free(s->words);
    free(s->fits);
    free(s->edges);
    free(s->counts);
    free(s->seen);
    free(s->classes);
    free(s->classes_seen);
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
    if (s->counts && s->seen && s->classes && s->classes_seen)
        return s;
    scratch_free(s);
    return NULL;
}

#endif
