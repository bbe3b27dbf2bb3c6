static void lrac_gelu(float *y, const float *x, int values)
{
    for (int i = 0; i < values; i++) {
        y[i] = 0.5f * x[i] * (1.0f + erff(x[i] * 0.707106781f));
    }
    LRAC_DID(transcendentals, values);
    LRAC_DID(additions, values);
    LRAC_DID(multiplications, 3 * values);
}
