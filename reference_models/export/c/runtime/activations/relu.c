static void lrac_relu(float *y, const float *x, int values)
{
    for (int i = 0; i < values; i++) {
        y[i] = x[i] > 0.0f ? x[i] : 0.0f;
    }
    LRAC_DID(comparisons, values);
}
