#ifndef CDOTPRODUCTS_H
#define CDOTPRODUCTS_H

#include <stddef.h>
#include <stdint.h>

// Products of descriptors in 8 bits, many at a time.

/// Numbers of a descriptor.
enum { dot_dimension = 128 };

/// A descriptor of length 1 in 8 bits: near `scale * codes`, and by `error` at most away from it (Euclidean).
struct dot_scaling {
    float scale;
    float error;
};

/// Brings `values` to length 1 and into 8 bits, each -127 to 127.
struct dot_scaling dot_quantise(const float *values, int8_t *codes);

/// Finds the rows whose cosine with a reference may be `floor` or more.
///
/// - codes: `dot_dimension` for each row, one row behind the other, with their `scaling`.
/// - rows: which of them; NULL for the first `count`.
/// - places: are told which rows they are, in their order; `uppers` and `lowers`: between what the cosine of each lies. Room for `count`.
/// - Returns: how many there are.
size_t dot_scan(const int8_t *codes, const struct dot_scaling *scaling, const uint32_t *rows, size_t count,
                const int8_t *reference, struct dot_scaling reference_scaling, float floor, uint32_t *places,
                float *uppers, float *lowers);

/// Overwrites memory, also where nobody reads it afterwards.
void dot_erase(void *memory, size_t count);

#endif
