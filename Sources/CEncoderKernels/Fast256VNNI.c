#include "FastKernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avxvnni,fma,avx2"))), apply_to = function)

#include "Vectors256.inc"
// Of 16 registers, 12 hold sums.
#define ROWS 6
#define DOT(sum, x, w) _mm256_dpbusd_avx_epi32(sum, x, w)
#include "FastKernels.inc"

#pragma clang attribute pop

const struct fumikura_fast_kernels fumikura_fast_256_vnni = {"AVX2 VNNI", "AVX2_VNNI", 127, quantize, norm, multiply, NULL};
#endif
