#include "../exponential.c"

static void lrac_elu(float *y, const float *x, int values, float alpha)
{
    for (int i = 0; i < values; i++) {
        const float low = lrac_clamped(x[i], -87.0f, 0.0f);
        y[i] = x[i] > 0.0f ? x[i] : alpha * lrac_expm1(low);
    }
    LRAC_DID(comparisons, values);
    LRAC_DID(transcendentals, values);
    LRAC_DID(multiplications, values);
}
