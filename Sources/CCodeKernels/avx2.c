#if defined(__x86_64__)
#include "blocks.h"

#include <immintrin.h>

#define TARGET __attribute__((target("avx2")))
#define INLINE TARGET static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")


// Far enough ahead for memory to answer in time: measured on Zen 4, where the rows' code takes 1.1 times a read of memory
// with it and 1.6 times without. (The code for AVX-512 is quicker without.)
enum { AHEAD = 8192 };

// A register at `codes`, `chunks` * 32 bytes long, times the query: eight partial sums.
INLINE __m256i sums_of(const fumi_code_query *query, const uint8_t *codes, size_t chunks, int bits) {
  const __m256i mask = _mm256_set1_epi8((char)((1 << bits) - 1)), ones = _mm256_set1_epi16(1);
  __m256i sums = _mm256_setzero_si256();
  for (size_t chunk = 0; chunk < chunks; chunk++) {
    const __m256i bytes = _mm256_loadu_si256((const __m256i *)(codes + chunk * 32));
    _mm_prefetch((const char *)(codes + chunk * 32 + AHEAD), _MM_HINT_T0);
    const int8_t *high = query->high + chunk * 32;
    if (bits == 8) {
      // 255 * 64 * 2 fits 16 bits: the saturating instruction does not saturate.
      const __m256i products = _mm256_maddubs_epi16(bytes, _mm256_loadu_si256((const __m256i *)high));
      sums = _mm256_add_epi32(sums, _mm256_madd_epi16(products, ones));
    } else {
      const __m256i low = _mm256_maddubs_epi16(_mm256_and_si256(bytes, mask),
                                               _mm256_loadu_si256((const __m256i *)high));
      const __m256i up = _mm256_maddubs_epi16(_mm256_and_si256(_mm256_srli_epi16(bytes, 4), mask),
                                              _mm256_loadu_si256((const __m256i *)(high + query->stride)));
      // Four products of 15 * 64 at most.
      sums = _mm256_add_epi32(sums, _mm256_madd_epi16(_mm256_add_epi16(low, up), ones));
    }
  }
  return sums;
}

// In each half: the sums of four registers over that half.
INLINE __m256i four_sums(const fumi_code_query *query, const uint8_t *codes, size_t step, size_t chunks, int bits) {
  const __m256i a = sums_of(query, codes, chunks, bits), b = sums_of(query, codes + step, chunks, bits);
  const __m256i c = sums_of(query, codes + 2 * step, chunks, bits), d = sums_of(query, codes + 3 * step, chunks, bits);
  return _mm256_hadd_epi32(_mm256_hadd_epi32(a, b), _mm256_hadd_epi32(c, d));
}

