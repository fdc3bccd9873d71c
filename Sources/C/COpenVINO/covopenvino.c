#include "covopenvino.h"

#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef __GLIBC__
#include <malloc.h>
#include <sys/mman.h>
#endif

/* Values of enumerations that OpenVINO's C API fixes: ov_common.h, ov_prepostprocess.h. */
enum { element_f32 = 4, element_u8 = 16 };
enum { color_rgb = 5, color_bgr = 6, color_gray = 7 };

/* ov_dimension.h, ov_partial_shape.h: from the least to the most. */
typedef struct { int64_t least, most; } dimension;
typedef struct { dimension rank; dimension *dims; } partial_shape;

struct slov_api {
  int (*get_openvino_version)(slov_version *);
  void (*version_free)(slov_version *);
  const char *(*get_last_err_msg)(void);
  int (*core_create)(slov_core **);
  int (*core_read_model)(const slov_core *, const char *, const char *, slov_model **);
  void (*model_free)(slov_model *);
  int (*model_reshape_single_input)(const slov_model *, partial_shape);
  int (*core_compile_model)(const slov_core *, const slov_model *, const char *, size_t, slov_compiled **, ...);
  void (*compiled_model_free)(slov_compiled *);
  int (*compiled_model_create_infer_request)(const slov_compiled *, slov_request **);
  void (*infer_request_free)(slov_request *);
  int (*infer_request_set_callback)(slov_request *, const slov_callback *);
  int (*infer_request_start_async)(slov_request *);
  int (*infer_request_wait)(slov_request *);
  int (*infer_request_get_input_tensor)(const slov_request *, slov_tensor **);
  int (*infer_request_get_tensor)(const slov_request *, const char *, slov_tensor **);
  int (*tensor_data)(const slov_tensor *, void **);
  int (*tensor_get_shape)(const slov_tensor *, slov_shape *);
  int (*tensor_get_element_type)(const slov_tensor *, int *);
  void (*tensor_free)(slov_tensor *);
  int (*shape_free)(slov_shape *);
  int (*layout_create)(const char *, void **);
  void (*layout_free)(void *);
  int (*preprocess_prepostprocessor_create)(const slov_model *, void **);
  void (*preprocess_prepostprocessor_free)(void *);
  int (*preprocess_prepostprocessor_get_input_info)(const void *, void **);
  void (*preprocess_input_info_free)(void *);
  int (*preprocess_input_info_get_tensor_info)(const void *, void **);
  void (*preprocess_input_tensor_info_free)(void *);
  int (*preprocess_input_tensor_info_set_element_type)(void *, int);
  int (*preprocess_input_tensor_info_set_layout)(void *, void *);
  int (*preprocess_input_tensor_info_set_color_format)(void *, int);
  int (*preprocess_input_info_get_model_info)(const void *, void **);
  void (*preprocess_input_model_info_free)(void *);
  int (*preprocess_input_model_info_set_layout)(void *, void *);
  int (*preprocess_input_info_get_preprocess_steps)(const void *, void **);
  void (*preprocess_preprocess_steps_free)(void *);
  int (*preprocess_preprocess_steps_convert_color)(void *, int);
  int (*preprocess_preprocess_steps_convert_element_type)(void *, int);
  int (*preprocess_preprocess_steps_mean_multi_channels)(void *, const float *, int32_t);
  int (*preprocess_preprocess_steps_scale_multi_channels)(void *, const float *, int32_t);
  int (*preprocess_prepostprocessor_build)(const void *, slov_model **);
};

static void say(char *message, size_t capacity, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, capacity, format, arguments);
  va_end(arguments);
}

slov_api *slov_load(const char *path, char *message, size_t capacity) {
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    say(message, capacity, "%s", dlerror());
    return NULL;
  }
  slov_api *api = calloc(1, sizeof *api);
  if (!api) {
    say(message, capacity, "out of memory");
    return NULL;
  }
