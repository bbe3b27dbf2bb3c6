/* exp(x) - 1 for |x| <= 87, to two units in the last place; plain enough to be vectorised.
 *
 * x is n ln 2 + r with whole n. Adding 1.5 * 2^23 rounds to n, and leaves it in the lowest bits.
 */
LRAC_INLINE float lrac_expm1(float x)
{
    const float shifted = x * 1.44269504f + 12582912.0f;
    const float n = shifted - 12582912.0f;
    const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
    float p = 1.9875691500e-4f, power;
    uint32_t bits;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r;
    memcpy(&bits, &shifted, sizeof bits);
    bits = (bits << 23) + 0x3f800000u;
    memcpy(&power, &bits, sizeof power);
    return power * p + (power - 1.0f);
}

LRAC_INLINE float lrac_clamped(float x, float low, float high)
{
    return x < low ? low : x > high ? high : x;
}

/* 1 / (1 + exp(-x)) */
LRAC_INLINE float lrac_sigmoid_of(float x)
{
    return 1.0f / (2.0f + lrac_expm1(lrac_clamped(-x, -87.0f, 87.0f)));
}

LRAC_INLINE float lrac_tanh_of(float x)
{
    const float e = lrac_expm1(lrac_clamped(2.0f * x, -40.0f, 40.0f));
    return e / (e + 2.0f);
}
