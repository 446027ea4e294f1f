#pragma once
#include "CCodeKernels.h"

// Rows are scored sixteen at a time: a group starts at a multiple of 16.
enum { FUMI_GROUP = 16 };

// Scores the sixteen rows at `codes` into `scores`; bit i of the result says that score i is above `threshold`.
typedef uint32_t (*fumi_group_kernel)(const fumi_code_query *query, const uint8_t *codes, const float *factors,
                                      float threshold, float *scores);

uint32_t fumi_group_scalar(const fumi_code_query *, const uint8_t *, const float *, float, float *);
#if defined(__x86_64__)
uint32_t fumi_group_avx2(const fumi_code_query *, const uint8_t *, const float *, float, float *);
uint32_t fumi_group_avx512_vnni(const fumi_code_query *, const uint8_t *, const float *, float, float *);
#endif
