// Whether all scan kernels that this processor runs agree with the plain one, bit for bit, on random rows and queries of
// all shapes. Built and run by scripts/check-neon, where the processor is an emulated one.
#include "../Sources/CCodeKernels/blocks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state = 88172645463325252u;

static uint64_t next(void) { // xorshift64
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

static int below(int bound) { return (int)(next() % (uint64_t)bound); }

// A query that is right for nothing, but within the bounds that kernels count on.
static fumi_code_query random_query(int bits, size_t bytes) {
  fumi_code_query query = {.bits = bits, .bytes = bytes, .stride = (bytes + 63) / 64 * 64};
  const size_t planes = 8 / (size_t)bits, size = planes * query.stride;
  int16_t *exact = calloc(size, sizeof *exact);
  int8_t *high = calloc(size, 1);
  for (size_t plane = 0; plane < planes; plane++) {
    for (size_t j = 0; j < bytes; j++) {
      const int q = below(16383) - 8191, upper = (q + 64) >> 7;
      exact[plane * query.stride + j] = (int16_t)q;
      high[plane * query.stride + j] = (int8_t)upper;
      query.high_sum += upper;
      query.bias += q * ((1 << bits) - 1) / 2;
    }
    if (bytes == 16 || bytes == 32)
      for (size_t j = bytes; j < query.stride; j++)
        high[plane * query.stride + j] = high[plane * query.stride + j - bytes];
  }
  query.high_bias = query.high_sum * ((1 << bits) - 1) / 2;
  query.low_norm = 400; // a bound that may be wrong must still be the same for all
  query.scale = 1.0f / 8191;
  query.exact = exact;
  query.high = high;
  int32_t *sums = calloc(32 * bytes, sizeof *sums);
  uint8_t *steps = calloc(32 * bytes, 1);
  query.unit = 256;
  const int most = bytes > 128 ? 30 : 127;
  for (size_t i = 0; i < 32 * bytes; i++) {
    steps[i] = (uint8_t)(i % 16 ? below(most + 1) : 0);
    sums[i] = steps[i] ? steps[i] * query.unit - below(query.unit) : 0;
  }
  query.sums = sums;
  query.steps = steps;
  if (bits <= 2)
    query.bias = (int32_t)bytes * most * query.unit;
  return query;
}

static void release(fumi_code_query query) {
  free((void *)query.exact);
  free((void *)query.high);
  free((void *)query.sums);
  free((void *)query.steps);
}

int main(void) {
  static const char *names[] = {"scalar", "avx2", "avx512-vnni", "neon", "neon-dotprod"};
  int failures = 0;
  for (int kernel = FUMI_SCALAR + 1; kernel <= FUMI_NEON_DOTPROD; kernel++) {
    if (!fumi_scan_kernel_runs((fumi_scan_kernel)kernel))
      continue;
    int found_any = 0;
    for (int round = 0; round < 240; round++) {
      const int bits = 1 << round % 4;
      const size_t bytes = round % 3 == 0 ? (size_t)16 << below(3) : (size_t)(1 + below(200)), rows = (size_t)(1 + below(900));
      const size_t padded = (rows + 63) / 64 * 64;
      uint8_t *codes = malloc(padded * bytes + 64);
      float *factors = malloc(padded * sizeof *factors);
      uint64_t *allowed = malloc(padded / 8);
      for (size_t i = 0; i < padded * bytes + 64; i++) codes[i] = (uint8_t)(next() >> 20);
      for (size_t i = 0; i < padded; i++) factors[i] = (float)(1 + below(1000)) / 1000;
      for (size_t i = 0; i < padded / 64; i++) allowed[i] = next() | next();
      fumi_code_query queries[3];
      for (int i = 0; i < 3; i++) queries[i] = random_query(bits, bytes);
      const size_t first = (size_t)below((int)rows), limit = (size_t)(1 + below(60));
      const fumi_scan_rows area = {codes, factors, 1, round % 2 ? first : 0, rows, round % 5 ? NULL : allowed};
      fumi_code_hit expected[180], got[180];
      size_t expected_found[3], got_found[3];
      memset(expected, 0, sizeof expected);
      memset(got, 0, sizeof got);
      fumi_scan_codes(FUMI_SCALAR, queries, 3, &area, limit, expected, expected_found);
      fumi_scan_codes((fumi_scan_kernel)kernel, queries, 3, &area, limit, got, got_found);
      found_any |= got_found[0] > 0;
      if (memcmp(expected, got, sizeof got) || memcmp(expected_found, got_found, sizeof got_found)) {
        fprintf(stderr, "%s differs: %d bits, %zu bytes, %zu rows, round %d\n", names[kernel], bits, bytes, rows, round);
        failures++;
      }
      for (int i = 0; i < 3; i++) release(queries[i]);
      free(codes);
      free(factors);
      free(allowed);
    }
    printf("%s: %s\n", names[kernel], failures || !found_any ? "differs from the plain kernel" : "agrees with the plain kernel");
    failures += !found_any;
  }
  return failures != 0;
}
