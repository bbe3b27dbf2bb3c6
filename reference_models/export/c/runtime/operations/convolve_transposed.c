/* Transposed convolutions: each input row adds to several rows of sums, which overlap.
 *
 * `sums` has room for all of them; the first `ready` rows are the result, the others are kept. One
 * map computes all taps of a row, or, of several groups, one map each tap.
 */
#include "convolve.c"
#include "../spans.c"

static void lrac_convolve_transposed(const float *w, const float *bias, float *x, float *sums,
                                     float *kept, int overlap, int ready, int columns, int maps,
                                     int groups, lrac_span valid, const lrac_shape *shape)
{
    lrac_zero_outside(x, shape->rows, shape->row_step, valid);
    for (int row = 0; row < ready + overlap; row++) {
        for (int c = 0; c < columns; c++) {
            const float before = row < overlap ? kept[row * columns + c] : 0.0f;
            sums[row * columns + c] = row < ready && bias != NULL ? before + bias[c] : before;
        }
    }
    LRAC_DID(additions, bias != NULL ? ready * columns : 0);
    for (int map = 0; map < maps; map++) {
        w = lrac_convolve(w, NULL, x, sums + (ptrdiff_t)map * columns, groups, shape);
    }
    if (overlap != 0) {
        memcpy(kept, sums + (ptrdiff_t)ready * columns,
               (size_t)overlap * (size_t)columns * sizeof(float));
    }
}
