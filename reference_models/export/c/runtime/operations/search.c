/* The nearest codeword to each row, in double precision: the smallest |e|^2 / 2 - x.e.
 *
 * The codebook is packed as the weights of a product are, with the sign turned. `energies` holds
 * each |e|^2 / 2 as the sum of two floats, the larger ones first.
 */
#include "../product.c"

/* The nearest codeword so far in each of 8 places, and the first codeword of its panel. */
typedef struct {
    lrac_double8 distances;
    lrac_double8 panels;
} lrac_nearest8;

/* Add the products of one input and the weights of 8 or 16 codewords. */
LRAC_INLINE void lrac_add_inputs(lrac_double8 *sums, const float *w, double x, const int halves)
{
    lrac_float8 floats;
    lrac_double8 doubles;
    for (int half = 0; half < halves; half++) {
        lrac_float8_read(&floats, w + 8 * half);
        lrac_double8_widen(&doubles, &floats);
        lrac_double8_add_scaled(&sums[half], &doubles, x);
    }
}

/* Compare a panel of 8 or 16 codewords. Two sums take turns, so that none waits for the one
 * before. */
LRAC_INLINE void lrac_search_panel(lrac_nearest8 *nearest, const float *w, const float *larger,
                                   const float *smaller, const float *x, int first, int dims,
                                   const int halves)
{
    lrac_double8 even[2], odd[2] = {0};
    int i = 0;
    for (int half = 0; half < halves; half++) {
        lrac_float8 floats;
        lrac_double8 doubles;
        lrac_float8_read(&floats, larger + first + 8 * half);
        lrac_double8_widen(&even[half], &floats);
        lrac_float8_read(&floats, smaller + first + 8 * half);
        lrac_double8_widen(&doubles, &floats);
        lrac_double8_add(&even[half], &doubles);
    }
    for (; i + 2 <= dims; i += 2, w += 16 * halves) {
        lrac_add_inputs(even, w, (double)x[i], halves);
        lrac_add_inputs(odd, w + 8 * halves, (double)x[i + 1], halves);
    }
    if (i < dims) {
        lrac_add_inputs(even, w, (double)x[i], halves);
    }
    for (int half = 0; half < halves; half++) {
        lrac_double8_add(&even[half], &odd[half]);
        lrac_double8_keep_least(&nearest->distances, &nearest->panels, &even[half],
                                (double)(first + 8 * half));
    }
}

/* Codeword `word` of a panel of `width`, which has no lanes. Sums are formed as in other panels, so
 * that equal codewords have equal distances. */
static double lrac_distance(const float *w, double energy, const float *x, int word, int dims,
                            int width)
{
    double sums[2] = {energy, 0.0};
    for (int i = 0; i < dims; i++) {
        sums[i % 2] += (double)x[i] * (double)w[i * width + word];
    }
    return sums[0] + sums[1];
}

/* Search the panels of 16 and 8 codewords; return how many these are. */
static int lrac_search_panels(lrac_nearest8 *nearest, const float *codebook, const float *larger,
                              const float *smaller, const float *x, int codewords, int dims)
{
    int first = 0;
    for (; first + 16 <= codewords; first += 16) {
        lrac_search_panel(nearest, codebook + (ptrdiff_t)first * dims, larger, smaller, x, first,
                          dims, 2);
    }
    if (first + 8 <= codewords) {
        lrac_search_panel(nearest, codebook + (ptrdiff_t)first * dims, larger, smaller, x, first,
                          dims, 1);
        first += 8;
    }
    return first;
}

/* Return the first of the nearest codewords in all places, and its distance. */
static int lrac_first_nearest(const lrac_nearest8 *nearest, double *best)
{
    double distances[8], panels[8];
    int found = 0;
    lrac_double8_write(distances, &nearest->distances);
    lrac_double8_write(panels, &nearest->panels);
    for (int k = 0; k < 8; k++) {
        const int word = (int)panels[k] + k;
        if (distances[k] < *best || (distances[k] <= *best && word < found)) {
            *best = distances[k];
            found = word;
        }
    }
    return found;
}

static uint32_t lrac_nearest(const float *codebook, const float *energies, const float *x,
                             int codewords, int dims)
{
    static const double far[8] = {HUGE_VAL, HUGE_VAL, HUGE_VAL, HUGE_VAL,
                                  HUGE_VAL, HUGE_VAL, HUGE_VAL, HUGE_VAL};
    const float *larger = energies, *smaller = energies + codewords;
    lrac_nearest8 nearest = {0};
    double best = HUGE_VAL;
    lrac_double8_read(&nearest.distances, far);
    int first = lrac_search_panels(&nearest, codebook, larger, smaller, x, codewords, dims);
    int found = lrac_first_nearest(&nearest, &best);
    for (int width; first < codewords; first += width) {
        width = lrac_panel_width(codewords - first);
        for (int k = 0; k < width; k++) {
            const double energy = (double)larger[first + k] + (double)smaller[first + k];
            const double distance =
                lrac_distance(codebook + (ptrdiff_t)first * dims, energy, x, k, dims, width);
            if (distance < best) {
                best = distance;
                found = first + k;
            }
        }
    }
    LRAC_DID(multiply_adds, codewords * dims);
    LRAC_DID(additions, codewords);
    LRAC_DID(comparisons, codewords);
    return (uint32_t)found;
}

static void lrac_search(uint32_t *index, const float *x, int rows, int dims, int codewords,
                        const float *codebook, const float *energies)
{
    for (int row = 0; row < rows; row++) {
        index[row] = lrac_nearest(codebook, energies, x + (ptrdiff_t)row * dims, codewords, dims);
    }
}
