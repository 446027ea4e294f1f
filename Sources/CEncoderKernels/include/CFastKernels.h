#pragma once
#include <stdbool.h>
#include <stdint.h>

// The parts of a transformer's forward pass in whole numbers of eight bits. A matrix of activations is `rows` × `width`
// bytes without gaps, each row with its own scale and lowest value: x = scale · q + low, q from 0 to 255. Numbers of
// rows are multiples of FUMIKURA_FAST_ROWS: whoever calls fills up with any rows that are there to be read and written.
// Widths and columns are multiples of 64. What each computes is said in plain Swift in
// Tests/SentenceEncoderTests/PlainFastKernels.swift.

enum {
  FUMIKURA_FAST_ROWS = 6,
  /// Columns of a panel of packed weights.
  FUMIKURA_FAST_PANEL = 64,
  /// Rows past the last token of a text that `attend` reads, and that must be there.
  FUMIKURA_FAST_QUERIES = 12,
};

/// Activations of eight bits.
struct fumikura_rows {
  uint8_t *values;
  float *scales;
  float *lows;
};

/// The weights of a linear layer, y = W x + bias, each of its `columns` outputs with its own scale: W = scale · q.
struct fumikura_weights {
  /// In panels of 64 columns, each `width` / 4 times 64 columns times 4 numbers.
  const int8_t *values;
  const float *scales;
  /// Of each column, scale · Σ q.
  const float *sums;
  const float *bias;
  long columns;
  long width;
  /// Whether some |q| may be more than the kernels' `weight_limit`: then kernels whose sums are cut off take more time
  /// for exact ones.
  bool exact;
};

/// One weight of a linear layer, far larger than the others of its column, which is kept apart in float32.
struct fumikura_outlier {
  int32_t column;
  int32_t component;
  float weight;
};

enum fumikura_product {
  /// out = y, float32.
  FUMIKURA_PRODUCT_FLOAT,
  /// out = y, bfloat16.
  FUMIKURA_PRODUCT_BFLOAT,
  /// out = gelu(y) with the error function, float32, within 4e-4 · max(1, |y|).
  FUMIKURA_PRODUCT_GELU,
  /// out = max(0, y), float32.
  FUMIKURA_PRODUCT_RELU,
  /// out = Σ of bytes and weights, whole numbers of 32 bits: the bare product.
  FUMIKURA_PRODUCT_SUMS,
  /// out += y, float32.
  FUMIKURA_PRODUCT_ADD,
};

/// The kernels for one kind of processor.
struct fumikura_fast_kernels {
  /// As a person calls it: "AVX-512 VNNI".
  const char *name;
  /// As oneDNN calls what it needs: "AVX512_CORE_VNNI".
  const char *isa;
  /// The largest |q| of a weight that costs nothing: 127, or 63 where sums of two products of bytes must fit 16 bits.
  int weight_limit;

  /// Eight bits of each row of `input`, rows × width, its components times `factors` unless that is null.
  void (*quantize)(const float *input, long rows, long width, const float *factors, struct fumikura_rows out);
  /// Each row x of `hidden` becomes LayerNorm(x), and the eight bits of that times `factors` become `out`.
  void (*norm)(
      float *hidden, long rows, long width, const float *weight, const float *bias, float epsilon,
      const float *factors, struct fumikura_rows out);
  /// `out` is rows × weights.columns without gaps.
  void (*multiply)(
      struct fumikura_rows input, long rows, const struct fumikura_weights *weights, enum fumikura_product kind,
      void *out);
  /// Attention of one text in bfloat16, null where the processor has no such products. `qkv` is tokens × 3 · heads ·
  /// head_width: queries, keys, values, the queries scaled by log2(e) / √head_width. head_width is a multiple of 32.
  /// context, tokens × heads · head_width, = softmax(Q Kᵀ) V a head. `scratch` has
  /// fumikura_attention_scratch(tokens, head_width) bytes, aligned to 64.
  void (*attend)(const uint16_t *qkv, long tokens, long heads, long head_width, void *scratch, float *context);
};

long fumikura_attention_scratch(long tokens, long head_width);

/// The kernels that this processor can run, the fastest first; null past the last. Empty without AVX2.
const struct fumikura_fast_kernels *fumikura_fast_kernels_at(int index);

/// Puts the weights that are more than `times` the root mean square of their column's apart into `outliers`, at most
/// `capacity` of them, leaving 0 where they stood, and returns their number. `weight` is columns × width.
long fumikura_take_outliers(
    float *weight, long columns, long width, float times, struct fumikura_outlier *outliers, long capacity);

/// out += the outliers' part of the product: `input` is rows × width, `out` rows × columns.
void fumikura_add_outliers(
    const float *input, long rows, long width, const struct fumikura_outlier *outliers, long count, float *out,
    long columns);

/// Packs `weight`, columns × width floats, each column's rounded to steps of a `limit`-th of its largest. The result
/// stands for the weights times `factor`. `values` has columns · width bytes, `scales` and `sums` `columns` numbers.
void fumikura_pack_bytes(
    const float *weight, long columns, long width, float factor, int limit, int8_t *values, float *scales, float *sums);
