#include "blocks.h"

#include <math.h>
#include <stdlib.h>

#if defined(__aarch64__)
#include <sys/auxv.h>
#endif

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
#elif defined(__aarch64__)
  case FUMI_NEON:
    return 1;
  case FUMI_NEON_DOTPROD:
    return (getauxval(AT_HWCAP) & (1 << 20)) != 0; // HWCAP_ASIMDDP
#endif
  default:
    return 0;
  }
}

typedef struct {
  fumi_rows_kernel rows;
  fumi_columns_kernel columns;
} kernels;

static kernels kernels_of(fumi_scan_kernel kernel) {
  switch (kernel) {
#if defined(__x86_64__)
  case FUMI_AVX2:
    return (kernels){fumi_rows_avx2, fumi_columns_avx2};
  case FUMI_AVX512_VNNI:
    return (kernels){fumi_rows_avx512_vnni, fumi_columns_avx512_vnni};
#elif defined(__aarch64__)
  case FUMI_NEON:
    return (kernels){fumi_rows_neon, fumi_columns_neon};
  case FUMI_NEON_DOTPROD:
    return (kernels){fumi_rows_neon_dotprod, fumi_columns_neon};
#endif
  default:
    return (kernels){fumi_rows_scalar, fumi_columns_scalar};
  }
}

// MARK: The exact score

// Unsigned throughout, because sums may wrap on the way: the centred one fits again. `count` is a multiple of 16.
static uint32_t exact_8(const int16_t *q, const uint8_t *code, size_t count) {
  uint32_t sum = 0;
  for (size_t j = 0; j < count; j++)
    sum += (uint32_t)((int32_t)code[j] * q[j]);
  return sum;
}

static uint32_t exact_4(const int16_t *q, const int16_t *second, const uint8_t *code, size_t count) {
  uint32_t sum = 0;
  for (size_t j = 0; j < count; j++)
    sum += (uint32_t)((int32_t)(code[j] & 15) * q[j] + (int32_t)(code[j] >> 4) * second[j]);
  return sum;
}

static uint32_t exact_columns(const int32_t *sums, const uint8_t *code, size_t bytes) {
  uint32_t sum = 0;
  for (size_t j = 0; j < bytes; j++, sums += 32) {
    const uint8_t byte = code[j * FUMI_BLOCK];
    sum += (uint32_t)sums[byte & 15] + (uint32_t)sums[16 + (byte >> 4)];
  }
  return sum;
}

static float factor_of(const fumi_scan_rows *rows, size_t row) {
  return rows->factors ? rows->factors[row] : rows->largest_factor;
}

static float exact_score(const fumi_code_query *query, const fumi_scan_rows *rows, size_t row) {
  const size_t bytes = query->bytes, padded = (bytes + 15) / 16 * 16;
  const uint8_t *code = query->bits > 2 ? rows->codes + row * bytes
                                        : rows->codes + row / FUMI_BLOCK * FUMI_BLOCK * bytes + row % FUMI_BLOCK;
  const uint32_t sum = query->bits == 8   ? exact_8(query->exact, code, padded)
                       : query->bits == 4 ? exact_4(query->exact, query->exact + query->stride, code, padded)
                                          : exact_columns(query->sums, code, bytes);
  return (float)(int32_t)(sum - (uint32_t)query->bias) * factor_of(rows, row) * query->scale;
}

// MARK: The best so far

// A hit as one number, larger the better: the score's bits in the order of numbers, then the lower row. No two are equal.
static uint64_t key_of(float score, size_t row) {
  union {
    float number;
    uint32_t bits;
  } value = {score + 0.0f}; // of the two zeros the positive one
  const uint32_t bits = value.bits;
  return (uint64_t)(bits >> 31 ? ~bits : bits | 0x80000000u) << 32 | (uint32_t)~row;
}

static fumi_code_hit hit_of(uint64_t key) {
  const uint32_t ordered = (uint32_t)(key >> 32);
  union {
    uint32_t bits;
    float number;
  } value = {ordered >> 31 ? ordered & 0x7fffffffu : ~ordered};
  return (fumi_code_hit){value.number, (int32_t)~(uint32_t)key};
}

static int descending(const void *a, const void *b) {
  const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x < y) - (x > y);
}

static void swap(uint64_t *a, uint64_t *b) {
  const uint64_t kept = *a;
  *a = *b;
  *b = kept;
}

// Moves the best `limit` of the keys to the front, the worst of them last (quickselect).
static void select_best(uint64_t *keys, size_t count, size_t limit) {
  ptrdiff_t low = 0, high = (ptrdiff_t)count - 1;
  const ptrdiff_t last = (ptrdiff_t)limit - 1;
  while (low < high) {
    const ptrdiff_t middle = low + (high - low) / 2;
    if (keys[middle] > keys[low]) swap(keys + middle, keys + low);
    if (keys[high] > keys[low]) swap(keys + high, keys + low);
    if (keys[high] > keys[middle]) swap(keys + high, keys + middle);
    const uint64_t pivot = keys[middle];
    ptrdiff_t i = low, j = high;
    while (i <= j) {
      while (keys[i] > pivot) i++;
      while (keys[j] < pivot) j--;
      if (i > j)
        break;
      swap(keys + i++, keys + j--);
    }
    // low..j are above i..high; between them stands the pivot alone, or nothing.
    if (last <= j)
      high = j;
    else if (last >= i)
      low = i;
    else
      break;
  }
}

