#if defined(__aarch64__)
#include "blocks.h"

#include <arm_neon.h>

#define INLINE static inline __attribute__((always_inline))

// acc + the products of signed bytes, four in each sum.
INLINE int32x4_t add_products(int32x4_t acc, int8x16_t a, int8x16_t b) {
  acc = vpadalq_s16(acc, vmull_s8(vget_low_s8(a), vget_low_s8(b)));
  return vpadalq_s16(acc, vmull_high_s8(a, b));
}

#define DOTPROD __attribute__((target("dotprod")))
DOTPROD INLINE int32x4_t add_products_dotprod(int32x4_t acc, int8x16_t a, int8x16_t b) { return vdotq_s32(acc, a, b); }

// Values of 8 bits are above what a signed byte holds: 128 less, and that back in the sum.
#define ROWS(name, attributes, add)                                                                                    \
  attributes uint64_t name(const fumi_code_query *query, const uint8_t *codes, const float *factors, float cut) {      \
    const int32_t bias = query->high_bias - (query->bits == 8 ? 128 * query->high_sum : 0);                            \
    uint64_t found = 0;                                                                                                \
    for (size_t row = 0; row < FUMI_BLOCK; row += 4) {                                                                 \
      int32x4_t sums[4];                                                                                               \
      for (size_t r = 0; r < 4; r++) {                                                                                 \
        const uint8_t *code = codes + (row + r) * query->bytes;                                                        \
        int32x4_t sum = vdupq_n_s32(0);                                                                                \
        for (size_t j = 0; j < query->bytes; j += 16) {                                                                \
          const uint8x16_t bytes = vld1q_u8(code + j);                                                                 \
          /* What stands beyond the code meets zeros. */                                                               \
          const int8x16_t high = vld1q_s8(query->high + j);                                                            \
          if (query->bits == 8) {                                                                                      \
            sum = add(sum, vreinterpretq_s8_u8(veorq_u8(bytes, vdupq_n_u8(128))), high);                               \
          } else {                                                                                                     \
            sum = add(sum, vreinterpretq_s8_u8(vandq_u8(bytes, vdupq_n_u8(15))), high);                                \
            sum = add(sum, vreinterpretq_s8_u8(vshrq_n_u8(bytes, 4)), vld1q_s8(query->high + query->stride + j));      \
          }                                                                                                            \
        }                                                                                                              \
        sums[r] = sum;                                                                                                 \
      }                                                                                                                \
      const int32x4_t four = vpaddq_s32(vpaddq_s32(sums[0], sums[1]), vpaddq_s32(sums[2], sums[3]));                   \
      const float32x4_t centred = vcvtq_f32_s32(vsubq_s32(four, vdupq_n_s32(bias)));                                   \
      const float32x4_t score = vmulq_n_f32(vmulq_f32(centred, vld1q_f32(factors + row)), 128 * query->scale);         \
      const uint32x4_t above = vandq_u32(vcgtq_f32(score, vdupq_n_f32(cut)), (uint32x4_t){1, 2, 4, 8});                \
      found |= (uint64_t)vaddvq_u32(above) << row;                                                                     \
    }                                                                                                                  \
    return found;                                                                                                      \
  }

ROWS(fumi_rows_neon, , add_products)
ROWS(fumi_rows_neon_dotprod, DOTPROD, add_products_dotprod)

INLINE uint32_t bits_of(uint8x16_t above) {
  const uint8x16_t bits = vandq_u8(above, (uint8x16_t){1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128});
  return vaddv_u8(vget_low_u8(bits)) | (uint32_t)vaddv_u8(vget_high_u8(bits)) << 8;
}

uint64_t fumi_columns_neon(const fumi_code_query *query, const uint8_t *codes, uint16_t least, uint16_t *sums) {
  uint16x8_t first[4], second[4];
  for (int part = 0; part < 4; part++) first[part] = second[part] = vdupq_n_u16(0);
  for (size_t j = 0; j < query->bytes; j++) {
    const uint8x16_t low = vld1q_u8(query->steps + 32 * j), high = vld1q_u8(query->steps + 32 * j + 16);
    for (int part = 0; part < 4; part++) {
      const uint8x16_t code = vld1q_u8(codes + j * FUMI_BLOCK + 16 * part);
      // At most 255.
      const uint8x16_t steps =
          vaddq_u8(vqtbl1q_u8(low, vandq_u8(code, vdupq_n_u8(15))), vqtbl1q_u8(high, vshrq_n_u8(code, 4)));
      first[part] = vaddw_u8(first[part], vget_low_u8(steps));
      second[part] = vaddw_high_u8(second[part], steps);
    }
  }
  const uint16x8_t bound = vdupq_n_u16(least);
  uint64_t found = 0;
  for (int part = 0; part < 4; part++) {
    vst1q_u16(sums + 16 * part, first[part]);
    vst1q_u16(sums + 16 * part + 8, second[part]);
    const uint16x8_t a = vcgeq_u16(first[part], bound), b = vcgeq_u16(second[part], bound);
    found |= (uint64_t)bits_of(vcombine_u8(vmovn_u16(a), vmovn_u16(b))) << (16 * part);
  }
  return found;
}
#endif
