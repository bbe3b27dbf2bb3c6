/* The cosine transform of the fourth type, which is its own inverse: a Fourier transform of half as
 * many complex values, each of which is turned before it and after it.
 */
#include "fourier.c"

/* The value `n` of a transform of `size` values, which come in pairs: the first and the last one, the
 * third and the third last one, and so on. */
LRAC_INLINE float lrac_value_of(lrac_parts pairs, int size, int n)
{
    return n % 2 == 0 ? pairs.re[n / 2] : pairs.im[(size - 1 - n) / 2];
}

static lrac_parts lrac_cosines(lrac_parts pairs, lrac_parts spare, const float *turns,
                               const lrac_roots *roots)
{
    lrac_parts z;
    lrac_rotate(pairs, roots->count, turns, 2);
    z = lrac_fourier(lrac_swapped(pairs), lrac_swapped(spare), roots->count, roots);
    lrac_rotate(lrac_swapped(z), roots->count, turns, 2);
    return lrac_swapped(z);
}
