#include "groups.h"

#include <math.h>

int fumi_scan_kernel_runs(fumi_scan_kernel kernel) {
  switch (kernel) {
  case FUMI_SCALAR:
    return 1;
#if defined(__x86_64__)
  case FUMI_AVX2:
    return __builtin_cpu_supports("avx2") != 0;
  case FUMI_AVX512_VNNI:
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni");
#endif
  default:
    return 0;
  }
}

static fumi_group_kernel group_of(fumi_scan_kernel kernel) {
  switch (kernel) {
#if defined(__x86_64__)
  case FUMI_AVX2:
    return fumi_group_avx2;
  case FUMI_AVX512_VNNI:
    return fumi_group_avx512_vnni;
#endif
  default:
    return fumi_group_scalar;
  }
}

// The hits so far are a heap with the worst at its root.
static int worse(fumi_code_hit a, fumi_code_hit b) {
  return a.score < b.score || (a.score == b.score && a.row > b.row);
}

static void sift_down(fumi_code_hit *heap, size_t count, size_t at) {
  fumi_code_hit moving = heap[at];
  for (;;) {
    size_t child = 2 * at + 1;
    if (child >= count)
      break;
    if (child + 1 < count && worse(heap[child + 1], heap[child]))
      child++;
    if (!worse(heap[child], moving))
      break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = moving;
}

static void sift_up(fumi_code_hit *heap, size_t at) {
  fumi_code_hit moving = heap[at];
  while (at > 0 && worse(moving, heap[(at - 1) / 2])) {
    heap[at] = heap[(at - 1) / 2];
    at = (at - 1) / 2;
  }
  heap[at] = moving;
}

size_t fumi_scan_codes(fumi_scan_kernel kernel, const fumi_code_query *query, const uint8_t *codes, const float *factors,
                       size_t first, size_t last, const uint64_t *allowed, size_t limit, fumi_code_hit *hits) {
  fumi_group_kernel group = group_of(kernel);
  size_t count = 0;
  float scores[FUMI_GROUP];
  if (limit == 0)
    return 0;
  for (size_t start = first & ~(size_t)(FUMI_GROUP - 1); start < last; start += FUMI_GROUP) {
    uint32_t wanted = allowed ? (uint32_t)(allowed[start / 64] >> (start % 64)) & 0xffff : 0xffff;
    if (start < first)
      wanted &= 0xffffu << (first - start);
    if (last - start < FUMI_GROUP)
      wanted &= (1u << (last - start)) - 1;
    if (wanted == 0)
      continue;
    // A row equal to the worst hit comes later and so loses: only what is above it matters.
    float threshold = count < limit ? -INFINITY : hits[0].score;
    uint32_t found = wanted & group(query, codes + start * query->bytes, factors + start, threshold, scores);
    for (; found; found &= found - 1) {
      uint32_t lane = (uint32_t)__builtin_ctz(found);
      fumi_code_hit hit = {scores[lane], (int32_t)(start + lane)};
      if (count < limit) {
        hits[count] = hit;
        sift_up(hits, count++);
      } else if (worse(hits[0], hit)) {
        hits[0] = hit;
        sift_down(hits, count, 0);
      }
    }
  }
  // Heap sort: the worst goes to the end each time.
  for (size_t end = count; end > 1; end--) {
    fumi_code_hit worst = hits[0];
    hits[0] = hits[end - 1];
    hits[end - 1] = worst;
    sift_down(hits, end - 1, 0);
  }
  return count;
}
