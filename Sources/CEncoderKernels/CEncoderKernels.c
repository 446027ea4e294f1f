#include "CEncoderKernels.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

// Each kernel is compiled once a processor generation and bound when the program is loaded. Products may be fused into
// sums, and long sums may be reordered, which lets the compiler use whole vectors: results differ in the last digits.
#if defined(__x86_64__)
#define FOR_EACH_PROCESSOR __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define FOR_EACH_PROCESSOR
#endif
#pragma clang fp contract(fast)
#define INLINE static inline __attribute__((always_inline))

// e^x for x <= 0, relative error below 2e-7; 0 below -87. e^x = 2^n e^r with |r| <= ln 2 / 2, and e^r by a polynomial
// fitted to the least relative error there.
INLINE float exponential(float x) {
  const float shifter = 12582912.0f;  // 1.5 * 2^23: adding it rounds to an integer, which stays in the low bits.
  float clamped = x < -87.0f ? -87.0f : x;
  float shifted = clamped * 1.44269504f + shifter;
  int32_t bits;
  memcpy(&bits, &shifted, sizeof bits);
  float n = shifted - shifter;
  // ln 2 in two parts, the first exact in few bits.
  float r = clamped - n * 0.693359375f;
  r = r - n * -2.12194440e-4f;
  float p = 0.00138145549f;
  p = p * r + 0.00836870951f;
  p = p * r + 0.0416683881f;
  p = p * r + 0.166665207f;
  p = p * r + 0.499999934f;
  p = p * r * r + r + 1.0f;
  int32_t scale = (int32_t)((uint32_t)(bits + 127) << 23);
  float power;
  memcpy(&power, &scale, sizeof power);
  return x < -87.0f ? 0.0f : p * power;
}

// erf(x) = x P(x^2) / Q(x^2) on [-4, 4], fitted to the least absolute error there (2e-8; 4e-7 with float rounding).
INLINE float error_function(float x) {
  float c = x > 4.0f ? 4.0f : x;
  c = c < -4.0f ? -4.0f : c;
  float u = c * c;
  float p = 1.97468944e-6f;
  p = p * u + 0.000288018229f;
  p = p * u + 0.00400330545f;
  p = p * u + 0.053466469f;
  p = p * u + 0.196243241f;
  p = p * u + 1.12837899f;
  float q = 3.74781484e-5f;
  q = q * u + 0.00121624616f;
  q = q * u + 0.015443787f;
  q = q * u + 0.116473816f;
  q = q * u + 0.50724721f;
  q = q * u + 1.0f;
  float y = c * p / q;
  y = y > 1.0f ? 1.0f : y;
  return y < -1.0f ? -1.0f : y;
}

// In sixteen lanes, because the compiler may not reorder a plain maximum.
INLINE float largest(const float *x, long count) {
  float lanes[16];
  for (int j = 0; j < 16; j++) lanes[j] = x[0];
  long i = 0;
  for (; i + 16 <= count; i += 16) {
    for (int j = 0; j < 16; j++) lanes[j] = x[i + j] > lanes[j] ? x[i + j] : lanes[j];
  }
  for (; i < count; i++) lanes[0] = x[i] > lanes[0] ? x[i] : lanes[0];
  for (int j = 1; j < 16; j++) lanes[0] = lanes[j] > lanes[0] ? lanes[j] : lanes[0];
  return lanes[0];
}

INLINE void normalise(const float *x, long width, const float *weight, const float *bias, float epsilon, float *out) {
#pragma clang fp reassociate(on)
  float sum = 0;
  for (long i = 0; i < width; i++) sum += x[i];
  float mean = sum / (float)width;
  float squares = 0;
  for (long i = 0; i < width; i++) squares += (x[i] - mean) * (x[i] - mean);
  float scale = 1.0f / sqrtf(squares / (float)width + epsilon);
  for (long i = 0; i < width; i++) out[i] = (x[i] - mean) * scale * weight[i] + bias[i];
}

FOR_EACH_PROCESSOR
void fumikura_embed(
    const int *places, long rows, long width, const float *positions, const float *type, const float *weight,
    const float *bias, float epsilon, float *values) {
  for (long r = 0; r < rows; r++) {
    const float *position = positions + places[r] * width;
    float *row = values + r * width;
    for (long i = 0; i < width; i++) row[i] = row[i] + type[i] + position[i];
    normalise(row, width, weight, bias, epsilon, row);
  }
}

