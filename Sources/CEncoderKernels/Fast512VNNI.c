#include "FastKernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,fma,avx2"))), apply_to = function)

#include "Vectors512.inc"
#define DOT(sum, x, w) _mm512_dpbusd_epi32(sum, x, w)
#include "FastKernels.inc"

#pragma clang attribute pop

const struct fumikura_fast_kernels fumikura_fast_512_vnni = {"AVX-512 VNNI", "AVX512_CORE_VNNI", 127, quantize, norm, multiply, NULL};
#endif
