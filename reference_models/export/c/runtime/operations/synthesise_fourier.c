/* Sums of frames made of spectra, with a window that includes one over the size of a frame. */
#include "../frames.c"
#include "../real_fourier.c"
#include "../spans.c"

/* Add a frame to sums that are `columns` apart. */
static void lrac_add_spectrum(float *sums, int columns, lrac_parts x, float *work,
                              const float *window, const lrac_roots *roots)
{
    const int size = roots->count, half = size / 2, points = size % 2 != 0 ? size : half;
    lrac_parts z = lrac_parts_at(work, points), spare = lrac_parts_at(work + 2 * points, points);
    if (size % 2 != 0) {
        lrac_mirror(z, x, size);
    } else {
        lrac_merge(z, x, half, roots->values);
    }
    z = lrac_swapped(lrac_fourier(lrac_swapped(z), lrac_swapped(spare), points, roots));
    for (int n = 0; n < size; n++) {
        const float sample = size % 2 != 0 ? z.re[n] : n % 2 != 0 ? z.im[n / 2] : z.re[n / 2];
        sums[(ptrdiff_t)n * columns] += sample * window[n];
    }
    LRAC_DID(multiplications, size);
    LRAC_DID(additions, size);
}

static void lrac_synthesise_fourier(float *sums, float *x, float *kept, float *work,
                                    const float *window, const float *roots, lrac_span valid,
                                    const lrac_frames *frames)
{
    const lrac_roots table = {roots, frames->size};
    const int bins = frames->size / 2 + 1, width = frames->columns * 2 * bins;
    lrac_zero_outside(x, frames->rows, width, valid);
    lrac_begin_sums(sums, kept, frames);
    for (int row = 0; row < frames->rows; row++) {
        float *const place = sums + (ptrdiff_t)row * frames->hop * frames->columns;
        for (int c = 0; c < frames->columns; c++, x += 2 * bins) {
            lrac_add_spectrum(place + c, frames->columns, lrac_parts_at(x, bins), work, window,
                              &table);
        }
    }
    lrac_keep_sums(sums, kept, frames);
}
