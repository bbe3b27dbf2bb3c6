static void lrac_leaky_relu(float *y, const float *x, int values, float negative_slope)
{
    for (int i = 0; i < values; i++) {
        y[i] = x[i] > 0.0f ? x[i] : negative_slope * x[i];
    }
    LRAC_DID(comparisons, values);
    LRAC_DID(multiplications, values);
}
