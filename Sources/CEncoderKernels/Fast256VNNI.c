#include "FastKernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avxvnni,fma,avx2"))), apply_to = function)

#define LANES 8
#define VECTOR_INTEGERS __m256i
// Of 16 registers, 12 hold sums.
#define ROWS 6
#define VECTORS 2
#define NO_SUM _mm256_setzero_si256()
#define LOAD_WEIGHTS(p) _mm256_loadu_si256((const __m256i *)(p))
#define ALL_FOUR(x) _mm256_set1_epi32(x)
#define DOT(sum, x, w) _mm256_dpbusd_avx_epi32(sum, x, w)
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

const struct fumikura_fast_kernels fumikura_fast_256_vnni = {"AVX2 VNNI", "AVX2_VNNI", 127, quantize, norm, multiply, NULL};
#endif
