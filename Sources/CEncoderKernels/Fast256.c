#include "FastKernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

// As in Fast512.c, weights of at most 63 keep the sums of two products within 16 bits.
#pragma clang attribute push(__attribute__((target("fma,avx2"))), apply_to = function)

#define LANES 8
#define VECTOR_INTEGERS __m256i
// Of 16 registers, 6 hold sums.
#define ROWS 3
#define VECTORS 2
#define NO_SUM _mm256_setzero_si256()
#define LOAD_WEIGHTS(p) _mm256_loadu_si256((const __m256i *)(p))
#define ALL_FOUR(x) _mm256_set1_epi32(x)
#define DOT(sum, x, w) _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_maddubs_epi16(x, w), _mm256_set1_epi16(1)))
#define WIDE_WEIGHTS(p) _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(p)))
#define ALL_WIDE(x) _mm256_set1_epi64x(x)
#define WIDE_DOT(sum, x, w) _mm256_add_epi32(sum, _mm256_madd_epi16(x, w))
#define PAIR_SUMS(low, high) _mm256_permute4x64_epi64(_mm256_hadd_epi32(low, high), 0xd8)
#define MINIMUM(a, b) _mm256_min_ps(a, b)
#define MAXIMUM(a, b) _mm256_max_ps(a, b)
#define REDUCE_MINIMUM(v) REDUCE(v, _mm_min_ps)
#define REDUCE_MAXIMUM(v) REDUCE(v, _mm_max_ps)
#define REDUCE_SUM(v) REDUCE(v, _mm_add_ps)
#define REDUCE(v, two)                                                             \
  ({                                                                               \
    __m256 whole = (__m256)(v);                                                    \
    __m128 half = two(_mm256_castps256_ps128(whole), _mm256_extractf128_ps(whole, 1)); \
    half = two(half, _mm_movehl_ps(half, half));                                   \
    _mm_cvtss_f32(two(half, _mm_movehdup_ps(half)));                               \
  })
#define STORE_BYTES(place, q)                                                                              \
  _mm256_storeu_si256(                                                                                     \
      (__m256i *)(place), _mm256_permutevar8x32_epi32(                                                     \
                              _mm256_packus_epi16(                                                         \
                                  _mm256_packus_epi32((__m256i)q[0], (__m256i)q[1]),                       \
                                  _mm256_packus_epi32((__m256i)q[2], (__m256i)q[3])),                      \
                              _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7)))
#include "FastKernels.inc"

#pragma clang attribute pop

const struct fumikura_fast_kernels fumikura_fast_256 = {"AVX2", "AVX2", 63, quantize, norm, multiply, NULL};
#endif
