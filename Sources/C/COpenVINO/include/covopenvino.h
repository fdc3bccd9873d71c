#ifndef SIGHTLINE_COPENVINO_H
#define SIGHTLINE_COPENVINO_H

#include <stddef.h>
#include <stdint.h>

/* The part of OpenVINO's C API (2026.x) that Sightline uses, looked up at run time, so that building needs neither its
   headers nor its libraries. Every object is opaque; statuses are 0 for success. */

typedef struct slov_core slov_core;
typedef struct slov_model slov_model;
typedef struct slov_compiled slov_compiled;
typedef struct slov_request slov_request;
typedef struct slov_tensor slov_tensor;




typedef struct { const char *build; const char *description; } slov_version;
typedef struct { int64_t rank; int64_t *dims; } slov_shape;
typedef struct { void (*function)(void *context); void *context; } slov_callback;

/* How pictures are turned into the model's input. */
typedef struct {
  int is_bgr;          /* order of the three bytes of a pixel in our pictures */
  int model_is_bgr;    /* order of the model's three channels */
  int model_is_gray;   /* it has one channel instead */
  int model_is_nhwc;   /* channels come last in the model's input, as TFLite has it; else first */
  float mean[3];       /* subtracted per channel, in the model's order */
  float scale[3];      /* divided by per channel, in the model's order */
} slov_preprocess;

typedef struct slov_api slov_api;

/* Loads `path` (libopenvino_c) and looks up everything; NULL with a sentence in `message` otherwise. Never unloaded. */
slov_api *slov_load(const char *path, char *message, size_t capacity);

/* What takes a `message` leaves a sentence in it when it returns NULL; what returns an int leaves none, see slov_last_error. */
slov_core *slov_core_create(slov_api *api, char *message, size_t capacity);
slov_model *slov_model_read(slov_api *api, slov_core *core, const char *path, char *message, size_t capacity);
void slov_model_free(slov_api *api, slov_model *model);
/* Makes the input of a model with channels first [batch, 3, height, width]; 0 for success. */
int slov_model_reshape(
    slov_api *api, slov_model *model, int64_t batch, int64_t width, int64_t height, char *message, size_t capacity);
/* The model with packed 8-bit pictures [batch, height, width, 3] as input; `model` stays owned by the caller. */
slov_model *slov_model_with_pictures(
    slov_api *api, slov_model *model, const slov_preprocess *how, char *message, size_t capacity);
/* `streams` inferences run at once on `threads` threads in all. */
slov_compiled *slov_compile(
    slov_api *api, slov_core *core, slov_model *model, int threads, int streams, char *message, size_t capacity);
/* After its requests are freed; waits for its threads to end. */
void slov_compiled_free(slov_api *api, slov_compiled *compiled);

/* Gives back what only compiling needed: memory that was freed, and the engine's code pages, of which running uses a part
   (clean pages; those still used come back from the page cache when they are touched). Threads to come share two allocation
   arenas: with one each, which is glibc's way, dozens of decoding threads would keep their largest moment apiece. Does
   nothing with another C library than glibc or without /proc. */
void slov_keep_process_small(void);

slov_request *slov_request_create(slov_api *api, slov_compiled *compiled, char *message, size_t capacity);
void slov_request_free(slov_api *api, slov_request *request);
/* The callback is called on a thread of the engine each time an inference ends, well or not. */
int slov_request_set_callback(slov_api *api, slov_request *request, const slov_callback *callback);
int slov_request_start(slov_api *api, slov_request *request);
int slov_request_wait(slov_api *api, slov_request *request);

/* Memory of the input; `dims` gets up to four dimensions. Valid as long as the request. */
uint8_t *slov_request_input(
    slov_api *api, slov_request *request, int64_t dims[4], int *rank, char *message, size_t capacity);
/* Memory of the 32-bit float output called `name`, valid until the next start; NULL when there is none of that kind. */
const float *slov_request_output(
    slov_api *api, slov_request *request, const char *name, int64_t dims[4], int *rank, char *message,
    size_t capacity);
/* The text of the last error on this thread, or "". */
const char *slov_last_error(slov_api *api);
/* Such as "2026.4.1-…", into `text`. */
void slov_version_text(slov_api *api, char *text, size_t capacity);

#endif
