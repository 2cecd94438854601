/* Where words begin and end in a folded text: in the machine's plain instructions, and by the 64 bytes where it can. */
#ifndef ASN_KERNEL_EDGES_H
#define ASN_KERNEL_EDGES_H

#include "_kernel_strings.h"

#ifdef __SSE2__
#include <immintrin.h>
#endif

/* So many edges may be written beyond the last one, in vain. */
#define EDGES_BEYOND 64

/* How many edges there are, and how many words of one byte. */
typedef struct {
    size_t n, n_single;
} Edges;

/* What is known of the places before the next 64. */
typedef struct {
    uint64_t inside, begun; /* 1 where the last of them is part of a word, and where it begins one */
    size_t n_single;        /* words of one byte: they begin at a place and end at the next */
} Before;

/* One bit a place, set where a word begins or has ended; `inside` has one where a place is part of a word. */
INLINE uint64_t turns_of(uint64_t inside, Before *before) {
    const uint64_t turns = inside ^ (inside << 1 | before->inside), begins = inside & turns;
    before->n_single += (size_t)__builtin_popcountll(begins & turns >> 1) + (turns & before->begun);
    before->inside = inside >> 63;
    before->begun = begins >> 63;
    return turns;
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

/* Places are written by the eight, some of them in vain: a branch on how many words stand in 64 bytes can't be foretold. */
#define EDGES_AT_ONCE 8
static STAGE Edges find_edges_anywhere(const uint8_t *folded, size_t n, uint32_t *edges) {
    size_t found = 0;
    Before before = {0};
    for (size_t base = 0; base <= n; base += 64) {
        uint64_t turns = turns_of(word_bytes(folded + base), &before);
        int count = __builtin_popcountll(turns);
        for (int done = 0; done < count; done += EDGES_AT_ONCE)
            for (int k = 0; k < EDGES_AT_ONCE; k++) {
                edges[found + (size_t)(done + k)] = (uint32_t)base + (uint32_t)__builtin_ctzll(turns | (uint64_t)1 << 63);
                turns &= turns - 1;
            }
        found += (size_t)count;
    }
    return (Edges){found, before.n_single};
}

#ifdef DISPATCHED
static const uint8_t first_64[64] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
                                     22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
                                     44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};

__attribute__((target("popcnt,avx512bw,avx512vbmi2"))) static inline __m512i sixteen(__m512i base, __m128i places) {
    return _mm512_add_epi32(base, _mm512_cvtepu8_epi32(places));
}

/* The same by an instruction that packs the places of set bits: 4 % of the kernel's time. */
static __attribute__((noinline, target("popcnt,avx512bw,avx512vbmi2"))) Edges
find_edges_packed(const uint8_t *folded, size_t n, uint32_t *edges) {
    const __m512i all = _mm512_loadu_si512(first_64);
    size_t found = 0;
    Before before = {0};
    for (size_t base = 0; base <= n; base += 64) {
        const __m512i bytes = _mm512_loadu_si512(folded + base), from = _mm512_set1_epi32((int)base);
        const uint64_t turns = turns_of(_mm512_test_epi8_mask(bytes, bytes), &before);
        const __m512i places = _mm512_maskz_compress_epi8(turns, all);
        uint32_t *out = edges + found;
        found += (size_t)__builtin_popcountll(turns);
        _mm512_storeu_si512(out, sixteen(from, _mm512_castsi512_si128(places)));
        _mm512_storeu_si512(out + 16, sixteen(from, _mm512_extracti32x4_epi32(places, 1)));
        if (out + 32 >= edges + found) /* nearly always: words of one letter alone would be more */
            continue;
        _mm512_storeu_si512(out + 32, sixteen(from, _mm512_extracti32x4_epi32(places, 2)));
        _mm512_storeu_si512(out + 48, sixteen(from, _mm512_extracti32x4_epi32(places, 3)));
    }
    return (Edges){found, before.n_single};
}
#endif

/* Write where words begin and end, in turn; return how many there are.  64 bytes are read from each begun. */
static Edges (*find_edges)(const uint8_t *folded, size_t n, uint32_t *edges) = find_edges_anywhere;

static void edges_init(void) {
#ifdef DISPATCHED
    if (__builtin_cpu_supports("popcnt") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vbmi2"))
        find_edges = find_edges_packed;
#endif
}

#endif