FOR_EACH_PROCESSOR
void fumikura_add_bias(float *values, long rows, long width, const float *bias) {
  for (long r = 0; r < rows; r++) {
    float *restrict row = values + r * width;
    for (long i = 0; i < width; i++) row[i] += bias[i];
  }
}

FOR_EACH_PROCESSOR
void fumikura_add_bias_gelu(float *values, long rows, long width, const float *bias) {
  for (long r = 0; r < rows; r++) {
    float *restrict row = values + r * width;
    for (long i = 0; i < width; i++) {
      float x = row[i] + bias[i];
      row[i] = 0.5f * x * (1.0f + error_function(x * 0.707106781f));
    }
  }
}

FOR_EACH_PROCESSOR
void fumikura_add_bias_gelu_tanh(float *values, long rows, long width, const float *bias) {
  for (long r = 0; r < rows; r++) {
    float *restrict row = values + r * width;
    for (long i = 0; i < width; i++) {
      float x = row[i] + bias[i];
      // (1 + tanh y) / 2 = 1 / (1 + e^-2y), by the power of the negative one of the two.
      float z = 1.59576912f * (x + 0.044715f * x * x * x);
      float power = exponential(z < 0 ? z : -z);
      row[i] = x * (z < 0 ? power : 1.0f) / (1.0f + power);
    }
  }
}

FOR_EACH_PROCESSOR
void fumikura_add_bias_relu(float *values, long rows, long width, const float *bias) {
  for (long r = 0; r < rows; r++) {
    float *restrict row = values + r * width;
    for (long i = 0; i < width; i++) {
      float x = row[i] + bias[i];
      row[i] = x > 0 ? x : 0;
    }
  }
}

FOR_EACH_PROCESSOR
void fumikura_add_norm(
    float *hidden, float *values, long rows, long width, const float *value_bias, const float *weight,
    const float *bias, float epsilon) {
  for (long r = 0; r < rows; r++) {
    float *restrict sum = values + r * width;
    float *restrict row = hidden + r * width;
    for (long i = 0; i < width; i++) sum[i] += value_bias[i] + row[i];
    normalise(sum, width, weight, bias, epsilon, row);
  }
}

FOR_EACH_PROCESSOR
void fumikura_softmax(float *values, long rows, long width, float scale) {
#pragma clang fp reassociate(on)
  for (long r = 0; r < rows; r++) {
    float *restrict row = values + r * width;
    float highest = largest(row, width);
    float sum = 0;
    for (long i = 0; i < width; i++) {
      row[i] = exponential(scale * (row[i] - highest));
      sum += row[i];
    }
    float share = 1.0f / sum;
    for (long i = 0; i < width; i++) row[i] *= share;
  }
}

FOR_EACH_PROCESSOR
void fumikura_sum_rows(const float *values, long rows, long width, float scale, float *restrict out) {
  for (long i = 0; i < width; i++) out[i] = 0;
  for (long r = 0; r < rows; r++) {
    const float *row = values + r * width;
    for (long i = 0; i < width; i++) out[i] += row[i];
  }
  for (long i = 0; i < width; i++) out[i] *= scale;
}

FOR_EACH_PROCESSOR
void fumikura_sum_byte_rows(
    const int8_t *table, const float *scales, const int32_t *ids, long count, long width, float *restrict out) {
  for (long i = 0; i < width; i++) out[i] = 0;
  for (long t = 0; t < count; t++) {
    const int8_t *row = table + (long)ids[t] * width;
    float scale = scales[ids[t]];
    // The rows lie anywhere: the next but one is on its way while this one is added.
    if (t + 2 < count) {
      const char *next = (const char *)(table + (long)ids[t + 2] * width);
      for (long line = 0; line < width; line += 64) __builtin_prefetch(next + line);
    }
    for (long i = 0; i < width; i++) out[i] += scale * (float)row[i];
  }
}

FOR_EACH_PROCESSOR
void fumikura_max_rows(const float *values, long rows, long width, float *restrict out) {
  for (long i = 0; i < width; i++) out[i] = values[i];
  for (long r = 1; r < rows; r++) {
    const float *row = values + r * width;
    for (long i = 0; i < width; i++) out[i] = row[i] > out[i] ? row[i] : out[i];
  }
}

FOR_EACH_PROCESSOR
void fumikura_scale_to_unit(float *values, long width) {
#pragma clang fp reassociate(on)
  float squares = 0;
  for (long i = 0; i < width; i++) squares += values[i] * values[i];
  float scale = squares > 0 ? 1.0f / sqrtf(squares) : 1.0f;
  for (long i = 0; i < width; i++) values[i] *= scale;
}
