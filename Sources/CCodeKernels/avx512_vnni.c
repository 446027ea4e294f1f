#if defined(__x86_64__)
#include "groups.h"

#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni")))
#define INLINE TARGET static inline __attribute__((always_inline))

// Sixteen partial sums of one row.
INLINE __m512i row_sums(const fumi_code_query *query, const uint8_t *row, int bits) {
  const __m512i mask = _mm512_set1_epi8((char)((1 << bits) - 1));
  const size_t bytes = query->bytes;
  __m512i high = _mm512_setzero_si512(), low = _mm512_setzero_si512();
  for (size_t j = 0; j < bytes; j += 64) {
    __m512i chunk = bytes - j >= 64 ? _mm512_loadu_si512(row + j)
                                    : _mm512_maskz_loadu_epi8(((__mmask64)1 << (bytes - j)) - 1, row + j);
    for (int plane = 0; plane < 8 / bits; plane++) {
      __m512i values =
          bits == 8 ? chunk : _mm512_and_si512(_mm512_srli_epi16(chunk, (unsigned)(plane * bits)), mask);
      high = _mm512_dpbusd_epi32(high, values, _mm512_loadu_si512(query->high + plane * query->stride + j));
      low = _mm512_dpbusd_epi32(low, values, _mm512_loadu_si512(query->low + plane * query->stride + j));
    }
  }
  return _mm512_add_epi32(_mm512_slli_epi32(high, 7), low);
}

// In each quarter: a0 + a2, b0 + b2, a1 + a3, b1 + b3.
INLINE __m512i add_pairs(__m512i a, __m512i b) {
  return _mm512_add_epi32(_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
}

// In each quarter: the sums of four rows over that quarter.
INLINE __m512i add_four(__m512i a, __m512i b, __m512i c, __m512i d) {
  __m512i ab = add_pairs(a, b), cd = add_pairs(c, d);
  return _mm512_add_epi32(_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd));
}

INLINE uint32_t group(const fumi_code_query *query, const uint8_t *codes, const float *factors, size_t count,
                      float threshold, float *scores, int bits) {
  __m512i fours[4];
  for (size_t four = 0; four < 4; four++) {
    __m512i sums[4];
    for (size_t r = 0; r < 4; r++) {
      size_t row = 4 * four + r;
      sums[r] = row_sums(query, codes + (row < count ? row : count - 1) * query->bytes, bits);
    }
    fours[four] = add_four(sums[0], sums[1], sums[2], sums[3]);
  }
  // A 4 × 4 transposition of quarters, added up.
  __m512i ab = _mm512_add_epi32(_mm512_shuffle_i32x4(fours[0], fours[1], 0x88),
                                _mm512_shuffle_i32x4(fours[0], fours[1], 0xdd));
  __m512i cd = _mm512_add_epi32(_mm512_shuffle_i32x4(fours[2], fours[3], 0x88),
                                _mm512_shuffle_i32x4(fours[2], fours[3], 0xdd));
  __m512i sums =
      _mm512_add_epi32(_mm512_shuffle_i32x4(ab, cd, 0x88), _mm512_shuffle_i32x4(ab, cd, 0xdd));
  __mmask16 present = (__mmask16)((1u << count) - 1);
  __m512 score = _mm512_mul_ps(
      _mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_sub_epi32(sums, _mm512_set1_epi32(query->bias))),
                    _mm512_maskz_loadu_ps(present, factors)),
      _mm512_set1_ps(query->scale));
  _mm512_storeu_ps(scores, score);
  return _mm512_mask_cmp_ps_mask(present, score, _mm512_set1_ps(threshold), _CMP_GT_OQ);
}

TARGET uint32_t fumi_group_avx512_vnni(const fumi_code_query *query, const uint8_t *codes, const float *factors,
                                       size_t count, float threshold, float *scores) {
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
