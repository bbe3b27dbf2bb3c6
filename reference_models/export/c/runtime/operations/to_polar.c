/* Logarithms of the magnitudes of complex spectra, and their phases. */
#include "magnitude.c"

static void lrac_to_polar(float *y, const float *x, int spectra, int bins, float floor)
{
    for (int spectrum = 0; spectrum < spectra; spectrum++, x += 2 * bins, y += 2 * bins) {
        lrac_magnitude(y, x, 1, bins, floor, 1);
        for (int k = 0; k < bins; k++) { /* adding zero leaves no zero with a sign */
            y[bins + k] = atan2f(x[bins + k] + 0.0f, x[k] + 0.0f);
        }
    }
    LRAC_DID(additions, 2 * spectra * bins);
    LRAC_DID(transcendentals, spectra * bins);
}
