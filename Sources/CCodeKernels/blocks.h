#pragma once
#include "CCodeKernels.h"

// Which of the 64 rows of a block may score above a threshold, a bit each: surely all that do, and few others.

// Rows layout: those for which (sum of value * high - high_bias) * factor * 128 * scale is above `cut`.
typedef uint64_t (*fumi_rows_kernel)(const fumi_code_query *, const uint8_t *codes, const float *factors, float cut);

// Columns layout: those whose steps add up to `least` or more; where there are any, the sums of all rows go to `sums`.
typedef uint64_t (*fumi_columns_kernel)(const fumi_code_query *, const uint8_t *codes, uint16_t least, uint16_t *sums);

uint64_t fumi_rows_scalar(const fumi_code_query *, const uint8_t *, const float *, float);
uint64_t fumi_columns_scalar(const fumi_code_query *, const uint8_t *, uint16_t, uint16_t *);
#if defined(__x86_64__)
uint64_t fumi_rows_avx2(const fumi_code_query *, const uint8_t *, const float *, float);
uint64_t fumi_columns_avx2(const fumi_code_query *, const uint8_t *, uint16_t, uint16_t *);
uint64_t fumi_rows_avx512_vnni(const fumi_code_query *, const uint8_t *, const float *, float);
uint64_t fumi_columns_avx512_vnni(const fumi_code_query *, const uint8_t *, uint16_t, uint16_t *);
#elif defined(__aarch64__)
uint64_t fumi_rows_neon(const fumi_code_query *, const uint8_t *, const float *, float);
uint64_t fumi_rows_neon_dotprod(const fumi_code_query *, const uint8_t *, const float *, float);
uint64_t fumi_columns_neon(const fumi_code_query *, const uint8_t *, uint16_t, uint16_t *);
#endif
