// How many multiplies and adds a second oneDNN takes for the products of all-MiniLM-L6-v2's layers, in several number
// formats, on one thread: the peer of `product_gops` of `fumi bench encode`. Run it by scripts/bench-onednn.

#include <dnnl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void check(dnnl_status_t status, const char *what) {
  if (status == dnnl_success) return;
  fprintf(stderr, "%s: status %d\n", what, (int)status);
  exit(1);
}
#define CHECK(call) check(call, #call)

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static dnnl_memory_t memory(const dnnl_memory_desc_t *form, dnnl_engine_t engine) {
  dnnl_memory_t memory;
  void *bytes;
  CHECK(dnnl_memory_create(&memory, form, engine, DNNL_MEMORY_ALLOCATE));
  CHECK(dnnl_memory_get_data_handle(memory, &bytes));
  memset(bytes, 1, dnnl_memory_desc_get_size(form));
  return memory;
}

// Seconds of one product of rows x width by width x columns, the best of seven rounds; negative where there is none.
static double product(
    dnnl_engine_t engine, dnnl_stream_t stream, long rows, long columns, long width, dnnl_data_type_t inputs,
    dnnl_data_type_t weights, dnnl_data_type_t outputs, const char **name) {
  dnnl_memory_desc_t a, b, c;
  dnnl_dims_t a_shape = {rows, width}, b_shape = {width, columns}, c_shape = {rows, columns};
  CHECK(dnnl_memory_desc_init_by_tag(&a, 2, a_shape, inputs, dnnl_ab));
  CHECK(dnnl_memory_desc_init_by_tag(&b, 2, b_shape, weights, dnnl_format_tag_any));
  CHECK(dnnl_memory_desc_init_by_tag(&c, 2, c_shape, outputs, dnnl_ab));
  dnnl_matmul_desc_t description;
  CHECK(dnnl_matmul_desc_init(&description, &a, &b, NULL, &c));
  dnnl_primitive_desc_t choice;
  if (dnnl_primitive_desc_create(&choice, &description, NULL, engine, NULL) != dnnl_success) return -1;
  CHECK(dnnl_primitive_desc_query(choice, dnnl_query_impl_info_str, 0, name));
  const dnnl_memory_desc_t *packed = dnnl_primitive_desc_query_md(choice, dnnl_query_weights_md, 0);
  dnnl_primitive_t primitive;
  CHECK(dnnl_primitive_create(&primitive, choice));
  dnnl_exec_arg_t arguments[] = {
      {DNNL_ARG_SRC, memory(&a, engine)},
      {DNNL_ARG_WEIGHTS, memory(packed, engine)},
      {DNNL_ARG_DST, memory(&c, engine)}};
  double best = -1;
  int times = 1 + (int)(5e8 / (2.0 * (double)rows * (double)columns * (double)width));
  for (int round = 0; round < 7; round++) {
    double start = now();
    for (int i = 0; i < times; i++) CHECK(dnnl_primitive_execute(primitive, stream, 3, arguments));
    CHECK(dnnl_stream_wait(stream));
    double seconds = (now() - start) / times;
    if (best < 0 || seconds < best) best = seconds;
  }
  for (int i = 0; i < 3; i++) dnnl_memory_destroy(arguments[i].memory);
  dnnl_primitive_destroy(primitive);
  return best;
}

int main(void) {
  dnnl_engine_t engine;
  dnnl_stream_t stream;
  CHECK(dnnl_engine_create(&engine, dnnl_cpu, 0));
  CHECK(dnnl_stream_create(&stream, engine, dnnl_stream_default_flags));
  static const struct {
    const char *name;
    dnnl_data_type_t inputs, weights, outputs;
  } formats[] = {
      {"u8 x s8", dnnl_u8, dnnl_s8, dnnl_s32},
      {"s8 x s8", dnnl_s8, dnnl_s8, dnnl_s32},
      {"bf16", dnnl_bf16, dnnl_bf16, dnnl_f32},
      {"f32", dnnl_f32, dnnl_f32, dnnl_f32}};
  static const long shapes[][2] = {{1152, 384}, {384, 384}, {1536, 384}, {384, 1536}};
  for (size_t format = 0; format < sizeof formats / sizeof formats[0]; format++) {
    for (long rows = 48; rows <= 480; rows *= 10) {
      double operations = 0, seconds = 0;
      const char *name = "none";
      for (size_t shape = 0; shape < sizeof shapes / sizeof shapes[0]; shape++) {
        double time = product(
            engine, stream, rows, shapes[shape][0], shapes[shape][1], formats[format].inputs,
            formats[format].weights, formats[format].outputs, &name);
        if (time < 0) continue;
        operations += 2.0 * (double)rows * (double)shapes[shape][0] * (double)shapes[shape][1];
        seconds += time;
      }
      if (seconds > 0) {
        printf("%s\t%ld rows\t%.0f · 10⁹/s\t%s\n", formats[format].name, rows, operations / seconds * 1e-9, name);
      } else {
        printf("%s\t%ld rows\tnot on this processor\n", formats[format].name, rows);
      }
    }
  }
  return 0;
}
