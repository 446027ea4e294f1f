#pragma once
#include <stdbool.h>

#include "CFastKernels.h"

// The parts of a transformer's forward pass in float32, compiled for several processors and chosen when the program is
// loaded. All matrices are row-major and without gaps unless a stride is given; `rows` counts
// tokens. What each computes is said in plain Swift in Tests/SentenceEncoderTests/PlainEncoder.swift.

/// values[r] = LayerNorm(values[r] + type + positions[places[r]]) over `width` numbers; `values` holds the words' rows.
void fumikura_embed(
    const int *places, long rows, long width, const float *positions, const float *type, const float *weight,
    const float *bias, float epsilon, float *values);

/// values[r][i] += bias[i].
void fumikura_add_bias(float *values, long rows, long width, const float *bias);

/// values[r][i] = gelu(values[r][i] + bias[i]), gelu(x) = x (1 + erf(x / sqrt 2)) / 2. Within 1e-6 · max(1, |x|).
void fumikura_add_bias_gelu(float *values, long rows, long width, const float *bias);

/// The same with GELU's other form, x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2.
void fumikura_add_bias_gelu_tanh(float *values, long rows, long width, const float *bias);

/// values[r][i] = max(0, values[r][i] + bias[i]).
void fumikura_add_bias_relu(float *values, long rows, long width, const float *bias);

/// hidden[r] = LayerNorm(hidden[r] + values[r] + bias). `values` is overwritten.
void fumikura_add_norm(
    float *hidden, float *values, long rows, long width, const float *value_bias, const float *weight,
    const float *bias, float epsilon);

/// Every row x of a `rows` × `width` matrix becomes softmax(scale x), positive, with sum 1. `scale` is positive.
void fumikura_softmax(float *values, long rows, long width, float scale);

/// out = scale times the sum of the rows.
void fumikura_sum_rows(const float *values, long rows, long width, float scale, float *out);

/// out = the sum of the rows of `table` that `ids` name, `count` times one of `width` bytes, each times its row's scale.
void fumikura_sum_byte_rows(
    const int8_t *table, const float *scales, const int32_t *ids, long count, long width, float *out);

/// out[i] = the largest values[r][i]; `rows` is 1 or more.
void fumikura_max_rows(const float *values, long rows, long width, float *out);

/// Scales `values` to length 1; leaves them as they are where their length is 0.
void fumikura_scale_to_unit(float *values, long width);

/// Whether this processor can run `fumikura_multiply` (AVX-512).
bool fumikura_has_wide_product(void);

enum { FUMIKURA_PANEL_COLUMNS = 32 };

/// Lays out the transpose of `weight` (`columns` × `width`, its rows `stride` apart) in panels of 32 columns, each row
/// by row, the last one filled up with zeros: `width` × 32 numbers a panel.
void fumikura_pack(const float *weight, long stride, long columns, long width, float *packed);

/// out = a b: `rows` × `width` times `width` × `columns`. b lies in panels of 32 columns: row k of panel p starts at
/// b + p · b_panel_stride + k · b_stride. Nothing past `columns` is read of b or written to out.
void fumikura_multiply(
    const float *a, long a_stride, long rows, long width, const float *b, long b_stride, long b_panel_stride,
    long columns, float *out, long out_stride);
