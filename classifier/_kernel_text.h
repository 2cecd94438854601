/* Texts as Python or a file holds them, and their folded form: words in lower-case UTF-8, parted by NUL bytes. */
#ifndef ASN_KERNEL_TEXT_H
#define ASN_KERNEL_TEXT_H

#include "_kernel_strings.h"

enum { OUT_OF_MEMORY = -1, PAGE_MISSING = -2 };

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

#define BLOCK 32

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

INLINE uint32_t unit_at(const Text *text, const int kind, size_t i) {
    if (kind == UCS2)
        return ((const uint16_t *)text->units)[i];
    if (kind == UCS4)
        return ((const uint32_t *)text->units)[i];
    return ((const uint8_t *)text->units)[i];
}

INLINE uint32_t next_code_point(const Text *text, const int kind, size_t *i) {
    return kind == UTF8 ? next_utf8(text->units, text->n, i) : unit_at(text, kind, (*i)++);
}

/* Whether the next BLOCK units are all ASCII. */
INLINE int is_ascii(const Text *text, const int kind, size_t i) {
    const size_t width = kind ? (size_t)kind : 1;
    const uint64_t high = width == 1 ? 0x8080808080808080u : width == 2 ? 0xFF80FF80FF80FF80u : 0xFFFFFF80FFFFFF80u;
    const uint8_t *p = (const uint8_t *)text->units + i * width;
    uint64_t any = 0;
    for (size_t k = 0; k < BLOCK * width; k += 8)
        any |= load64(p + k);
    return !(any & high);
}

/* So many bytes at once, in whatever registers the machine has: a baseline of x86-64 and of arm64 alike. */
typedef uint8_t Block __attribute__((vector_size(BLOCK)));

/* Fold BLOCK units, all ASCII: letters and digits stay, in lower case; all else parts words. */
INLINE void fold_ascii(const Text *text, const int kind, size_t i, uint8_t *out) {
    uint8_t bytes[BLOCK];
    Block c;
    for (size_t k = 0; k < BLOCK; k++)
        bytes[k] = (uint8_t)unit_at(text, kind, i + k);
    memcpy(&c, bytes, BLOCK);
    Block lower = c | ((Block)(c - 'A' < 26) & 32);
    Block folded = lower & ((Block)(lower - 'a' < 26) | (Block)(c - '0' < 10));
    memcpy(out, &folded, BLOCK);
}

#endif
