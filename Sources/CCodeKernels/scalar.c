#include "groups.h"

uint32_t fumi_group_scalar(const fumi_code_query *query, const uint8_t *codes, const float *factors,
                           float threshold, float *scores) {
  const int planes = 8 / query->bits;
  const uint32_t mask = (1u << query->bits) - 1;
  uint32_t found = 0;
  for (size_t row = 0; row < FUMI_GROUP; row++) {
    // Unsigned, because sums may wrap on the way: the centred one fits again.
    uint32_t high = 0, low = 0;
    for (int plane = 0; plane < planes; plane++) {
      const int8_t *h = query->high + plane * query->stride, *l = query->low + plane * query->stride;
      const int shift = plane * query->bits;
      for (size_t j = 0; j < query->bytes; j++) {
        const uint32_t value = ((uint32_t)codes[row * query->bytes + j] >> shift) & mask;
        high += value * (uint32_t)h[j];
        low += value * (uint32_t)l[j];
      }
    }
    scores[row] = (float)(int32_t)(high * 128 + low - (uint32_t)query->bias) * factors[row] * query->scale;
    found |= (uint32_t)(scores[row] > threshold) << row;
  }
  return found;
}
