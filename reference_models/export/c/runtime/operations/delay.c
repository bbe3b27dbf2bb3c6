/* A signal held back by `held` values. */
static void lrac_delay(float *y, float *kept, ptrdiff_t held, const float *x, ptrdiff_t values)
{
    const ptrdiff_t old = held < values ? held : values;
    memcpy(y, kept, (size_t)old * sizeof(float));
    memcpy(y + old, x, (size_t)(values - old) * sizeof(float));
    memmove(kept, kept + old, (size_t)(held - old) * sizeof(float));
    memcpy(kept + held - old, x + values - old, (size_t)old * sizeof(float));
}
