/* Coefficients of frames of two hops, column by column. */
#include "../cosines.c"
#include "../frames.c"

/* The value `n` of a frame that is folded into one hop: of its quarters a, b, c, d these are
 * -c' - d and a - b', where ' reverses. */
LRAC_INLINE float lrac_folded(const float *x, int columns, const float *window, int hop, int n)
{
    const int reversed = 3 * hop / 2 - 1 - n, other = n < hop / 2 ? n + 3 * hop / 2 : n - hop / 2;
    const float straight = x[(ptrdiff_t)other * columns] * window[other];
    return (n < hop / 2 ? -straight : straight) -
           x[(ptrdiff_t)reversed * columns] * window[reversed];
}

static void lrac_analyse_cosine(float *y, const float *x, float *work, const float *window,
                                const float *turns, const float *roots, const lrac_frames *frames)
{
    const int hop = frames->hop, columns = frames->columns, half = hop / 2;
    const lrac_roots table = {roots, half};
    const lrac_parts pairs = lrac_parts_at(work, half), spare = lrac_parts_at(work + hop, half);
    for (int row = 0; row < frames->rows; row++, x += (ptrdiff_t)hop * columns) {
        for (int c = 0; c < columns; c++, y += hop) {
            lrac_parts z;
            for (int n = 0; n < half; n++) {
                pairs.re[n] = lrac_folded(x + c, columns, window, hop, hop - 1 - 2 * n);
                pairs.im[n] = lrac_folded(x + c, columns, window, hop, 2 * n);
            }
            z = lrac_cosines(pairs, spare, turns, &table);
            for (int k = 0; k < hop; k++) {
                y[k] = lrac_value_of(z, hop, k);
            }
        }
    }
    LRAC_DID(multiplications, frames->rows * columns * 2 * hop);
    LRAC_DID(additions, frames->rows * columns * hop);
}
