#include "FastKernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx512bf16,fma,avx2"))), apply_to = function)

#include "Vectors512.inc"
#define DOT(sum, x, w) _mm512_dpbusd_epi32(sum, x, w)
#define STORE_BFLOAT(p, y) _mm256_storeu_si256((__m256i *)(p), (__m256i)_mm512_cvtneps_pbh((__m512)(y)))
#include "FastKernels.inc"

// Queries that are worked on at once: 12 by two vectors are 24 sums.
enum { QUERIES = FUMIKURA_FAST_QUERIES };

// Keys, filled up to whole tiles.
static long whole_keys(long tokens) { return (tokens + 31) / 32 * 32; }

// 2^x for x <= 0 within 8e-5 of it: bfloat16, which it becomes, has steps of 4e-3. At least 2^-126.
INLINE __m512 power_of_two(__m512 x) {
  x = _mm512_max_ps(x, _mm512_set1_ps(-126.0f));
  __m512 whole = _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  __m512 part = _mm512_sub_ps(x, whole);
  __m512 p = _mm512_set1_ps(0.055171152630795105f);
  p = _mm512_fmadd_ps(p, part, _mm512_set1_ps(0.2426101334931024f));
  p = _mm512_fmadd_ps(p, part, _mm512_set1_ps(0.6932609760966673f));
  p = _mm512_fmadd_ps(p, part, _mm512_set1_ps(0.9999281348350559f));
  return _mm512_scalef_ps(p, whole);
}

// Lays keys so that the pair p of components of key k is the k-th of row p; beyond the last key, zeros.
static void lay_keys(const uint16_t *key, long stride, long tokens, long head_width, uint32_t *keys) {
  long whole = whole_keys(tokens);
  for (long k = 0; k < tokens; k++, key += stride) {
    // The compiler would scatter whole vectors, which is slower.
#pragma clang loop vectorize(disable)
    for (long p = 0; p < head_width / 2; p++) memcpy(keys + p * whole + k, key + 2 * p, 4);
  }
  for (long p = 0; p < head_width / 2; p++) memset(keys + p * whole + tokens, 0, 4 * (whole - tokens));
}

// Lays values so that each component has those of two keys side by side; beyond the last key, zeros.
static void lay_values(const uint16_t *value, long stride, long tokens, long head_width, uint16_t *values) {
  static const uint16_t places[32] = {0, 32, 1, 33, 2,  34, 3,  35, 4,  36, 5,  37, 6,  38, 7,  39,
                                      8, 40, 9, 41, 10, 42, 11, 43, 12, 44, 13, 45, 14, 46, 15, 47};
  __m512i first = _mm512_loadu_si512(places), second = _mm512_add_epi16(first, _mm512_set1_epi16(16));
  for (long k = 0; k < tokens; k += 2, value += 2 * stride) {
    for (long d = 0; d < head_width; d += 32, values += 64) {
      __m512i even = _mm512_loadu_si512(value + d);
      __m512i odd = k + 1 < tokens ? _mm512_loadu_si512(value + stride + d) : _mm512_setzero_si512();
      _mm512_store_si512(values, _mm512_permutex2var_epi16(even, first, odd));
      _mm512_store_si512(values + 32, _mm512_permutex2var_epi16(even, second, odd));
    }
  }
}

INLINE __m512bh all_pair(const uint16_t *pair) {
  int32_t two;
  memcpy(&two, pair, sizeof two);
  return (__m512bh)_mm512_set1_epi32(two);
}

// Rows of scores that are worked on side by side, so that none waits for another's result.
enum { SOFTENED = 4 };

// Turns SOFTENED rows of scores into weights and puts one over the sum of each into `shares`.
INLINE void soften(float *scores, long whole, long tokens, uint16_t *weights, float *shares) {
  UNROLL for (int i = 0; i < SOFTENED; i++) {
    for (long k = tokens; k < whole; k++) scores[i * whole + k] = -INFINITY;
  }
  __m512 highest[SOFTENED], sum[SOFTENED];
  UNROLL for (int i = 0; i < SOFTENED; i++) highest[i] = _mm512_load_ps(scores + i * whole);
  for (long k = 16; k < whole; k += 16) {
    UNROLL for (int i = 0; i < SOFTENED; i++) {
      highest[i] = _mm512_max_ps(highest[i], _mm512_load_ps(scores + i * whole + k));
    }
  }
  UNROLL for (int i = 0; i < SOFTENED; i++) {
    highest[i] = _mm512_set1_ps(_mm512_reduce_max_ps(highest[i]));
    sum[i] = _mm512_setzero_ps();
  }
  for (long k = 0; k < whole; k += 16) {
    UNROLL for (int i = 0; i < SOFTENED; i++) {
      __m512 weight = power_of_two(_mm512_sub_ps(_mm512_load_ps(scores + i * whole + k), highest[i]));
      sum[i] = _mm512_add_ps(sum[i], weight);
      STORE_BFLOAT(weights + i * whole + k, weight);
    }
  }
  UNROLL for (int i = 0; i < SOFTENED; i++) shares[i] = 1.0f / _mm512_reduce_add_ps(sum[i]);
}

