#define _DEFAULT_SOURCE
#include "cdotproducts.h"

#include <math.h>
#include <string.h>

struct dot_scaling dot_quantise(const float *values, int8_t *codes) {
    double square = 0, greatest = 0;
    for (int i = 0; i < dot_dimension; i++) {
        const double value = values[i];
        square += value * value;
        if (fabs(value) > greatest) greatest = fabs(value);
    }
    const double length = sqrt(square), scale = (float)(greatest / length / 127);
    double error = 0;
    for (int i = 0; i < dot_dimension; i++) {
        const double value = values[i] / length;
        // As a float, the scale may be a little too small.
        const double code = fmin(127, fmax(-127, rint(value / scale)));
        codes[i] = (int8_t)code;
        error += (value - scale * code) * (value - scale * code);
    }
    return (struct dot_scaling){(float)scale, (float)(sqrt(error) * (1 + 1e-6))};
}

/// What rounding in floats may add to a product of two vectors of length 1.
static const float rounding = 1e-5f;

/// Keeps a row if it may reach the floor. With x = s·c + e and y = t·d + f of length 1: |x·y - st(c·d)| <= |f| |sc| + |e| |y|, and |sc| <= 1 + |e|.
static inline size_t judge(int32_t product, struct dot_scaling row, struct dot_scaling reference, uint32_t place,
                           float floor, size_t found, uint32_t *places, float *uppers, float *lowers) {
    const float near = row.scale * reference.scale * (float)product;
    const float margin = row.error + reference.error * (1 + row.error) + rounding;
    places[found] = place;
    uppers[found] = near + margin;
    lowers[found] = near - margin;
    return found + (near + margin >= floor);
}

static size_t scan_plainly(const int8_t *codes, const struct dot_scaling *scaling, const uint32_t *rows, size_t count,
                           const int8_t *reference, struct dot_scaling reference_scaling, float floor,
                           uint32_t *places, float *uppers, float *lowers) {
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        const size_t row = rows ? rows[i] : i;
        const int8_t *const own = codes + row * dot_dimension;
        int32_t product = 0;
        for (int k = 0; k < dot_dimension; k++) product += (int32_t)own[k] * (int32_t)reference[k];
        found = judge(product, scaling[row], reference_scaling, (uint32_t)row, floor, found, places, uppers, lowers);
    }
    return found;
}

#if defined(__x86_64__)
#include <immintrin.h>

/// Eight sums of the products of one row.
__attribute__((target("avx2"))) static inline __m256i sums(const int8_t *row, const __m256i *reference) {
    __m256i sum = _mm256_setzero_si256();
    for (int k = 0; k < dot_dimension / 16; k++) {
        const __m256i own = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(row + 16 * k)));
        sum = _mm256_add_epi32(sum, _mm256_madd_epi16(own, reference[k]));
    }
    return sum;
}

/// Four rows at a time, so that their sums are added up together.
__attribute__((target("avx2"))) static size_t scan_avx2(
    const int8_t *codes, const struct dot_scaling *scaling, const uint32_t *rows, size_t count,
    const int8_t *reference, struct dot_scaling reference_scaling, float floor, uint32_t *places, float *uppers,
    float *lowers) {
    __m256i wide[dot_dimension / 16];
    for (int k = 0; k < dot_dimension / 16; k++)
        wide[k] = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(reference + 16 * k)));
    size_t found = 0, i = 0;
    for (; i + 4 <= count; i += 4) {
        size_t row[4];
        for (int k = 0; k < 4; k++) row[k] = rows ? rows[i + k] : i + k;
        const __m256i ab = _mm256_hadd_epi32(
            sums(codes + row[0] * dot_dimension, wide), sums(codes + row[1] * dot_dimension, wide));
        const __m256i cd = _mm256_hadd_epi32(
            sums(codes + row[2] * dot_dimension, wide), sums(codes + row[3] * dot_dimension, wide));
        const __m256i abcd = _mm256_hadd_epi32(ab, cd);
        int32_t products[4];
        _mm_storeu_si128((__m128i *)products,
                         _mm_add_epi32(_mm256_castsi256_si128(abcd), _mm256_extracti128_si256(abcd, 1)));
        for (int k = 0; k < 4; k++)
            found = judge(products[k], scaling[row[k]], reference_scaling, (uint32_t)row[k], floor, found, places,
                          uppers, lowers);
    }
    for (; i < count; i++) {
        const uint32_t row = rows ? rows[i] : (uint32_t)i;
        uint32_t place;
        float upper, lower;
        if (scan_plainly(codes, scaling, &row, 1, reference, reference_scaling, floor, &place, &upper, &lower)) {
            places[found] = place;
            uppers[found] = upper;
            lowers[found] = lower;
            found++;
        }
    }
    return found;
}
#endif

size_t dot_scan(const int8_t *codes, const struct dot_scaling *scaling, const uint32_t *rows, size_t count,
                const int8_t *reference, struct dot_scaling reference_scaling, float floor, uint32_t *places,
                float *uppers, float *lowers) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2"))
        return scan_avx2(codes, scaling, rows, count, reference, reference_scaling, floor, places, uppers, lowers);
#endif
    return scan_plainly(codes, scaling, rows, count, reference, reference_scaling, floor, places, uppers, lowers);
}

void dot_erase(void *memory, size_t count) { explicit_bzero(memory, count); }
