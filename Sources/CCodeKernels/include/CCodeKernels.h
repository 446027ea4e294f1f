#pragma once
// Exact scans of packed codes for the best rows, in one pass.
//
// A code is `bytes` bytes; each byte holds 8 / bits unsigned values, the first in the lowest bits. A query is integers
// of |q| <= 8191 written as 128 * high + low with both parts in -64...64, so that no instruction set's intermediate
// sums overflow; each part is 8 / bits planes of `stride` bytes, plane p byte j belonging to value p of byte j. Codes of
// 16 and 32 bytes have their planes repeated to fill 64, because several rows share a register.
//
//     score(row) = (float)(sum of value * q - bias) * factor(row) * scale
//
// The sum is an exact integer and the rest three IEEE operations, so that all kernels give the same bits.
#include <stddef.h>
#include <stdint.h>

typedef struct {
  int32_t bits;       // 8, 4, 2 or 1
  size_t bytes;       // of a row
  size_t stride;      // of a plane: bytes rounded up to 64; zeros behind, but for the repetition
  const int8_t *high; // (8 / bits) * stride
  const int8_t *low;
  int32_t bias;
  float scale;
} fumi_code_query;

typedef struct {
  float score;
  int32_t row;
} fumi_code_hit;

typedef enum { FUMI_SCALAR = 0, FUMI_AVX2 = 1, FUMI_AVX512_VNNI = 2 } fumi_scan_kernel;

// Whether this processor runs a kernel.
int fumi_scan_kernel_runs(fumi_scan_kernel kernel);

// The best `limit` of rows first..<last, best first, equal scores by lower row, into `hits`; returns how many there are.
// Kernels read whole groups of 16 rows: `codes` must be readable to the end of the last group and 64 bytes further,
// `factors` to the end of the last group. What is there does not matter.
// `allowed` is a bitmap, bit (row % 64) of word row / 64, or null for all. Rows whose score is NaN are never found.
size_t fumi_scan_codes(fumi_scan_kernel kernel, const fumi_code_query *query, const uint8_t *codes, const float *factors,
                       size_t first, size_t last, const uint64_t *allowed, size_t limit, fumi_code_hit *hits);
