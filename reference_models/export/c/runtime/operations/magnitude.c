/* Magnitudes of complex spectra, or their logarithms; the least energy is `floor`. */
static void lrac_magnitude(float *y, const float *x, int spectra, int bins, float floor, int is_log)
{
    for (int spectrum = 0; spectrum < spectra; spectrum++, x += 2 * bins, y += bins) {
        for (int k = 0; k < bins; k++) {
            const float energy = fmaxf(x[k] * x[k] + x[bins + k] * x[bins + k], floor);
            y[k] = is_log ? 0.5f * logf(energy) : sqrtf(energy);
        }
    }
    LRAC_DID(additions, spectra * bins);
    LRAC_DID(multiplications, (is_log ? 3 : 2) * spectra * bins);
    LRAC_DID(comparisons, spectra * bins);
    LRAC_DID(square_roots, is_log ? 0 : spectra * bins);
    LRAC_DID(transcendentals, is_log ? spectra * bins : 0);
}