#define LOOK_UP(name)                                                          \
  do {                                                                         \
    void *symbol = dlsym(library, "ov_" #name);                                \
    if (!symbol) {                                                             \
      say(message, capacity, "%s has no ov_%s", path, #name);                  \
      free(api);                                                               \
      return NULL;                                                             \
    }                                                                          \
    memcpy(&api->name, &symbol, sizeof symbol);                                \
  } while (0)
  LOOK_UP(get_openvino_version);
  LOOK_UP(version_free);
  LOOK_UP(get_last_err_msg);
  LOOK_UP(core_create);
  LOOK_UP(core_read_model);
  LOOK_UP(model_free);
  LOOK_UP(model_reshape_single_input);
  LOOK_UP(core_compile_model);
  LOOK_UP(compiled_model_free);
  LOOK_UP(compiled_model_create_infer_request);
  LOOK_UP(infer_request_free);
  LOOK_UP(infer_request_set_callback);
  LOOK_UP(infer_request_start_async);
  LOOK_UP(infer_request_wait);
  LOOK_UP(infer_request_get_input_tensor);
  LOOK_UP(infer_request_get_tensor);
  LOOK_UP(tensor_data);
  LOOK_UP(tensor_get_shape);
  LOOK_UP(tensor_get_element_type);
  LOOK_UP(tensor_free);
  LOOK_UP(shape_free);
  LOOK_UP(layout_create);
  LOOK_UP(layout_free);
  LOOK_UP(preprocess_prepostprocessor_create);
  LOOK_UP(preprocess_prepostprocessor_free);
  LOOK_UP(preprocess_prepostprocessor_get_input_info);
  LOOK_UP(preprocess_input_info_free);
  LOOK_UP(preprocess_input_info_get_tensor_info);
  LOOK_UP(preprocess_input_tensor_info_free);
  LOOK_UP(preprocess_input_tensor_info_set_element_type);
  LOOK_UP(preprocess_input_tensor_info_set_layout);
  LOOK_UP(preprocess_input_tensor_info_set_color_format);
  LOOK_UP(preprocess_input_info_get_model_info);
  LOOK_UP(preprocess_input_model_info_free);
  LOOK_UP(preprocess_input_model_info_set_layout);
  LOOK_UP(preprocess_input_info_get_preprocess_steps);
  LOOK_UP(preprocess_preprocess_steps_free);
  LOOK_UP(preprocess_preprocess_steps_convert_color);
  LOOK_UP(preprocess_preprocess_steps_convert_element_type);
  LOOK_UP(preprocess_preprocess_steps_mean_multi_channels);
  LOOK_UP(preprocess_preprocess_steps_scale_multi_channels);
  LOOK_UP(preprocess_prepostprocessor_build);
#undef LOOK_UP
  return api;
}

const char *slov_last_error(slov_api *api) {
  const char *text = api->get_last_err_msg();
  return text ? text : "";
}

void slov_version_text(slov_api *api, char *text, size_t capacity) {
  slov_version version = {0};
  if (api->get_openvino_version(&version) == 0) {
    say(text, capacity, "%s", version.build);
    api->version_free(&version);
  } else {
    say(text, capacity, "unknown");
  }
}

/* Keeps the status of a step that failed and its sentence; 0 otherwise. */
static int failed(slov_api *api, int status, const char *step, char *message, size_t capacity) {
  if (status != 0) say(message, capacity, "%s: %s", step, slov_last_error(api));
  return status;
}

slov_core *slov_core_create(slov_api *api, char *message, size_t capacity) {
  slov_core *core = NULL;
  return failed(api, api->core_create(&core), "starting the engine", message, capacity) ? NULL : core;
}

slov_model *slov_model_read(slov_api *api, slov_core *core, const char *path, char *message, size_t capacity) {
  slov_model *model = NULL;
  int status = api->core_read_model(core, path, NULL, &model);
  return failed(api, status, "reading the model", message, capacity) ? NULL : model;
}

void slov_model_free(slov_api *api, slov_model *model) { api->model_free(model); }

int slov_model_reshape(
    slov_api *api, slov_model *model, int64_t batch, int64_t width, int64_t height, char *message, size_t capacity) {
  dimension dims[] = {{batch, batch}, {3, 3}, {height, height}, {width, width}};
  partial_shape shape = {.rank = {4, 4}, .dims = dims};
  int status = api->model_reshape_single_input(model, shape);
  return failed(api, status, "giving the model its size", message, capacity) ? status : 0;
}

slov_model *slov_model_with_pictures(
    slov_api *api, slov_model *model, const slov_preprocess *how, char *message, size_t capacity) {
  void *processor = NULL, *input = NULL, *tensor = NULL, *inner = NULL, *steps = NULL, *nhwc = NULL, *nchw = NULL;
  int wanted = how->model_is_gray ? color_gray : how->model_is_bgr ? color_bgr : color_rgb, given = how->is_bgr ? color_bgr : color_rgb;
  int channels = how->model_is_gray ? 1 : 3;
  slov_model *result = NULL;
  int status;
#define STEP(call)                                                             \
  if ((status = (call)) != 0) goto done
  STEP(api->layout_create("NHWC", &nhwc));
  STEP(api->layout_create("NCHW", &nchw));
  STEP(api->preprocess_prepostprocessor_create(model, &processor));
  STEP(api->preprocess_prepostprocessor_get_input_info(processor, &input));
  STEP(api->preprocess_input_info_get_tensor_info(input, &tensor));
  STEP(api->preprocess_input_tensor_info_set_element_type(tensor, element_u8));
  STEP(api->preprocess_input_tensor_info_set_layout(tensor, nhwc));
  STEP(api->preprocess_input_tensor_info_set_color_format(tensor, given));
  STEP(api->preprocess_input_info_get_model_info(input, &inner));
  STEP(api->preprocess_input_model_info_set_layout(inner, how->model_is_nhwc ? nhwc : nchw));
  STEP(api->preprocess_input_info_get_preprocess_steps(input, &steps));
  if (given != wanted) STEP(api->preprocess_preprocess_steps_convert_color(steps, wanted));
  STEP(api->preprocess_preprocess_steps_convert_element_type(steps, element_f32));
  STEP(api->preprocess_preprocess_steps_mean_multi_channels(steps, how->mean, channels));
  STEP(api->preprocess_preprocess_steps_scale_multi_channels(steps, how->scale, channels));
  STEP(api->preprocess_prepostprocessor_build(processor, &result));
#undef STEP
done:
  failed(api, status, "preparing the model's input", message, capacity);
  if (steps) api->preprocess_preprocess_steps_free(steps);
  if (inner) api->preprocess_input_model_info_free(inner);
  if (tensor) api->preprocess_input_tensor_info_free(tensor);
  if (input) api->preprocess_input_info_free(input);
  if (processor) api->preprocess_prepostprocessor_free(processor);
  if (nchw) api->layout_free(nchw);
  if (nhwc) api->layout_free(nhwc);
  return status == 0 ? result : NULL;
}

slov_compiled *slov_compile(
    slov_api *api, slov_core *core, slov_model *model, int threads, int streams, char *message, size_t capacity) {
  char thread_count[16], stream_count[16];
  snprintf(thread_count, sizeof thread_count, "%d", threads);
  snprintf(stream_count, sizeof stream_count, "%d", streams);
  slov_compiled *compiled = NULL;
  /* f32: on processors without AMX the default of bf16 is slower. No pinning: other threads decode beside us. */
  int status = api->core_compile_model(
      core, model, "CPU", 8, &compiled, "INFERENCE_PRECISION_HINT", "f32", "ENABLE_CPU_PINNING", "NO",
      "INFERENCE_NUM_THREADS", thread_count, "NUM_STREAMS", stream_count);
  return failed(api, status, "compiling the model", message, capacity) ? NULL : compiled;
}

void slov_compiled_free(slov_api *api, slov_compiled *compiled) { api->compiled_model_free(compiled); }

void slov_keep_process_small(void) {
#ifdef __GLIBC__
  mallopt(M_ARENA_MAX, 2);
  malloc_trim(0);
  FILE *maps = fopen("/proc/self/maps", "r");
  if (!maps) return;
  char line[512];
  while (fgets(line, sizeof line, maps)) {
    unsigned long start, end;
    char access[5];
    /* Code alone: it is never written, whereas read-only data may hold relocations that exist nowhere else. */
    if (sscanf(line, "%lx-%lx %4s", &start, &end, access) == 3 && strcmp(access, "r-xp") == 0 &&
        strstr(line, "/libopenvino"))
      madvise((void *)start, end - start, MADV_DONTNEED);
  }
  fclose(maps);
#endif
}

slov_request *slov_request_create(slov_api *api, slov_compiled *compiled, char *message, size_t capacity) {
  slov_request *request = NULL;
  int status = api->compiled_model_create_infer_request(compiled, &request);
  return failed(api, status, "making an infer request", message, capacity) ? NULL : request;
}

void slov_request_free(slov_api *api, slov_request *request) { api->infer_request_free(request); }

int slov_request_set_callback(slov_api *api, slov_request *request, const slov_callback *callback) {
  return api->infer_request_set_callback(request, callback);
}
int slov_request_start(slov_api *api, slov_request *request) { return api->infer_request_start_async(request); }
int slov_request_wait(slov_api *api, slov_request *request) { return api->infer_request_wait(request); }

/* Data and dimensions of a tensor of `element`; frees the handle, which only counts references to the memory. */
static void *memory(
    slov_api *api, slov_tensor *tensor, int element, int64_t dims[4], int *rank, char *message, size_t capacity) {
  void *data = NULL;
  int type = 0;
  slov_shape shape = {0};
  int status = api->tensor_get_element_type(tensor, &type);
  if (status == 0) status = api->tensor_get_shape(tensor, &shape);
  if (status == 0) status = api->tensor_data(tensor, &data);
  failed(api, status, "reading a tensor", message, capacity);
  if (status == 0 && (type != element || shape.rank > 4)) {
    say(message, capacity, "the tensor has element type %d and %lld dimensions", type, (long long)shape.rank);
    data = NULL;
  }
  if (data) {
    *rank = (int)shape.rank;
    for (int i = 0; i < *rank; i++) dims[i] = shape.dims[i];
  }
  if (shape.dims) api->shape_free(&shape);
  api->tensor_free(tensor);
  return status == 0 ? data : NULL;
}

uint8_t *slov_request_input(
    slov_api *api, slov_request *request, int64_t dims[4], int *rank, char *message, size_t capacity) {
  slov_tensor *tensor = NULL;
  int status = api->infer_request_get_input_tensor(request, &tensor);
  if (failed(api, status, "looking for the model's only input", message, capacity)) return NULL;
  return memory(api, tensor, element_u8, dims, rank, message, capacity);
}

const float *slov_request_output(
    slov_api *api, slov_request *request, const char *name, int64_t dims[4], int *rank, char *message,
    size_t capacity) {
  slov_tensor *tensor = NULL;
  if (api->infer_request_get_tensor(request, name, &tensor) != 0) {
    say(message, capacity, "the model has no output called '%s'", name);
    return NULL;
  }
  return memory(api, tensor, element_f32, dims, rank, message, capacity);
}
