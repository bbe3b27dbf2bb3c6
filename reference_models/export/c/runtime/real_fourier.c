/* Fourier transforms of real values and back. Of an even number of them, pairs are the parts of half
 * as many complex values; an odd number is transformed as it is.
 */
#include "fourier.c"

/* The bins `k` up to `half` of a spectrum, from the transform `z` of pairs of neighbours. */
static void lrac_split(lrac_parts x, lrac_parts z, int half, const float *roots)
{
    x.re[0] = z.re[0] + z.im[0];
    x.re[half] = z.re[0] - z.im[0];
    x.im[0] = x.im[half] = 0.0f;
    for (int k = 1; k <= half / 2; k++) {
        const int mirror = half - k;
        const float even_re = 0.5f * (z.re[k] + z.re[mirror]);
        const float even_im = 0.5f * (z.im[k] - z.im[mirror]);
        const float odd_re = 0.5f * (z.im[k] + z.im[mirror]);
        const float odd_im = 0.5f * (z.re[mirror] - z.re[k]);
        const float re = odd_re * roots[2 * k] - odd_im * roots[2 * k + 1];
        const float im = odd_re * roots[2 * k + 1] + odd_im * roots[2 * k];
        x.re[k] = even_re + re;
        x.im[k] = even_im + im;
        x.re[mirror] = even_re - re;
        x.im[mirror] = im - even_im;
    }
    LRAC_DID(additions, 2 + 10 * (half / 2));
    LRAC_DID(multiplications, 8 * (half / 2));
}

/* Twice what `lrac_split` takes, from what it gives. */
static void lrac_merge(lrac_parts z, lrac_parts x, int half, const float *roots)
{
    z.re[0] = x.re[0] + x.re[half];
    z.im[0] = x.re[0] - x.re[half];
    for (int k = 1; k <= half / 2; k++) {
        const int mirror = half - k;
        const float even_re = x.re[k] + x.re[mirror], even_im = x.im[k] - x.im[mirror];
        const float re = x.re[k] - x.re[mirror], im = x.im[k] + x.im[mirror];
        const float odd_re = re * roots[2 * k] + im * roots[2 * k + 1];
        const float odd_im = im * roots[2 * k] - re * roots[2 * k + 1];
        z.re[k] = even_re - odd_im;
        z.im[k] = even_im + odd_re;
        z.re[mirror] = even_re + odd_im;
        z.im[mirror] = odd_re - even_im;
    }
    LRAC_DID(additions, 2 + 10 * (half / 2));
    LRAC_DID(multiplications, 4 * (half / 2));
}

/* All bins of a spectrum, of which `x` has those up to the middle. */
static void lrac_mirror(lrac_parts z, lrac_parts x, int size)
{
    z.re[0] = x.re[0];
    z.im[0] = 0.0f;
    for (int k = 1; k <= size / 2; k++) {
        z.re[k] = z.re[size - k] = x.re[k];
        z.im[k] = x.im[k];
        z.im[size - k] = -x.im[k];
    }
}
