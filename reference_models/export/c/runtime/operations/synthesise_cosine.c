/* Sums of frames of two hops made of coefficients. */
#include "../cosines.c"
#include "../frames.c"
#include "../spans.c"

/* Add a frame to sums that are `columns` apart: folded it is `late`, `early`, and unfolded it is
 * early, -early', -late', -late, where ' reverses. */
static void lrac_add_unfolded(float *sums, int columns, lrac_parts folded, const float *window,
                              int hop)
{
    for (int n = 0; n < 2 * hop; n++) {
        const int reversed = 3 * hop / 2 - 1 - n;
        const float value = n < hop / 2     ? lrac_value_of(folded, hop, n + hop / 2)
                            : reversed >= 0 ? -lrac_value_of(folded, hop, reversed)
                                            : -lrac_value_of(folded, hop, n - 3 * hop / 2);
        sums[(ptrdiff_t)n * columns] += value * window[n];
    }
    LRAC_DID(multiplications, 2 * hop);
    LRAC_DID(additions, 2 * hop);
}

static void lrac_synthesise_cosine(float *sums, float *x, float *kept, float *work,
                                   const float *window, const float *turns, const float *roots,
                                   lrac_span valid, const lrac_frames *frames)
{
    const int hop = frames->hop, columns = frames->columns, half = hop / 2;
    const lrac_roots table = {roots, half};
    const lrac_parts pairs = lrac_parts_at(work, half), spare = lrac_parts_at(work + hop, half);
    lrac_zero_outside(x, frames->rows, columns * hop, valid);
    lrac_begin_sums(sums, kept, frames);
    for (int row = 0; row < frames->rows; row++) {
        for (int c = 0; c < columns; c++, x += hop) {
            for (int n = 0; n < half; n++) {
                pairs.re[n] = x[hop - 1 - 2 * n];
                pairs.im[n] = x[2 * n];
            }
            lrac_add_unfolded(sums + (ptrdiff_t)row * hop * columns + c, columns,
                              lrac_cosines(pairs, spare, turns, &table), window, hop);
        }
    }
    lrac_keep_sums(sums, kept, frames);
}
