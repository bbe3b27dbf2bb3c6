/* The nearest codeword to each row, in double precision: the smallest |e|^2 / 2 - x.e.
 *
 * The codebook is packed as the weights of a product are. `energies` holds each |e|^2 / 2 as the
 * sum of two floats, the larger ones first.
 */
#include "../lanes.c"

static void lrac_scores(double *scores, const float *w, const float *x, int dims, int width)
{
    if (width == 1) {
        double sum = 0.0;
        for (int i = 0; i < dims; i++) {
            sum += (double)x[i] * (double)w[i];
        }
        scores[0] = sum;
        return;
    }
    lrac_double8 low = {0}, high = {0}, doubles;
    lrac_float8 floats;
    for (int i = 0; i < dims; i++, w += width) {
        lrac_float8_read(&floats, w);
        lrac_double8_widen(&doubles, &floats);
        lrac_double8_add_scaled(&low, &doubles, (double)x[i]);
        if (width == 16) {
            lrac_float8_read(&floats, w + 8);
            lrac_double8_widen(&doubles, &floats);
            lrac_double8_add_scaled(&high, &doubles, (double)x[i]);
        }
    }
    lrac_double8_write(scores, &low);
    lrac_double8_write(scores + 8, &high);
}

static uint32_t lrac_nearest(const float *codebook, const float *energies, const float *x,
                             int codewords, int dims)
{
    double scores[16], best = HUGE_VAL;
    uint32_t nearest = 0;
    for (int first = 0, width; first < codewords; first += width) {
        const int left = codewords - first;
        width = left >= 16 ? 16 : left >= 8 ? 8 : 1;
        lrac_scores(scores, codebook + (ptrdiff_t)first * dims, x, dims, width);
        for (int k = 0; k < width; k++) {
            const int word = first + k;
            const double energy = (double)energies[word] + (double)energies[codewords + word];
            if (energy - scores[k] < best) {
                best = energy - scores[k];
                nearest = (uint32_t)word;
            }
        }
    }
    LRAC_DID(multiply_adds, codewords * dims);
    LRAC_DID(additions, codewords);
    LRAC_DID(comparisons, codewords);
    return nearest;
}

static void lrac_search(uint32_t *index, const float *x, int rows, int dims, int codewords,
                        const float *codebook, const float *energies)
{
    for (int row = 0; row < rows; row++) {
        index[row] = lrac_nearest(codebook, energies, x + (ptrdiff_t)row * dims, codewords, dims);
    }
}
