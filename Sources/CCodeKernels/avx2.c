#if defined(__x86_64__)
#include "groups.h"

#include <immintrin.h>

#define TARGET __attribute__((target("avx2")))
#define INLINE TARGET static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

// Far enough ahead for memory to answer in time.
enum { AHEAD = 4096 };

// Two registers at `codes`, `step` bytes apart, each `chunks` * 32 bytes long, times the query: in each, eight partial
// sums.
INLINE void two_sums(const fumi_code_query *query, const uint8_t *codes, size_t step, size_t chunks, int bits,
                     __m256i sums[2]) {
  const __m256i mask = _mm256_set1_epi8((char)((1 << bits) - 1)), ones = _mm256_set1_epi16(1);
  __m256i high[2], low[2];
  UNROLL for (int r = 0; r < 2; r++) high[r] = low[r] = _mm256_setzero_si256();
  for (size_t chunk = 0; chunk < chunks; chunk++) {
    __m256i bytes[2];
    UNROLL for (int r = 0; r < 2; r++) {
      const uint8_t *at = codes + (size_t)r * step + chunk * 32;
      bytes[r] = _mm256_loadu_si256((const __m256i *)at);
      _mm_prefetch((const char *)(at + AHEAD), _MM_HINT_T0);
    }
    UNROLL for (int plane = 0; plane < 8 / bits; plane++) {
      const size_t at = (size_t)plane * query->stride + chunk * 32;
      const __m256i q_high = _mm256_loadu_si256((const __m256i *)(query->high + at));
      const __m256i q_low = _mm256_loadu_si256((const __m256i *)(query->low + at));
      UNROLL for (int r = 0; r < 2; r++) {
        const __m256i values =
            bits == 8 ? bytes[r] : _mm256_and_si256(_mm256_srli_epi16(bytes[r], plane * bits), mask);
        // 255 * 64 * 2 fits 16 bits: the saturating instruction does not saturate.
        high[r] = _mm256_add_epi32(high[r], _mm256_madd_epi16(_mm256_maddubs_epi16(values, q_high), ones));
        low[r] = _mm256_add_epi32(low[r], _mm256_madd_epi16(_mm256_maddubs_epi16(values, q_low), ones));
      }
    }
  }
  UNROLL for (int r = 0; r < 2; r++) sums[r] = _mm256_add_epi32(_mm256_slli_epi32(high[r], 7), low[r]);
}

// In each half: the sums of four registers over that half.
INLINE __m256i four_sums(const fumi_code_query *query, const uint8_t *codes, size_t step, size_t chunks, int bits) {
  __m256i sums[4];
  two_sums(query, codes, step, chunks, bits, sums);
  two_sums(query, codes + 2 * step, step, chunks, bits, sums + 2);
  return _mm256_hadd_epi32(_mm256_hadd_epi32(sums[0], sums[1]), _mm256_hadd_epi32(sums[2], sums[3]));
}

// The sums of eight rows, in order.
INLINE __m256i row_sums(const fumi_code_query *query, const uint8_t *codes, int bits) {
  if (query->bytes == 16) // two rows in a register
    return _mm256_permutevar8x32_epi32(four_sums(query, codes, 32, 1, bits),
                                       _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
  const size_t step = query->bytes, chunks = (step + 31) / 32;
  const __m256i a = four_sums(query, codes, step, chunks, bits);
  const __m256i b = four_sums(query, codes + 4 * step, step, chunks, bits);
  return _mm256_add_epi32(_mm256_permute2x128_si256(a, b, 0x20), _mm256_permute2x128_si256(a, b, 0x31));
}

INLINE uint32_t group(const fumi_code_query *query, const uint8_t *codes, const float *factors, float threshold,
                      float *scores, int bits) {
  uint32_t found = 0;
  for (size_t half = 0; half < FUMI_GROUP; half += 8) {
    const __m256i sums = row_sums(query, codes + half * query->bytes, bits);
    const __m256 score = _mm256_mul_ps(
        _mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_sub_epi32(sums, _mm256_set1_epi32(query->bias))),
                      _mm256_loadu_ps(factors + half)),
        _mm256_set1_ps(query->scale));
    _mm256_storeu_ps(scores + half, score);
    const __m256 above = _mm256_cmp_ps(score, _mm256_set1_ps(threshold), _CMP_GT_OQ);
    found |= (uint32_t)_mm256_movemask_ps(above) << half;
  }
  return found;
}

TARGET uint32_t fumi_group_avx2(const fumi_code_query *query, const uint8_t *codes, const float *factors,
                                float threshold, float *scores) {
  switch (query->bits) {
  case 8:
    return group(query, codes, factors, threshold, scores, 8);
  case 4:
    return group(query, codes, factors, threshold, scores, 4);
  case 2:
    return group(query, codes, factors, threshold, scores, 2);
  default:
    return group(query, codes, factors, threshold, scores, 1);
  }
}
#endif
