/* One slope for each channel, or one for all with `slopes` of 1. */
static void lrac_prelu(float *y, const float *x, int values, const float *slope, int slopes)
{
    for (int i = 0; i < values; i++) {
        y[i] = x[i] > 0.0f ? x[i] : slope[i % slopes] * x[i];
    }
    LRAC_DID(comparisons, values);
    LRAC_DID(multiplications, values);
}
