/* One walk over a text: fold it, read its words, look them up, match word classes. */
#ifndef ASN_KERNEL_WALK_H
#define ASN_KERNEL_WALK_H

#include "_kernel_fold.h"
#include "_kernel_lexicon.h"

/* Made once of a model, then only read. */
typedef struct {
    Lexicon lexicon;
    Vocabulary vocabulary;
    Weights weights;
    FoldTable folds;
} Tables;

/* --- words ---------------------------------------------------------------------------------------------------- */

static inline int is_single_character(uint8_t lead, size_t length) {
    return lead < 0xC0 ? length == 1 : length == (0x4322u >> (lead >> 4 & 3) * 4 & 15);
}

/* Words of one character of several bytes, which a folded text seldom has. */
static uint32_t count_single_wide(const Scratch *s) {
    uint32_t n = 0;
    for (size_t i = 0; i < s->n_words; i++) {
        const uint8_t *word = s->folded + s->edges[2 * i];
        n += *word >= 0xC0 && is_single_character(*word, s->edges[2 * i + 1] - s->edges[2 * i]);
    }
    return n;
}

/* The folded text ends in NULs, so that no word runs over its end. */
static STAGE int read_words(const Vocabulary *v, Scratch *s) {
    if (reserve_words(s))
        return OUT_OF_MEMORY;
    const Edges edges = find_edges(s->folded, s->n_folded, s->edges);
    s->n_words = edges.n / 2;
    s->n_counted = (uint32_t)(s->n_words - edges.n_single) - (s->wide ? count_single_wide(s) : 0);
    for (size_t i = 0; i < s->n_words; i++) {
        uint32_t start = s->edges[2 * i], length = s->edges[2 * i + 1] - start;
        Key key = word_key(s->folded + start, length);
        uint32_t bucket = bucket_of(v, key);
        __builtin_prefetch(&v->buckets[bucket]);
        s->words[i] = (Word){key, start, length, bucket};
    }
    return 0;
}

/* The fit of a word that its bucket does not hold and, in `row`, its row, wherever they stand. */
INLINE uint32_t look_closer(const Tables *t, const Scratch *s, const Word *word, uint32_t *row) {
    const uint8_t *bytes = s->folded + word->start;
    uint32_t at;
    *row = t->weights.n_words;
    if (word->length > KEY_BYTES) {
        uint32_t found = table_find(&t->lexicon.words, bytes, word->length, hash_bytes(bytes, word->length));
        if (found != NONE) {
            *row = t->lexicon.words.entries[found].row;
            return t->lexicon.words.entries[found].fit;
        }
    } else if (t->vocabulary.buckets[word->bucket].overflows) {
        const Bucket *b = vocabulary_find(&t->vocabulary, word->key, word->bucket, &at);
        if (b) {
            *row = b->rows[at];
            return b->fits[at];
        }
    }
    return may_begin(&t->lexicon, word->key.low) ? longest_stem(&t->lexicon, bytes, word->length) : t->lexicon.empty_stem;
}

/* Most words stand in the bucket that their key names.  The others, one in ten, are put off: a call among them would cost
 * all of them the registers. */
static STAGE void look_up_words(const Tables *t, Scratch *s) {
    /* Copies, which no store into an array can change, so that they need not be read again. */
    const Bucket *buckets = t->vocabulary.buckets;
    const Word *words = s->words;
    const Lanes *rows = t->weights.rows;
    uint32_t *fits = s->fits, *seen = s->seen, *counts = s->counts, *missed = s->missed;
    const size_t n = s->n_words, width = t->weights.width;
    const uint32_t no_row = t->weights.n_words;
    uint32_t n_seen = 0, n_missed = 0;
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
        fits[i] = fit;
        seen[n_seen] = row;
        n_seen += counts[row]++ == 0;
    }
    for (size_t i = 0; i < n_missed; i++) {
        uint32_t row, fit = look_closer(t, s, &words[missed[i]], &row);
        fits[missed[i]] = fit;
        seen[n_seen] = row;
        n_seen += counts[row]++ == 0;
    }
    fits[n] = 0;
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
INLINE const List *longest_list(const Lexicon *l, const uint32_t *fits, uint32_t start) {
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

INLINE int count_list(const Lexicon *l, const List *list, Scratch *s, uint32_t start) {
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
    if (!t->lexicon.words.n && !t->lexicon.stems.n) /* words alone are counted */
        return 0;
    look_up_words(t, s);
    return match_classes(&t->lexicon, s);
}

#endif
