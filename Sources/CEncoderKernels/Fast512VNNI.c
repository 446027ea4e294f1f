#include "FastKernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,fma,avx2"))), apply_to = function)

#define LANES 16
#define VECTOR_INTEGERS __m512i
// Six rows by four vectors are 24 sums, which leaves 8 of the 32 registers for the operands.
#define ROWS 6
#define VECTORS 4
#define NO_SUM _mm512_setzero_si512()
#define LOAD_WEIGHTS(p) _mm512_loadu_si512(p)
#define ALL_FOUR(x) _mm512_set1_epi32(x)
#define DOT(sum, x, w) _mm512_dpbusd_epi32(sum, x, w)
#define MINIMUM(a, b) _mm512_min_ps(a, b)
#define MAXIMUM(a, b) _mm512_max_ps(a, b)
#define REDUCE_MINIMUM(v) _mm512_reduce_min_ps(v)
#define REDUCE_MAXIMUM(v) _mm512_reduce_max_ps(v)
#define REDUCE_SUM(v) _mm512_reduce_add_ps(v)
#define STORE_BYTES(place, q)                                                                              \
  _mm512_storeu_si512(                                                                                     \
      place, _mm512_permutexvar_epi32(                                                                     \
                 _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15),                  \
                 _mm512_packus_epi16(                                                                      \
                     _mm512_packus_epi32((__m512i)q[0], (__m512i)q[1]),                                    \
                     _mm512_packus_epi32((__m512i)q[2], (__m512i)q[3]))))
#include "FastKernels.inc"

#pragma clang attribute pop

const struct fumikura_fast_kernels fumikura_fast_512_vnni = {"AVX-512 VNNI", "AVX512_CORE_VNNI", 127, quantize, norm, multiply, NULL};
#endif
