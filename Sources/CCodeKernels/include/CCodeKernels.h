#pragma once
// Exact scans of packed codes for the best rows, in one pass, for one query or several.
//
// A code is `bytes` bytes; each byte holds 8 / bits unsigned values, the first in the lowest bits. A query is integers
// of |q| <= 8191.
//
//     score(row) = (float)(sum of value * q - bias) * factor(row) * scale
//
// The sum is an exact integer and the rest three IEEE operations: a row's score is computed in one place only, for all
// kernels. What a kernel does is to pass over the rows quickly and to leave out those that, by a bound, cannot beat the
// worst hit so far; so all kernels give the same rows and the same bits.
//
// Codes lie in memory in blocks of 64 rows, in one of two layouts:
//
// rows (8 and 4 bits): one code after another. The bound is of the query's upper 7 bits, q = 128 * high + low with both
// parts in -64...64: products of bytes, which processors add up four at a time. What `low` adds to a score is at most
// |low| * scale (Cauchy and Schwarz, as factor is 1 / |code|).
//
// columns (2 and 1 bits): byte j of the block's 64 rows side by side, at 64 * j. Half a byte holds two or four values,
// of which the sum of products is one of sixteen numbers: a shuffle looks up those of 16 to 64 rows at once. The bound is
// of these numbers as bytes, rounded up (after André, Kermarrec, Le Scouarnec: Cache locality is not enough, PVLDB 2015).
#include <stddef.h>
#include <stdint.h>

typedef struct {
  int32_t bits; // 8, 4: rows; 2, 1: columns
  size_t bytes; // of a code
  int32_t bias;
  float scale;
  // Rows.
  size_t stride;        // of a plane: bytes rounded up to 64
  const int16_t *exact; // 8 / bits planes: plane p number j belongs to value p of byte j; zeros behind
  const int8_t *high;   // the same; where a code has 16 or 32 bytes repeated to fill 64, as rows share a register
  int32_t high_sum;     // of all values' `high`
  int32_t high_bias;    // what the offset of the values adds to a sum of products with `high`, rounded down
  float low_norm;       // of `low`, rounded up
  // Columns.
  const int32_t *sums;  // 2 * bytes tables of 16: table 2 * j for the lower half of byte j
  const uint8_t *steps; // the same: how many `unit` above the least of its table, rounded up, those of a byte <= 255 together, all <= 65534
  int32_t unit;
  int32_t least_sum; // the sum of the least of each table
} fumi_code_query;

typedef struct {
  float score;
  int32_t row;
} fumi_code_hit;

typedef enum {
  FUMI_SCALAR = 0,
  FUMI_AVX2 = 1,
  FUMI_AVX512_VNNI = 2,
  FUMI_NEON = 3,
  FUMI_NEON_DOTPROD = 4,
} fumi_scan_kernel;

// Rows lie in blocks of 64: one word of a bitmap.
enum { FUMI_BLOCK = 64 };

// Whether this processor runs a kernel.
int fumi_scan_kernel_runs(fumi_scan_kernel kernel);

typedef struct {
  const uint8_t *codes;   // readable to the end of the last block and 64 bytes further; what is there does not matter
  const float *factors;   // readable to the end of the last block; columns may have null: `largest_factor` for each row
  float largest_factor;   // none of the rows has a larger one
  size_t first, last;     // rows first..<last are looked at
  const uint64_t *allowed; // a bitmap, bit (row % 64) of word row / 64, or null for all
} fumi_scan_rows;

// The best `limit` rows for each of `count` queries of one form, best first, equal scores by lower row: those of query i
// from hits[i * limit] on, found[i] of them.
void fumi_scan_codes(fumi_scan_kernel kernel, const fumi_code_query *queries, size_t count, const fumi_scan_rows *rows,
                     size_t limit, fumi_code_hit *hits, size_t *found);
