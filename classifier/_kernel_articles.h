/* From articles to paragraphs: the compiled twin of classifier/article.py, on the characters of a str where they stand.
 *
 * What is white space, a letter or a digit is asked of Python itself, whose tables need no interpreter lock.
 */
#ifndef ASN_KERNEL_ARTICLES_H
#define ASN_KERNEL_ARTICLES_H

#include <Python.h>

#include "_kernel_text.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* A paragraph, in code points of its field; `content` where it has a letter or a digit and is no page furniture. */
typedef struct {
    int64_t start, end, content;
} Place;

/* What an article consists of: its title and its text. */
#define FIELDS 2

typedef struct {
    Place *places;
    Text *texts; /* the paragraphs as texts of their own */
    size_t n, capacity;
} Cuts;

enum { SPACE = 1, LINE_END = 2, ALNUM = 4, STOP = 8, CLOSER = 16, OPENER = 32, BEGINNING = 64 };

/* The marks of the first code points, which are nearly all that an article has. */
static uint8_t latin_marks[256];

static uint8_t marks_of(uint32_t c) {
    uint8_t marks = Py_UNICODE_ISSPACE(c) ? SPACE : 0;
    marks |= Py_UNICODE_ISALNUM(c) ? ALNUM : 0;
    if ((c >= 0x0A && c <= 0x0D) || c == 0x85 || c == 0x2028 || c == 0x2029)
        marks |= LINE_END;
    if (c == '.' || c == '!' || c == '?')
        marks |= STOP;
    if (c == '"' || c == '\'' || c == 0x201D || c == 0x2019 || c == ')' || c == ']')
        marks |= CLOSER;
    if (c == '"' || c == '\'' || c == 0x201C || c == 0x2018 || c == '(' || c == '[')
        marks |= OPENER;
    if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
        marks |= BEGINNING;
    return marks;
}

static void articles_init(void) {
    for (uint32_t c = 0; c < 256; c++)
        latin_marks[c] = marks_of(c);
}

INLINE uint8_t marks_at(const Text *text, const int kind, size_t i) {
    uint32_t c = next_code_point(text, kind, &i);
    return c < 256 ? latin_marks[c] : marks_of(c);
}

static int cuts_grow(Cuts *cuts) {
    if (cuts->n < cuts->capacity)
        return 0;
    size_t capacity = cuts->capacity ? cuts->capacity * 2 : 64;
    Place *places = realloc(cuts->places, capacity * sizeof *places);
    if (places)
        cuts->places = places;
    Text *texts = realloc(cuts->texts, capacity * sizeof *texts);
    if (texts)
        cuts->texts = texts;
    if (!places || !texts)
        return OUT_OF_MEMORY;
    cuts->capacity = capacity;
    return 0;
}

static void cuts_free(Cuts *cuts) {
    free(cuts->places);
    free(cuts->texts);
}

/* Keep a piece without the white space at its ends; nothing where it is all white space. */
INLINE int keep_paragraph(const Text *text, const int kind, size_t start, size_t end, Cuts *cuts) {
    while (start < end && marks_at(text, kind, start) & SPACE)
        start++;
    if (start == end)
        return 0;
    while (marks_at(text, kind, end - 1) & SPACE)
        end--;
    size_t letter = start;
    while (letter < end && !(marks_at(text, kind, letter) & ALNUM))
        letter++;
    if (cuts_grow(cuts))
        return OUT_OF_MEMORY;
    cuts->places[cuts->n] = (Place){(int64_t)start, (int64_t)end, letter < end};
    cuts->texts[cuts->n++] = (Text){(const uint8_t *)text->units + start * (size_t)kind, end - start, kind};
    return 0;
}

INLINE size_t skip(const Text *text, const int kind, size_t i, size_t end, uint8_t mark, size_t most) {
    size_t stop = end - i < most ? end : i + most;
    while (i < stop && marks_at(text, kind, i) & mark)
        i++;
    return i;
}

/* Return where the next sentence begins if one ends at the stop at `i`, or else 0. */
INLINE size_t next_sentence(const Text *text, const int kind, size_t i, size_t end) {
    size_t closed = skip(text, kind, i + 1, end, CLOSER, 3);
    size_t next = skip(text, kind, closed, end, SPACE, end);
    size_t opened = skip(text, kind, next, end, OPENER, 2);
    return next > closed && opened < end && marks_at(text, kind, opened) & BEGINNING ? next : 0;
}

