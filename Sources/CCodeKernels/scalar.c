#include "blocks.h"

uint64_t fumi_rows_scalar(const fumi_code_query *query, const uint8_t *codes, const float *factors, float cut) {
  const int planes = 8 / query->bits;
  const uint32_t mask = (1u << query->bits) - 1;
  uint64_t found = 0;
  for (size_t row = 0; row < FUMI_BLOCK; row++) {
    int32_t sum = 0;
    for (int plane = 0; plane < planes; plane++)
      for (size_t j = 0; j < query->bytes; j++)
        sum += (int32_t)((codes[row * query->bytes + j] >> (plane * query->bits)) & mask) *
               query->high[plane * query->stride + j];
    const float score = (float)(sum - query->high_bias) * factors[row] * (128 * query->scale);
    found |= (uint64_t)(score > cut) << row;
  }
  return found;
}

uint64_t fumi_columns_scalar(const fumi_code_query *query, const uint8_t *codes, uint16_t least, uint16_t *sums) {
  uint64_t found = 0;
  for (size_t row = 0; row < FUMI_BLOCK; row++) {
    uint32_t sum = 0;
    for (size_t j = 0; j < query->bytes; j++) {
      const uint8_t code = codes[j * FUMI_BLOCK + row], *steps = query->steps + 32 * j;
      sum += steps[code & 15] + steps[16 + (code >> 4)];
    }
    sums[row] = (uint16_t)sum;
    found |= (uint64_t)(sum >= least) << row;
  }
  return found;
}
