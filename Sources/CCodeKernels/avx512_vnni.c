#if defined(__x86_64__)
#include "groups.h"

#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni")))
#define INLINE TARGET static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

// Far enough ahead for memory to answer in time.
enum { AHEAD = 4096 };

// Four registers at `codes`, `step` bytes apart, each `chunks` * 64 bytes long, times the query: in each, sixteen
// partial sums.
INLINE void four_sums(const fumi_code_query *query, const uint8_t *codes, size_t step, size_t chunks, int bits,
                      __m512i sums[4]) {
  const __m512i mask = _mm512_set1_epi8((char)((1 << bits) - 1));
  __m512i high[4], low[4];
  UNROLL for (int r = 0; r < 4; r++) high[r] = low[r] = _mm512_setzero_si512();
  for (size_t chunk = 0; chunk < chunks; chunk++) {
    __m512i bytes[4];
    UNROLL for (int r = 0; r < 4; r++) {
      const uint8_t *at = codes + (size_t)r * step + chunk * 64;
      bytes[r] = _mm512_loadu_si512(at);
      _mm_prefetch((const char *)(at + AHEAD), _MM_HINT_T0);
    }
    UNROLL for (int plane = 0; plane < 8 / bits; plane++) {
      const size_t at = (size_t)plane * query->stride + chunk * 64;
      const __m512i q_high = _mm512_loadu_si512(query->high + at), q_low = _mm512_loadu_si512(query->low + at);
      UNROLL for (int r = 0; r < 4; r++) {
        const __m512i values =
            bits == 8 ? bytes[r] : _mm512_and_si512(_mm512_srli_epi16(bytes[r], (unsigned)(plane * bits)), mask);
        high[r] = _mm512_dpbusd_epi32(high[r], values, q_high);
        low[r] = _mm512_dpbusd_epi32(low[r], values, q_low);
      }
    }
  }
  UNROLL for (int r = 0; r < 4; r++) sums[r] = _mm512_add_epi32(_mm512_slli_epi32(high[r], 7), low[r]);
}

// In each quarter: a0 + a2, b0 + b2, a1 + a3, b1 + b3.
INLINE __m512i add_pairs(__m512i a, __m512i b) {
  return _mm512_add_epi32(_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
}

// In each quarter: the sums of four registers over that quarter.
INLINE __m512i add_four(const __m512i sums[4]) {
  const __m512i ab = add_pairs(sums[0], sums[1]), cd = add_pairs(sums[2], sums[3]);
  return _mm512_add_epi32(_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd));
}

// Quarters 0 + 1 of a, 2 + 3 of a, 0 + 1 of b, 2 + 3 of b.
INLINE __m512i add_halves(__m512i a, __m512i b) {
  return _mm512_add_epi32(_mm512_shuffle_i32x4(a, b, 0x88), _mm512_shuffle_i32x4(a, b, 0xdd));
}

// The sums of sixteen rows, in order; `shared` rows (1, 2 or 4) lie in one register.
INLINE __m512i row_sums(const fumi_code_query *query, const uint8_t *codes, int bits, int shared) {
  const size_t chunks = shared == 1 ? query->stride / 64 : 1, step = shared == 1 ? query->bytes : 64;
  __m512i fours[4];
  UNROLL for (int four = 0; four < 4 / shared; four++) {
    __m512i sums[4];
    four_sums(query, codes + (size_t)four * 4 * step, step, chunks, bits, sums);
    fours[four] = add_four(sums);
  }
  if (shared == 1)
    return add_halves(add_halves(fours[0], fours[1]), add_halves(fours[2], fours[3]));
  if (shared == 2)
    return _mm512_permutexvar_epi32(_mm512_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7, 8, 12, 9, 13, 10, 14, 11, 15),
                                    add_halves(fours[0], fours[1]));
  return _mm512_permutexvar_epi32(_mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15), fours[0]);
}

INLINE uint32_t group(const fumi_code_query *query, const uint8_t *codes, const float *factors, float threshold,
                      float *scores, int bits) {
  const __m512i sums = query->bytes == 32   ? row_sums(query, codes, bits, 2)
                       : query->bytes == 16 ? row_sums(query, codes, bits, 4)
                                            : row_sums(query, codes, bits, 1);
  const __m512 score =
      _mm512_mul_ps(_mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_sub_epi32(sums, _mm512_set1_epi32(query->bias))),
                                  _mm512_loadu_ps(factors)),
                    _mm512_set1_ps(query->scale));
  _mm512_storeu_ps(scores, score);
  return _mm512_cmp_ps_mask(score, _mm512_set1_ps(threshold), _CMP_GT_OQ);
}

TARGET uint32_t fumi_group_avx512_vnni(const fumi_code_query *query, const uint8_t *codes, const float *factors,
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