// The sums of eight rows, in order.
INLINE __m256i row_sums(const fumi_code_query *query, const uint8_t *codes, size_t step, size_t chunks, int bits,
                        int shared) {
  if (shared == 2)
    return _mm256_permutevar8x32_epi32(four_sums(query, codes, step, chunks, bits),
                                       _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
  const __m256i a = four_sums(query, codes, step, chunks, bits);
  const __m256i b = four_sums(query, codes + 4 * step, step, chunks, bits);
  return _mm256_add_epi32(_mm256_permute2x128_si256(a, b, 0x20), _mm256_permute2x128_si256(a, b, 0x31));
}

INLINE uint64_t rows(const fumi_code_query *query, const uint8_t *codes, size_t step, size_t chunks, int bits,
                     int shared, const float *factors, float cut) {
  uint64_t found = 0;
  for (size_t row = 0; row < FUMI_BLOCK; row += 8) {
    const __m256i sums = row_sums(query, codes + row * query->bytes, step, chunks, bits, shared);
    const __m256 centred = _mm256_cvtepi32_ps(_mm256_sub_epi32(sums, _mm256_set1_epi32(query->high_bias)));
    const __m256 score = _mm256_mul_ps(_mm256_mul_ps(centred, _mm256_loadu_ps(factors + row)),
                                       _mm256_set1_ps(128 * query->scale));
    const __m256 above = _mm256_cmp_ps(score, _mm256_set1_ps(cut), _CMP_GT_OQ);
    found |= (uint64_t)(uint32_t)_mm256_movemask_ps(above) << row;
  }
  return found;
}

INLINE uint64_t rows_of(const fumi_code_query *query, const uint8_t *codes, int bits, const float *factors, float cut) {
  switch (query->bytes) {
  case 16: // two rows in a register
    return rows(query, codes, 32, 1, bits, 2, factors, cut);
  case 64:
    return rows(query, codes, 64, 2, bits, 1, factors, cut);
  default:
    return rows(query, codes, query->bytes, (query->bytes + 31) / 32, bits, 1, factors, cut);
  }
}

TARGET uint64_t fumi_rows_avx2(const fumi_code_query *query, const uint8_t *codes, const float *factors, float cut) {
  return query->bits == 8 ? rows_of(query, codes, 8, factors, cut) : rows_of(query, codes, 4, factors, cut);
}

INLINE uint32_t columns(const fumi_code_query *query, const uint8_t *codes, size_t bytes, uint16_t least,
                        uint16_t *sums) {
  const __m256i half = _mm256_set1_epi8(15);
  // 16-bit numbers: rows 0 and 1, 2 and 3, … as 256 * odd + even, and odd ones alone.
  __m256i both = _mm256_setzero_si256(), odd = both;
  for (size_t j = 0; j < bytes; j++) {
    const __m256i code = _mm256_loadu_si256((const __m256i *)(codes + j * FUMI_BLOCK));
    const __m256i low = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(query->steps + 32 * j)));
    const __m256i high = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(query->steps + 32 * j + 16)));
    // At most 255.
    const __m256i steps =
        _mm256_add_epi8(_mm256_shuffle_epi8(low, _mm256_and_si256(code, half)),
                        _mm256_shuffle_epi8(high, _mm256_and_si256(_mm256_srli_epi16(code, 4), half)));
    both = _mm256_add_epi16(both, steps);
    odd = _mm256_add_epi16(odd, _mm256_srli_epi16(steps, 8));
  }
  const __m256i even = _mm256_sub_epi16(both, _mm256_slli_epi16(odd, 8)), bound = _mm256_set1_epi16((short)least);
  // There is no unsigned comparison: a >= b where the larger of both is a.
  const __m256i evens = _mm256_cmpeq_epi16(_mm256_max_epu16(even, bound), even);
  const __m256i odds = _mm256_cmpeq_epi16(_mm256_max_epu16(odd, bound), odd);
  // Unpacking goes by halves: rows 0...7 and 16...23, 8...15 and 24...31.
  const __m256i a = _mm256_unpacklo_epi16(even, odd), b = _mm256_unpackhi_epi16(even, odd);
  _mm256_storeu_si256((__m256i *)sums, _mm256_permute2x128_si256(a, b, 0x20));
  _mm256_storeu_si256((__m256i *)(sums + 16), _mm256_permute2x128_si256(a, b, 0x31));
  return (uint32_t)_mm256_movemask_epi8(_mm256_blendv_epi8(evens, odds, _mm256_set1_epi16((short)0xff00)));
}

INLINE uint64_t both_halves(const fumi_code_query *query, const uint8_t *codes, size_t bytes, uint16_t least,
                             uint16_t *sums) {
  return columns(query, codes, bytes, least, sums) |
         (uint64_t)columns(query, codes + 32, bytes, least, sums + 32) << 32;
}

TARGET uint64_t fumi_columns_avx2(const fumi_code_query *query, const uint8_t *codes, uint16_t least,
                                  uint16_t *sums) {
  switch (query->bytes) {
  case 16:
    return both_halves(query, codes, 16, least, sums);
  case 32:
    return both_halves(query, codes, 32, least, sums);
  default:
    return both_halves(query, codes, query->bytes, least, sums);
  }
}
#endif