// QUERIES rows of scores for 32 keys from `keys` on.
INLINE void score(
    const uint16_t *query, long stride, const uint32_t *keys, long pairs, float *scores, long whole) {
  __m512 low[QUERIES], high[QUERIES];
  UNROLL for (int i = 0; i < QUERIES; i++) low[i] = high[i] = _mm512_setzero_ps();
  for (long p = 0; p < pairs; p++) {
    __m512bh a = (__m512bh)_mm512_load_si512(keys + p * whole);
    __m512bh b = (__m512bh)_mm512_load_si512(keys + p * whole + 16);
    UNROLL for (int i = 0; i < QUERIES; i++) {
      __m512bh q = all_pair(query + i * stride + 2 * p);
      low[i] = _mm512_dpbf16_ps(low[i], q, a);
      high[i] = _mm512_dpbf16_ps(high[i], q, b);
    }
  }
  UNROLL for (int i = 0; i < QUERIES; i++) {
    _mm512_store_ps(scores + i * whole, low[i]);
    _mm512_store_ps(scores + i * whole + 16, high[i]);
  }
}

// The first `count` of QUERIES rows of 32 components of the context.
INLINE void mix(
    const uint16_t *weights, long whole, const uint16_t *values, long head_width, long tokens, const float *shares,
    long count, float *context, long width) {
  __m512 low[QUERIES], high[QUERIES];
  UNROLL for (int i = 0; i < QUERIES; i++) low[i] = high[i] = _mm512_setzero_ps();
  for (long k = 0; k < tokens; k += 2) {
    __m512bh a = (__m512bh)_mm512_load_si512(values + k * head_width);
    __m512bh b = (__m512bh)_mm512_load_si512(values + k * head_width + 32);
    UNROLL for (int i = 0; i < QUERIES; i++) {
      __m512bh w = all_pair(weights + i * whole + k);
      low[i] = _mm512_dpbf16_ps(low[i], w, a);
      high[i] = _mm512_dpbf16_ps(high[i], w, b);
    }
  }
  UNROLL for (int i = 0; i < QUERIES; i++) {
    if (i >= count) break;
    __m512 share = _mm512_set1_ps(shares[i]);
    _mm512_storeu_ps(context + i * width, _mm512_mul_ps(low[i], share));
    _mm512_storeu_ps(context + i * width + 16, _mm512_mul_ps(high[i], share));
  }
}

static void attend(const uint16_t *qkv, long tokens, long heads, long head_width, void *scratch, float *context) {
  long width = heads * head_width, stride = 3 * width, whole = whole_keys(tokens);
  // In the order and of the sizes that fumikura_attention_scratch counts.
  uint32_t *keys = scratch;
  uint16_t *values = (uint16_t *)(keys + whole * head_width / 2);
  float *scores = (float *)(values + whole * head_width);
  uint16_t *weights = (uint16_t *)(scores + QUERIES * whole);
  for (long head = 0; head < heads; head++) {
    const uint16_t *queries = qkv + head * head_width;
    lay_keys(queries + width, stride, tokens, head_width, keys);
    lay_values(queries + 2 * width, stride, tokens, head_width, values);
    for (long first = 0; first < tokens; first += QUERIES) {
      for (long k = 0; k < whole; k += 32) {
        score(queries + first * stride, stride, keys + k, head_width / 2, scores + k, whole);
      }
      float shares[QUERIES];
      for (int i = 0; i < QUERIES; i += SOFTENED) {
        soften(scores + i * whole, whole, tokens, weights + i * whole, shares + i);
      }
      for (long d = 0; d < head_width; d += 32) {
        mix(weights, whole, values + 2 * d, head_width, tokens, shares, tokens - first,
            context + first * width + head * head_width + d, width);
      }
    }
  }
}

#pragma clang attribute pop

const struct fumikura_fast_kernels fumikura_fast_512_bf16 = {
    "AVX-512 VNNI and BF16", "AVX512_CORE_BF16", 127, quantize, norm, multiply, attend};
#endif
