/* Fourier transforms of complex values, of any size, with one stage for each of its factors.
 *
 * Stages follow Stockham's order, which leaves nothing to sort: `run` neighbouring values go through
 * a stage alike, and each stage multiplies that number by its factor.
 */
typedef struct {
    float *re;
    float *im;
} lrac_parts;

typedef struct {
    const float *values; /* real and imaginary parts of exp(-2 pi i k / count) for each k */
    int count;           /* a multiple of the size of each transform */
} lrac_roots;

LRAC_INLINE lrac_parts lrac_parts_at(float *start, int size)
{
    const lrac_parts parts = {start, start + size};
    return parts;
}

LRAC_INLINE lrac_parts lrac_swapped(lrac_parts x)
{
    const lrac_parts parts = {x.im, x.re};
    return parts;
}

LRAC_INLINE lrac_parts lrac_parts_from(lrac_parts x, int first)
{
    const lrac_parts parts = {x.re + first, x.im + first};
    return parts;
}

/* The factor of the next stage: 4 as long as it is one, then 2, then odd ones from the least. */
LRAC_INLINE int lrac_factor(int size)
{
    int factor = size % 4 == 0 ? 4 : size % 2 == 0 ? 2 : 3;
    while (size % factor != 0) {
        factor += 2;
    }
    return factor;
}

/* Multiply `count` complex values by neighbouring roots, or with a `step` of 0 by one root. */
static void lrac_rotate(lrac_parts x, int count, const float *roots, int step)
{
    for (int i = 0; i < count; i++, roots += step) {
        const float re = x.re[i], im = x.im[i];
        x.re[i] = re * roots[0] - im * roots[1];
        x.im[i] = re * roots[1] + im * roots[0];
    }
    LRAC_DID(multiplications, 4 * count);
    LRAC_DID(additions, 2 * count);
}

/* Sums and differences of runs of values, each in the place of one of the two. */
static void lrac_sum_and_difference(lrac_parts a, lrac_parts b, int run)
{
    for (int i = 0; i < run; i++) {
        const float re = b.re[i], im = b.im[i];
        b.re[i] = a.re[i] - re;
        b.im[i] = a.im[i] - im;
        a.re[i] += re;
        a.im[i] += im;
    }
    LRAC_DID(additions, 4 * run);
}

/* Transforms of two values each, `step` apart; the results are a run apart. */
static void lrac_butterfly_of_2(lrac_parts y, lrac_parts x, int step, int run)
{
    for (int i = 0; i < run; i++) {
        const float re = x.re[i + step], im = x.im[i + step];
        y.re[i] = x.re[i] + re;
        y.im[i] = x.im[i] + im;
        y.re[i + run] = x.re[i] - re;
        y.im[i + run] = x.im[i] - im;
    }
    LRAC_DID(additions, 4 * run);
}

static void lrac_butterfly_of_4(lrac_parts y, lrac_parts x, int step, int run)
{
    const lrac_parts b = lrac_parts_from(x, step), c = lrac_parts_from(x, 2 * step);
    const lrac_parts d = lrac_parts_from(x, 3 * step);
    for (int i = 0; i < run; i++) {
        const float even_re = x.re[i] + c.re[i], even_im = x.im[i] + c.im[i];
        const float odd_re = b.re[i] + d.re[i], odd_im = b.im[i] + d.im[i];
        const float cross_re = x.re[i] - c.re[i], cross_im = x.im[i] - c.im[i];
        const float turned_re = b.im[i] - d.im[i], turned_im = d.re[i] - b.re[i];
        y.re[i] = even_re + odd_re;
        y.im[i] = even_im + odd_im;
        y.re[i + run] = cross_re + turned_re;
        y.im[i + run] = cross_im + turned_im;
        y.re[i + 2 * run] = even_re - odd_re;
        y.im[i + 2 * run] = even_im - odd_im;
        y.re[i + 3 * run] = cross_re - turned_re;
        y.im[i + 3 * run] = cross_im - turned_im;
    }
    LRAC_DID(additions, 16 * run);
}

