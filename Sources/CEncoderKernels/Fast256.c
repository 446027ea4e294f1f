#include "FastKernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

// As in Fast512.c, weights of at most 63 keep the sums of two products within 16 bits.
#pragma clang attribute push(__attribute__((target("fma,avx2"))), apply_to = function)

#include "Vectors256.inc"
// Of 16 registers, 6 hold sums.
#define ROWS 3
#define DOT(sum, x, w) _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_maddubs_epi16(x, w), _mm256_set1_epi16(1)))
#define WIDE_WEIGHTS(p) _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(p)))
#define ALL_WIDE(x) _mm256_set1_epi64x(x)
#define WIDE_DOT(sum, x, w) _mm256_add_epi32(sum, _mm256_madd_epi16(x, w))
#define PAIR_SUMS(low, high) _mm256_permute4x64_epi64(_mm256_hadd_epi32(low, high), 0xd8)
#include "FastKernels.inc"

#pragma clang attribute pop

const struct fumikura_fast_kernels fumikura_fast_256 = {"AVX2", "AVX2", 63, quantize, norm, multiply, NULL};
#endif
