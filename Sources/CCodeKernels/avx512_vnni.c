#if defined(__x86_64__)
#include "blocks.h"

#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni")))
#define INLINE TARGET static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")


// Four registers at `codes`, `step` bytes apart, each `chunks` * 64 bytes long, times the query: in each, sixteen
// partial sums.
INLINE void four_sums(const fumi_code_query *query, const uint8_t *codes, size_t step, size_t chunks, int bits,
                      __m512i sums[4]) {
  const __m512i mask = _mm512_set1_epi8((char)((1 << bits) - 1));
  UNROLL for (int r = 0; r < 4; r++) sums[r] = _mm512_setzero_si512();
  for (size_t chunk = 0; chunk < chunks; chunk++) {
    UNROLL for (int r = 0; r < 4; r++) {
      const uint8_t *at = codes + (size_t)r * step + chunk * 64;
      const __m512i bytes = _mm512_loadu_si512(at);
      UNROLL for (int plane = 0; plane < 8 / bits; plane++) {
        const __m512i values =
            bits == 8 ? bytes : _mm512_and_si512(_mm512_srli_epi16(bytes, (unsigned)(plane * bits)), mask);
        sums[r] = _mm512_dpbusd_epi32(
            sums[r], values, _mm512_loadu_si512(query->high + (size_t)plane * query->stride + chunk * 64));
      }
    }
  }
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
INLINE __m512i row_sums(const fumi_code_query *query, const uint8_t *codes, size_t step, size_t chunks, int bits,
                        int shared) {
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

INLINE uint64_t rows(const fumi_code_query *query, const uint8_t *codes, size_t step, size_t chunks, int bits,
                     int shared, const float *factors, float cut) {
  const __m512i bias = _mm512_set1_epi32(query->high_bias);
  const __m512 scale = _mm512_set1_ps(128 * query->scale), least = _mm512_set1_ps(cut);
  uint64_t found = 0;
  for (size_t row = 0; row < FUMI_BLOCK; row += 16) {
    const __m512i sums = row_sums(query, codes + row * query->bytes, step, chunks, bits, shared);
    const __m512 centred = _mm512_cvtepi32_ps(_mm512_sub_epi32(sums, bias));
    const __m512 score = _mm512_mul_ps(_mm512_mul_ps(centred, _mm512_loadu_ps(factors + row)), scale);
    found |= (uint64_t)_mm512_cmp_ps_mask(score, least, _CMP_GT_OQ) << row;
  }
  return found;
}

INLINE uint64_t rows_of(const fumi_code_query *query, const uint8_t *codes, int bits, const float *factors, float cut) {
  switch (query->bytes) {
  case 16:
    return rows(query, codes, 64, 1, bits, 4, factors, cut);
  case 32:
    return rows(query, codes, 64, 1, bits, 2, factors, cut);
  case 64:
    return rows(query, codes, 64, 1, bits, 1, factors, cut);
  default:
    return rows(query, codes, query->bytes, query->stride / 64, bits, 1, factors, cut);
  }
}

TARGET uint64_t fumi_rows_avx512_vnni(const fumi_code_query *query, const uint8_t *codes, const float *factors,
                                      float cut) {
  return query->bits == 8 ? rows_of(query, codes, 8, factors, cut) : rows_of(query, codes, 4, factors, cut);
}

INLINE uint64_t columns(const fumi_code_query *query, const uint8_t *codes, size_t bytes, uint16_t least,
                        uint16_t *sums) {
  const __m512i half = _mm512_set1_epi8(15);
  // 16-bit numbers: rows 0 and 1, 2 and 3, … as 256 * odd + even, and odd ones alone.
  __m512i both = _mm512_setzero_si512(), odd = both;
  for (size_t j = 0; j < bytes; j++) {
    const __m512i code = _mm512_loadu_si512(codes + j * FUMI_BLOCK);
    const __m512i low = _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)(query->steps + 32 * j)));
    const __m512i high = _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)(query->steps + 32 * j + 16)));
    // At most 255.
    const __m512i steps =
        _mm512_add_epi8(_mm512_shuffle_epi8(low, _mm512_and_si512(code, half)),
                        _mm512_shuffle_epi8(high, _mm512_and_si512(_mm512_srli_epi16(code, 4), half)));
    both = _mm512_add_epi16(both, steps);
    odd = _mm512_add_epi16(odd, _mm512_srli_epi16(steps, 8));
  }
  const __m512i even = _mm512_sub_epi16(both, _mm512_slli_epi16(odd, 8)), bound = _mm512_set1_epi16((short)least);
  const __mmask32 evens = _mm512_cmpge_epu16_mask(even, bound), odds = _mm512_cmpge_epu16_mask(odd, bound);
  if ((evens | odds) == 0)
    return 0;
  // Unpacking goes by quarters: rows 0...7, 16...23, … and 8...15, 24...31, ….
  const __m512i a = _mm512_unpacklo_epi16(even, odd), b = _mm512_unpackhi_epi16(even, odd);
  _mm512_storeu_si512(sums, _mm512_permutex2var_epi64(a, _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11), b));
  _mm512_storeu_si512(sums + 32, _mm512_permutex2var_epi64(a, _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15), b));
  return _mm512_movepi8_mask(_mm512_mask_blend_epi8(0xaaaaaaaaaaaaaaaa, _mm512_movm_epi16(evens),
                                                    _mm512_movm_epi16(odds)));
}

TARGET uint64_t fumi_columns_avx512_vnni(const fumi_code_query *query, const uint8_t *codes, uint16_t least,
                                         uint16_t *sums) {
  switch (query->bytes) {
  case 16:
    return columns(query, codes, 16, least, sums);
  case 32:
    return columns(query, codes, 32, least, sums);
  default:
    return columns(query, codes, query->bytes, least, sums);
  }
}
#endif
