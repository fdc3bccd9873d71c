#pragma once
#include <stdint.h>
#include <libyuv/basic_types.h>
#include <libyuv/convert.h>
#include <libyuv/convert_argb.h>
#include <libyuv/convert_from_argb.h>
#include <libyuv/planar_functions.h>
#include <libyuv/rotate_argb.h>
#include <libyuv/scale.h>

/* libyuv's conversion matrices are structures without a public definition, which the Swift importer skips. */
typedef enum { sl_matrix_601, sl_matrix_709, sl_matrix_2020 } sl_matrix;

/* For output in the order B, G, R. */
static inline const struct YuvConstants *sl_constants_bgr(sl_matrix matrix, int is_full_range) {
    switch (matrix) {
    case sl_matrix_709: return is_full_range ? &kYuvF709Constants : &kYuvH709Constants;
    case sl_matrix_2020: return is_full_range ? &kYuvV2020Constants : &kYuv2020Constants;
    default: return is_full_range ? &kYuvJPEGConstants : &kYuvI601Constants;
    }
}

/* For output in the order R, G, B: the caller swaps the U and V planes too. */
static inline const struct YuvConstants *sl_constants_rgb(sl_matrix matrix, int is_full_range) {
    switch (matrix) {
    case sl_matrix_709: return is_full_range ? &kYvuF709Constants : &kYvuH709Constants;
    case sl_matrix_2020: return is_full_range ? &kYvuV2020Constants : &kYvu2020Constants;
    default: return is_full_range ? &kYvuJPEGConstants : &kYvuI601Constants;
    }
}
