/* Complex spectra of magnitudes, whose logarithms are given, and phases. */
static void lrac_from_polar(float *y, const float *x, int spectra, int bins, float ceiling)
{
    for (int spectrum = 0; spectrum < spectra; spectrum++, x += 2 * bins, y += 2 * bins) {
        for (int k = 0; k < bins; k++) {
            const float magnitude = fminf(expf(x[k]), ceiling);
            y[k] = magnitude * cosf(x[bins + k]);
            y[bins + k] = magnitude * sinf(x[bins + k]);
        }
    }
    LRAC_DID(transcendentals, 3 * spectra * bins);
    LRAC_DID(comparisons, spectra * bins);
    LRAC_DID(multiplications, 2 * spectra * bins);
}