// MARK: The bound

typedef struct {
  uint64_t *keys; // of hits: up to `capacity`, of which the best `limit` are kept once it is full
  size_t count;
  int is_full; // whether there were `limit` hits; only then the following hold
  float threshold; // no row counts whose score is not above it
  float cut;
  uint16_t least;
} progress;

// Keeps the best `limit`, and finds what a row's bound must reach for its score to be above them. The float operations
// of a score and of a bound move it by less than 2^-21 of itself: 1e-5 is ample.
static void keep_best(progress *now, const fumi_code_query *query, size_t limit, float largest_factor) {
  select_best(now->keys, now->count, limit);
  now->count = limit;
  now->is_full = 1;
  // A row equal to the worst hit comes later and so loses.
  const double threshold = now->threshold = hit_of(now->keys[limit - 1]).score;
  now->cut = (float)(threshold - (1 + 1e-5) * query->scale * query->low_norm - 1e-5 * fabs(threshold));
  now->least = 0;
  // Below 0 a small factor helps a row, and among denormal numbers nothing is sure.
  if (query->bits > 2 || threshold < 1e-30)
    return;
  const double sum = threshold / ((double)largest_factor * query->scale) * (1 - 1e-5) - 1 + query->bias;
  const double steps = floor((sum - query->least_sum) / query->unit) + 1;
  now->least = steps < 0 ? 0 : steps < 65535 ? (uint16_t)steps : 65535;
}

// Of a block's rows: those that may be above the threshold.
static uint64_t passing(const kernels *run, const progress *now, const fumi_code_query *query,
                        const fumi_scan_rows *rows, size_t start, uint64_t wanted) {
  // A block of rows of which so few are wanted is not passed over as a whole.
  enum { FEW = 4 };
  const uint8_t *codes = rows->codes + start * query->bytes;
  if (query->bits > 2)
    return __builtin_popcountll(wanted) <= FEW ? wanted
                                               : wanted & run->rows(query, codes, rows->factors + start, now->cut);
  uint16_t steps[FUMI_BLOCK];
  wanted &= run->columns(query, codes, now->least, steps);
  // Once more by each row's own factor. The operations are those of a score, and monotonic: they bound it.
  for (uint64_t left = wanted; left; left &= left - 1) {
    const int lane = __builtin_ctzll(left);
    const int64_t bound = (int64_t)query->unit * steps[lane] + query->least_sum - query->bias;
    if (!((float)bound * factor_of(rows, start + (size_t)lane) * query->scale > now->threshold))
      wanted &= ~((uint64_t)1 << lane);
  }
  return wanted;
}

void fumi_scan_codes(fumi_scan_kernel kernel, const fumi_code_query *queries, size_t count, const fumi_scan_rows *rows,
                     size_t limit, fumi_code_hit *hits, size_t *found) {
  const kernels run = kernels_of(kernel);
  const size_t first = rows->first, last = rows->last, capacity = limit + limit / 2 + 2 * FUMI_BLOCK;
  progress *all = calloc(count + 1, sizeof *all);
  uint64_t *keys = malloc((count * capacity + 1) * sizeof *keys);
  if (!all || !keys)
    abort(); // in Swift, too, nothing goes on without memory
  for (size_t i = 0; i < count; i++)
    all[i].keys = keys + i * capacity;
  for (size_t start = first / FUMI_BLOCK * FUMI_BLOCK; start < last && limit > 0; start += FUMI_BLOCK) {
    uint64_t wanted = rows->allowed ? rows->allowed[start / FUMI_BLOCK] : ~(uint64_t)0;
    if (start < first)
      wanted &= ~(uint64_t)0 << (first - start);
    if (last - start < FUMI_BLOCK)
      wanted &= ((uint64_t)1 << (last - start)) - 1;
    if (wanted == 0)
      continue;
    for (size_t i = 0; i < count; i++) {
      progress *now = all + i;
      uint64_t left = now->is_full ? passing(&run, now, queries + i, rows, start, wanted) : wanted;
      if (left == 0)
        continue;
      for (; left; left &= left - 1) {
        const size_t row = start + (size_t)__builtin_ctzll(left);
        const float score = exact_score(queries + i, rows, row);
        if (!now->is_full || score > now->threshold)
          now->keys[now->count++] = key_of(score, row);
      }
      if (now->count >= limit && (!now->is_full || now->count + FUMI_BLOCK > capacity))
        keep_best(now, queries + i, limit, rows->largest_factor);
    }
  }
  for (size_t i = 0; i < count; i++) {
    progress *now = all + i;
    if (now->count > limit)
      select_best(now->keys, now->count, limit);
    found[i] = now->count < limit ? now->count : limit;
    qsort(now->keys, found[i], sizeof *now->keys, descending);
    for (size_t j = 0; j < found[i]; j++)
      hits[i * limit + j] = hit_of(now->keys[j]);
  }
  free(keys);
  free(all);
}
