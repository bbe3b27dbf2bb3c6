/* Spectra of frames: for each column its real parts, then its imaginary parts. */
#include "../frames.c"
#include "../real_fourier.c"

/* The spectrum of one frame, whose values are `columns` apart. `roots` has as many as the frame. */
static lrac_parts lrac_spectrum_of(const float *x, int columns, float *work, const float *window,
                                   const lrac_roots *roots)
{
    const int size = roots->count, half = size / 2, points = size % 2 != 0 ? size : half + 1;
    lrac_parts a = lrac_parts_at(work, points), b = lrac_parts_at(work + 2 * points, points), z;
    LRAC_DID(multiplications, size);
    if (size % 2 != 0) {
        for (int n = 0; n < size; n++, x += columns) {
            a.re[n] = x[0] * window[n];
            a.im[n] = 0.0f;
        }
        return lrac_fourier(a, b, size, roots);
    }
    for (int n = 0; n < half; n++, x += 2 * columns) {
        a.re[n] = x[0] * window[2 * n];
        a.im[n] = x[columns] * window[2 * n + 1];
    }
    z = lrac_fourier(a, b, half, roots);
    if (z.re == a.re) {
        a = b;
    }
    lrac_split(a, z, half, roots->values);
    return a;
}

static void lrac_analyse_fourier(float *y, const float *x, float *work, const float *window,
                                 const float *roots, const lrac_frames *frames)
{
    const lrac_roots table = {roots, frames->size};
    const int bins = frames->size / 2 + 1, step = frames->hop * frames->columns;
    for (int row = 0; row < frames->rows; row++, x += step) {
        for (int c = 0; c < frames->columns; c++, y += 2 * bins) {
            const lrac_parts z = lrac_spectrum_of(x + c, frames->columns, work, window, &table);
            memcpy(y, z.re, (size_t)bins * sizeof(float));
            memcpy(y + bins, z.im, (size_t)bins * sizeof(float));
        }
    }
}
