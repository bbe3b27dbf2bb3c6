/* A convolution of several groups, which read and write columns of their own. */
#include "../product.c"

static void lrac_convolve(const float *w, const float *bias, const float *x, float *y, int groups,
                          const lrac_shape *shape)
{
    const ptrdiff_t of_group = (ptrdiff_t)shape->taps * shape->run * shape->outputs;
    for (int group = 0; group < groups; group++) {
        lrac_product(w + group * of_group, bias != NULL ? bias + group * shape->outputs : NULL,
                     x + group * shape->run, y + group * shape->outputs, shape);
    }
}
