#pragma once
// The parts of a transformer's forward pass that are no matrix product, in float32, compiled for several processors and
// chosen when the program is loaded. All matrices are row-major and without gaps unless a stride is given; `rows` counts
// tokens. What each computes is said in plain Swift in Tests/SentenceEncoderTests/PlainEncoder.swift.

/// out[r] = LayerNorm(words[ids[r]] + types + positions[place[r]]) over `width` numbers.
void fumikura_embed(
    const int *ids, const int *places, long rows, long width, const float *words, const float *positions,
    const float *type, const float *weight, const float *bias, float epsilon, float *out);

/// values[r][i] += bias[i].
void fumikura_add_bias(float *values, long rows, long width, const float *bias);

/// values[r][i] = gelu(values[r][i] + bias[i]), gelu(x) = x (1 + erf(x / sqrt 2)) / 2. Within 1e-6 · max(1, |x|).
void fumikura_add_bias_gelu(float *values, long rows, long width, const float *bias);

/// hidden[r] = LayerNorm(hidden[r] + values[r] + bias). `values` is overwritten.
void fumikura_add_norm(
    float *hidden, float *values, long rows, long width, const float *value_bias, const float *weight,
    const float *bias, float epsilon);

/// Every row of a `rows` × `width` matrix becomes its softmax: positive, with sum 1.
void fumikura_softmax(float *values, long rows, long width);

/// out = the mean of the rows, scaled to length 1 (left as it is where its length is 0).
void fumikura_mean_unit(const float *values, long rows, long width, float *out);
