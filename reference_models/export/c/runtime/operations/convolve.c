/* A convolution of several groups, which read and write columns of their own. Returns where the
 * weights end. */
#include "../product.c"

static const float *lrac_convolve(const float *w, const float *bias, const float *x, float *y,
                                  int groups, const lrac_shape *shape)
{
    for (int group = 0; group < groups; group++) {
        w = lrac_product(w, bias != NULL ? bias + group * shape->outputs : NULL,
                         x + group * shape->run, y + group * shape->outputs, shape);
    }
    return w;
}
