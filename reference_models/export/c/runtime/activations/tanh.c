#include "../exponential.c"

static void lrac_tanh(float *y, const float *x, int values)
{
    for (int i = 0; i < values; i++) {
        y[i] = lrac_tanh_of(x[i]);
    }
    LRAC_DID(transcendentals, values);
    LRAC_DID(additions, values);
    LRAC_DID(divisions, values);
}
