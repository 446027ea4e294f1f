#include "FastKernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

// The sum of two products of bytes has 16 bits here, and is cut off at their ends: with weights of at most 63 it fits,
// 2 · 255 · 63 < 2^15.
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,fma,avx2"))), apply_to = function)

#include "Vectors512.inc"
#define DOT(sum, x, w) _mm512_add_epi32(sum, _mm512_madd_epi16(_mm512_maddubs_epi16(x, w), _mm512_set1_epi16(1)))
#define WIDE_WEIGHTS(p) _mm512_cvtepi8_epi16(_mm256_loadu_si256((const __m256i *)(p)))
#define ALL_WIDE(x) _mm512_set1_epi64(x)
#define WIDE_DOT(sum, x, w) _mm512_add_epi32(sum, _mm512_madd_epi16(x, w))
#define PAIR_SUMS(low, high)                                                                               \
  _mm512_add_epi32(                                                                                        \
      _mm512_permutex2var_epi32(                                                                           \
          low, _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30), high),        \
      _mm512_permutex2var_epi32(                                                                           \
          low, _mm512_setr_epi32(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31), high))
#include "FastKernels.inc"

#pragma clang attribute pop

const struct fumikura_fast_kernels fumikura_fast_512 = {"AVX-512", "AVX512_CORE", 63, quantize, norm, multiply, NULL};
#endif
