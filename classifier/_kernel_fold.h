/* From a text to its folded form. */
#ifndef ASN_KERNEL_FOLD_H
#define ASN_KERNEL_FOLD_H

#include "_kernel_scratch.h"

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
    s->wide = 0;
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
            s->wide |= fold->length > 1;
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

#endif
