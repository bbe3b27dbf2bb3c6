static void lrac_add(float *y, const float *a, const float *b, int values)
{
    for (int i = 0; i < values; i++) {
        y[i] = a[i] + b[i];
    }
    LRAC_DID(additions, values);
}
