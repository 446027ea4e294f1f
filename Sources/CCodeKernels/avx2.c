#if defined(__x86_64__)
#include "groups.h"

#include <immintrin.h>
#include <string.h>

#define TARGET __attribute__((target("avx2")))
#define INLINE TARGET static inline __attribute__((always_inline))

// Products of the values in plane `plane` of 32 bytes, added into eight sums each.
INLINE void add_plane(__m256i bytes, const int8_t *high, const int8_t *low, int bits, int plane, __m256i *high_sum,
                      __m256i *low_sum) {
  const __m256i mask = _mm256_set1_epi8((char)((1 << bits) - 1)), ones = _mm256_set1_epi16(1);
  __m256i values = bits == 8 ? bytes : _mm256_and_si256(_mm256_srli_epi16(bytes, plane * bits), mask);
  // 255 * 64 * 2 fits 16 bits: the saturating instruction does not saturate.
  __m256i h = _mm256_maddubs_epi16(values, _mm256_loadu_si256((const __m256i *)high));
  __m256i l = _mm256_maddubs_epi16(values, _mm256_loadu_si256((const __m256i *)low));
  *high_sum = _mm256_add_epi32(*high_sum, _mm256_madd_epi16(h, ones));
  *low_sum = _mm256_add_epi32(*low_sum, _mm256_madd_epi16(l, ones));
}

// Eight partial sums of one row.
INLINE __m256i row_sums(const fumi_code_query *query, const uint8_t *row, int bits) {
  __m256i high = _mm256_setzero_si256(), low = _mm256_setzero_si256();
  const size_t bytes = query->bytes;
  for (size_t j = 0; j < bytes; j += 32) {
    __m256i chunk;
    if (bytes - j >= 32) {
      chunk = _mm256_loadu_si256((const __m256i *)(row + j));
    } else {
      uint8_t tail[32] = {0};
      memcpy(tail, row + j, bytes - j);
      chunk = _mm256_loadu_si256((const __m256i *)tail);
    }
    for (int plane = 0; plane < 8 / bits; plane++)
      add_plane(chunk, query->high + plane * query->stride + j, query->low + plane * query->stride + j, bits, plane,
                &high, &low);
  }
  return _mm256_add_epi32(_mm256_slli_epi32(high, 7), low);
}

// The sums of eight rows, in order.
INLINE __m256i eight_rows(const fumi_code_query *query, const uint8_t *codes, size_t count, int bits) {
  __m256i sums[8];
  for (size_t r = 0; r < 8; r++)
    sums[r] = row_sums(query, codes + (r < count ? r : count - 1) * query->bytes, bits);
  __m256i a = _mm256_hadd_epi32(_mm256_hadd_epi32(sums[0], sums[1]), _mm256_hadd_epi32(sums[2], sums[3]));
  __m256i b = _mm256_hadd_epi32(_mm256_hadd_epi32(sums[4], sums[5]), _mm256_hadd_epi32(sums[6], sums[7]));
  return _mm256_add_epi32(_mm256_permute2x128_si256(a, b, 0x20), _mm256_permute2x128_si256(a, b, 0x31));
}

INLINE uint32_t group(const fumi_code_query *query, const uint8_t *codes, const float *factors, size_t count,
                      float threshold, float *scores, int bits) {
  float row_factors[FUMI_GROUP] = {0};
  memcpy(row_factors, factors, count * sizeof(float));
  uint32_t found = 0;
  for (size_t half = 0; half < count; half += 8) {
    __m256i sums = eight_rows(query, codes + half * query->bytes, count - half, bits);
    __m256 score = _mm256_mul_ps(
        _mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_sub_epi32(sums, _mm256_set1_epi32(query->bias))),
                      _mm256_loadu_ps(row_factors + half)),
        _mm256_set1_ps(query->scale));
    _mm256_storeu_ps(scores + half, score);
    __m256 above = _mm256_cmp_ps(score, _mm256_set1_ps(threshold), _CMP_GT_OQ);
    found |= (uint32_t)_mm256_movemask_ps(above) << half;
  }
  return found & (uint32_t)((1ull << count) - 1);
}

TARGET uint32_t fumi_group_avx2(const fumi_code_query *query, const uint8_t *codes, const float *factors, size_t count,
                                float threshold, float *scores) {
  switch (query->bits) {
  case 8:
    return group(query, codes, factors, count, threshold, scores, 8);
  case 4:
    return group(query, codes, factors, count, threshold, scores, 4);
  case 2:
    return group(query, codes, factors, count, threshold, scores, 2);
  default:
    return group(query, codes, factors, count, threshold, scores, 1);
  }
}
#endif
