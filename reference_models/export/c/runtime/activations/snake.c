/* x + sin(a x)^2 / a, with one frequency for each channel, or one for all. */
static void lrac_snake(float *y, const float *x, int values, const float *frequency,
                       int frequencies)
{
    for (int i = 0; i < values; i++) {
        const float a = frequency[i % frequencies], s = sinf(a * x[i]);
        y[i] = x[i] + s * s / (a + 1e-9f);
    }
    LRAC_DID(transcendentals, values);
    LRAC_DID(divisions, values);
    LRAC_DID(multiplications, 2 * values);
    LRAC_DID(additions, values);
}