/* Cut a line of too many words into runs of whole sentences. */
INLINE int cut_line(const Text *text, const int kind, size_t start, size_t end, size_t max_words, Cuts *cuts) {
    size_t run = start, run_words = 0;
    for (size_t sentence = start; sentence < end;) {
        size_t i = sentence, next = 0, words = 0;
        for (uint8_t before = SPACE; i < end && !next; i++) {
            uint8_t marks = marks_at(text, kind, i);
            words += before & ~marks & SPACE;
            before = marks;
            if (marks & STOP)
                next = next_sentence(text, kind, i, end);
        }
        if (run_words && run_words + words > max_words) {
            if (keep_paragraph(text, kind, run, sentence, cuts))
                return OUT_OF_MEMORY;
            run = sentence;
            run_words = 0;
        }
        run_words += words;
        sentence = next ? next : end;
    }
    return keep_paragraph(text, kind, run, end, cuts);
}

#ifdef __SSE2__
#define SCANNED 16

/* Lanes of `c` from `first` to `last`. */
static inline __m128i between(__m128i c, char first, char last) {
    __m128i offset = _mm_sub_epi8(c, _mm_set1_epi8(first));
    return _mm_cmpeq_epi8(_mm_min_epu8(offset, _mm_set1_epi8((char)(last - first))), offset);
}

/* Look at sixteen code points at once: a bit for each white space and each end of a line.  Fails where one lies beyond
 * the first 256. */
INLINE int scan(const Text *text, const int kind, size_t i, uint32_t *spaces, uint32_t *ends) {
    const __m128i *p = (const __m128i *)((const uint8_t *)text->units + i * (size_t)kind);
    __m128i c = _mm_loadu_si128(p);
    if (kind == UCS2) {
        __m128i more = _mm_loadu_si128(p + 1);
        __m128i high = _mm_srli_epi16(_mm_or_si128(c, more), 8);
        if (_mm_movemask_epi8(_mm_cmpeq_epi8(high, _mm_setzero_si128())) != 0xFFFF)
            return 0;
        c = _mm_packus_epi16(c, more);
    }
    __m128i next_line = _mm_cmpeq_epi8(c, _mm_set1_epi8((char)0x85));
    __m128i end = _mm_or_si128(between(c, 0x0A, 0x0D), next_line);
    __m128i space = _mm_or_si128(_mm_or_si128(between(c, 0x1C, 0x20), _mm_cmpeq_epi8(c, _mm_set1_epi8((char)0xA0))),
                                 _mm_or_si128(end, _mm_cmpeq_epi8(c, _mm_set1_epi8('\t'))));
    *spaces = (uint32_t)_mm_movemask_epi8(space);
    *ends = (uint32_t)_mm_movemask_epi8(end);
    return 1;
}
#endif

/* Find the end of the line that begins at `i` and count its words. */
INLINE size_t line_end(const Text *text, const int kind, size_t i, size_t *words) {
    uint8_t before = SPACE;
    while (i < text->n) {
#ifdef __SSE2__
        uint32_t spaces, ends;
        if (kind != UCS4 && text->n - i >= SCANNED && scan(text, kind, i, &spaces, &ends)) {
            uint32_t begun = (spaces << 1 | before) & ~spaces;
            if (ends)
                begun &= (ends & -ends) - 1;
            *words += (size_t)__builtin_popcount(begun & 0xFFFF);
            if (ends)
                return i + (size_t)__builtin_ctz(ends);
            before = spaces >> (SCANNED - 1) & SPACE;
            i += SCANNED;
            continue;
        }
#endif
        uint8_t marks = marks_at(text, kind, i);
        if (marks & LINE_END)
            break;
        *words += before & ~marks & SPACE;
        before = marks & SPACE;
        i++;
    }
    return i;
}

INLINE int cut_kind(const Text *text, const int kind, size_t max_words, Cuts *cuts) {
    int failed = 0;
    for (size_t start = 0, end; start < text->n && !failed; start = end + 1) {
        size_t words = 0;
        end = line_end(text, kind, start, &words);
        failed = words <= max_words ? keep_paragraph(text, kind, start, end, cuts)
                                    : cut_line(text, kind, start, end, max_words, cuts);
    }
    return failed;
}

/* Append the paragraphs of a text. */
static STAGE int cut(const Text *text, size_t max_words, Cuts *cuts) {
    switch (text->kind) {
    case LATIN1:
        return cut_kind(text, LATIN1, max_words, cuts);
    case UCS2:
        return cut_kind(text, UCS2, max_words, cuts);
    default:
        return cut_kind(text, UCS4, max_words, cuts);
    }
}

#endif
