/* The window of a layer: the kept rows, then those of this frame, which `x` holds; with NULL they
 * are in the window already. */
#include "../spans.c"

static void lrac_join(float *window, float *kept, int past, const float *x, int rows, int columns,
                      lrac_span valid)
{
    const size_t kept_bytes = (size_t)past * (size_t)columns * sizeof(float);
    float *place = window + (ptrdiff_t)past * columns;
    if (x != NULL) {
        memcpy(place, x, (size_t)rows * (size_t)columns * sizeof(float));
    }
    lrac_zero_outside(place, rows, columns, valid);
    if (past != 0) {
        memcpy(window, kept, kept_bytes);
        memcpy(kept, window + (ptrdiff_t)rows * columns, kept_bytes);
    }
}
