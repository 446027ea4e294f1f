#include "FastKernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avxvnni,fma,avx2"))), apply_to = function)

#define LANES 8
#define VECTOR_INTEGERS __m256i
// Of 16 registers, 12 hold sums.
#define ROWS 3
#define VECTORS 4
#define NO_SUM _mm256_setzero_si256()
#define LOAD_WEIGHTS(p) _mm256_loadu_si256((const __m256i *)(p))
#define ALL_FOUR(x) _mm256_set1_epi32(x)
#define DOT(sum, x, w) _mm256_dpbusd_avx_epi32(sum, x, w)
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
