#include "FastKernels.h"

#include <math.h>
#include <stddef.h>

long fumikura_attention_scratch(long tokens, long head_width) {
  long whole = (tokens + 31) / 32 * 32;
  // Keys and values in two bytes, and for each query that is worked on scores in four and weights in two.
  return whole * (4 * head_width + 6 * FUMIKURA_FAST_QUERIES);
}

#if defined(__x86_64__)
const struct fumikura_fast_kernels *fumikura_fast_kernels_at(int index) {
  struct {
    const struct fumikura_fast_kernels *kernels;
    bool run;
  } all[5];
  bool wide = __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")
      && __builtin_cpu_supports("avx512dq");
  bool narrow = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  bool vnni = wide && __builtin_cpu_supports("avx512vnni");
  all[0].kernels = &fumikura_fast_512_bf16, all[0].run = vnni && __builtin_cpu_supports("avx512bf16");
  all[1].kernels = &fumikura_fast_512_vnni, all[1].run = vnni;
  all[2].kernels = &fumikura_fast_256_vnni, all[2].run = narrow && __builtin_cpu_supports("avxvnni");
  all[3].kernels = &fumikura_fast_512, all[3].run = wide;
  all[4].kernels = &fumikura_fast_256, all[4].run = narrow;
  for (int i = 0; i < 5; i++) {
    if (all[i].run && index-- == 0) return all[i].kernels;
  }
  return NULL;
}
#else
const struct fumikura_fast_kernels *fumikura_fast_kernels_at(int index) {
  (void)index;
  return NULL;
}
#endif

#if defined(__x86_64__)
#define FOR_EACH_PROCESSOR __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define FOR_EACH_PROCESSOR
#endif

long fumikura_take_outliers(
    float *weight, long columns, long width, float times, struct fumikura_outlier *outliers, long capacity) {
  long count = 0;
  for (long c = 0; c < columns; c++) {
    float *row = weight + c * width;
    float squares = 0;
    for (long k = 0; k < width; k++) squares += row[k] * row[k];
    float limit = times * sqrtf(squares / (float)width);
    for (long k = 0; k < width && count < capacity; k++) {
      if (fabsf(row[k]) <= limit) continue;
      outliers[count++] = (struct fumikura_outlier){(int32_t)c, (int32_t)k, row[k]};
      row[k] = 0;
    }
  }
  return count;
}

void fumikura_add_outliers(
    const float *input, long rows, long width, const struct fumikura_outlier *outliers, long count, float *out,
    long columns) {
  for (long r = 0; r < rows; r++) {
    for (long i = 0; i < count; i++) {
      out[r * columns + outliers[i].column] += outliers[i].weight * input[r * width + outliers[i].component];
    }
  }
}

FOR_EACH_PROCESSOR
void fumikura_pack_bytes(
    const float *weight, long columns, long width, float factor, int limit, int8_t *values, float *scales,
    float *sums) {
  // Adding it to a small number rounds that to a whole one.
  const float shifter = 12582912.0f;  // 1.5 · 2^23
  for (long c = 0; c < columns; c++) {
    const float *row = weight + c * width;
    float highest = 0;
    for (long k = 0; k < width; k++) {
      float size = fabsf(row[k]);
      highest = size > highest ? size : highest;
    }
    float scale = highest / (float)limit, inverse = highest > 0 ? (float)limit / highest : 0;
    int8_t *panel = values + c / FUMIKURA_FAST_PANEL * FUMIKURA_FAST_PANEL * width + c % FUMIKURA_FAST_PANEL * 4;
    float sum = 0;
    for (long k = 0; k < width; k++) {
      float q = (row[k] * inverse + shifter) - shifter;
      sum += q;
      panel[k / 4 * FUMIKURA_FAST_PANEL * 4 + k % 4] = (int8_t)q;
    }
    scales[c] = scale * factor;
    sums[c] = scale * factor * sum;
  }
}
