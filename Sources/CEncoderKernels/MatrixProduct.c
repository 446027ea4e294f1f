#include "CEncoderKernels.h"

#include <stdint.h>
#include <stdlib.h>

// Columns of a panel: two vectors of 16.
enum { PANEL = FUMIKURA_PANEL_COLUMNS };

void fumikura_pack(const float *weight, long stride, long columns, long width, float *packed) {
  for (long first = 0; first < columns; first += PANEL) {
    long count = columns - first < PANEL ? columns - first : PANEL;
    const float *rows = weight + first * stride;
    for (long k = 0; k < width; k++) {
      for (long j = 0; j < count; j++) packed[k * PANEL + j] = rows[j * stride + k];
      for (long j = count; j < PANEL; j++) packed[k * PANEL + j] = 0;
    }
    packed += width * PANEL;
  }
}

#if defined(__x86_64__)
#include <immintrin.h>

#define WIDE __attribute__((target("avx512f")))

bool fumikura_has_wide_product(void) { return __builtin_cpu_supports("avx512f"); }

// Rows of a tile: 12 rows by 2 vectors are 24 sums, which leaves 8 of the 32 registers for the operands.
enum { TILE = 12 };

// What does not change between the tiles of a panel.
struct panel {
  const float *values;
  long stride;
  long width;
  // Which of the 32 columns there are.
  __mmask16 low, high;
};

// `rows` x 32 numbers of the product. `rows` is a constant where it is called, so that all sums stay in registers.
static inline __attribute__((always_inline)) WIDE void tile(
    const float *a, long a_stride, struct panel panel, float *out, long out_stride, int rows) {
  __m512 low[TILE], high[TILE];
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) low[r] = high[r] = _mm512_setzero_ps();
  const float *b = panel.values;
  for (long k = 0; k < panel.width; k++, b += panel.stride) {
    __m512 b_low = _mm512_maskz_loadu_ps(panel.low, b);
    __m512 b_high = _mm512_maskz_loadu_ps(panel.high, b + 16);
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
      __m512 value = _mm512_set1_ps(a[r * a_stride + k]);
      low[r] = _mm512_fmadd_ps(value, b_low, low[r]);
      high[r] = _mm512_fmadd_ps(value, b_high, high[r]);
    }
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) {
    _mm512_mask_storeu_ps(out + r * out_stride, panel.low, low[r]);
    _mm512_mask_storeu_ps(out + r * out_stride + 16, panel.high, high[r]);
  }
}

static WIDE void tiles(const float *a, long a_stride, long rows, struct panel panel, float *out, long out_stride) {
  long r = 0;
  for (; r + TILE <= rows; r += TILE) {
    tile(a + r * a_stride, a_stride, panel, out + r * out_stride, out_stride, TILE);
  }
  a += r * a_stride;
  out += r * out_stride;
  switch (rows - r) {
#define CASE(n) \
  case n: \
    tile(a, a_stride, panel, out, out_stride, n); \
    break;
    CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7) CASE(8) CASE(9) CASE(10) CASE(11)
#undef CASE
    default: break;
  }
}

WIDE void fumikura_multiply(
    const float *a, long a_stride, long rows, long width, const float *b, long b_stride, long b_panel_stride,
    long columns, float *out, long out_stride) {
  // As many rows at once as stay in the second-level cache while all panels go past them.
  long block = (96 * 1024 / (width > 0 ? width : 1) / TILE + 1) * TILE;
  for (long r = 0; r < rows; r += block) {
    long count = rows - r < block ? rows - r : block;
    for (long first = 0; first < columns; first += PANEL) {
      long left = columns - first;
      uint32_t mask = left >= PANEL ? UINT32_MAX : (1u << left) - 1;
      struct panel panel = {
          b + first / PANEL * b_panel_stride, b_stride, width, (__mmask16)mask, (__mmask16)(mask >> 16)};
      tiles(a + r * a_stride, a_stride, count, panel, out + r * out_stride + first, out_stride);
    }
  }
}

#else

bool fumikura_has_wide_product(void) { return false; }

void fumikura_multiply(
    const float *a, long a_stride, long rows, long width, const float *b, long b_stride, long b_panel_stride,
    long columns, float *out, long out_stride) {
  // Nobody calls it where fumikura_has_wide_product is false.
  (void)a, (void)a_stride, (void)rows, (void)width, (void)b, (void)b_stride, (void)b_panel_stride, (void)columns;
  (void)out, (void)out_stride;
  abort();
}

#endif