LRAC_INLINE void lrac_add_scaled(float *y, const float *x, int count, float factor)
{
    for (int i = 0; i < count; i++) {
        y[i] += factor * x[i];
    }
    LRAC_DID(multiplications, count);
    LRAC_DID(additions, count);
}

/* The results k and -k of an odd number of values, of which the values j and -j are sums and
 * differences: their roots are conjugate, so one factor multiplies each. */
static void lrac_odd_pair(lrac_parts y, lrac_parts x, int k, int radix, int step, int run,
                          const lrac_roots *roots)
{
    const lrac_parts even = lrac_parts_from(y, k * run);
    const lrac_parts odd = lrac_parts_from(y, (radix - k) * run);
    const size_t bytes = (size_t)run * sizeof(float);
    memcpy(even.re, x.re, bytes);
    memcpy(even.im, x.im, bytes);
    memset(odd.re, 0, bytes);
    memset(odd.im, 0, bytes);
    for (int j = 1; j <= radix / 2; j++) {
        const float *root = roots->values + 2 * (j * k % radix * (roots->count / radix));
        const lrac_parts sum = lrac_parts_from(x, j * step);
        const lrac_parts difference = lrac_parts_from(x, (radix - j) * step);
        lrac_add_scaled(even.re, sum.re, run, root[0]);
        lrac_add_scaled(even.im, sum.im, run, root[0]);
        lrac_add_scaled(odd.re, difference.im, run, -root[1]);
        lrac_add_scaled(odd.im, difference.re, run, root[1]);
    }
    lrac_sum_and_difference(even, odd, run);
}

/* Transforms of an odd number of values each. */
static void lrac_butterfly_of_odd(lrac_parts y, lrac_parts x, int radix, int step, int run,
                                  const lrac_roots *roots)
{
    memcpy(y.re, x.re, (size_t)run * sizeof(float));
    memcpy(y.im, x.im, (size_t)run * sizeof(float));
    for (int j = 1; j <= radix / 2; j++) {
        const lrac_parts sum = lrac_parts_from(x, j * step);
        lrac_sum_and_difference(sum, lrac_parts_from(x, (radix - j) * step), run);
        for (int i = 0; i < run; i++) {
            y.re[i] += sum.re[i];
            y.im[i] += sum.im[i];
        }
        LRAC_DID(additions, 2 * run);
    }
    for (int k = 1; k <= radix / 2; k++) {
        lrac_odd_pair(y, x, k, radix, step, run, roots);
    }
}

/* One stage, from x [radix][groups][run] to y [groups][radix][run]. It may change x. */
static void lrac_stage(lrac_parts y, lrac_parts x, int radix, int groups, int run,
                       const lrac_roots *roots)
{
    const int apart = roots->count / (radix * groups); /* roots of neighbouring groups */
    for (int group = 0; group < groups; group++) {
        const lrac_parts from = lrac_parts_from(x, group * run);
        const lrac_parts to = lrac_parts_from(y, group * radix * run);
        if (radix == 4) {
            lrac_butterfly_of_4(to, from, groups * run, run);
        } else if (radix == 2) {
            lrac_butterfly_of_2(to, from, groups * run, run);
        } else {
            lrac_butterfly_of_odd(to, from, radix, groups * run, run, roots);
        }
        for (int k = 1; group != 0 && k < radix; k++) {
            const float *root = roots->values + 2 * (group * k * apart);
            lrac_rotate(lrac_parts_from(to, k * run), run, root, 0);
        }
    }
}

/* The transform of `size` values. It is in x or in y, which has room for as many, and is returned.
 * With real and imaginary parts swapped it is the inverse, times the size. */
static lrac_parts lrac_fourier(lrac_parts x, lrac_parts y, int size, const lrac_roots *roots)
{
    for (int rest = size, run = 1; rest > 1;) {
        const int radix = lrac_factor(rest);
        const lrac_parts from = x;
        rest /= radix;
        lrac_stage(y, from, radix, rest, run, roots);
        run *= radix;
        x = y;
        y = from;
    }
    return x;
}
