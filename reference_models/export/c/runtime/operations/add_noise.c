/* Noise at a level that is computed: a fixed sequence, by the number of the step.
 *
 * The number of the next step is kept as a whole number in the place of a float.
 */
#include "../spans.c"

/* A value between 0 and 1 that is a hash of a number. */
static double lrac_uniform(uint32_t number, uint32_t seed)
{
    static const uint32_t multipliers[2] = {0x9e3779b1u, 0x85ebca6bu};
    uint32_t mixed = number + seed;
    for (int i = 0; i < 2; i++) {
        mixed = (mixed ^ mixed >> 16) * multipliers[i];
    }
    return ((double)(mixed ^ mixed >> 16) + 0.5) / 4294967296.0;
}

/* A normally distributed value for a step, by the method of Box and Muller. */
static float lrac_gaussian(uint32_t step, uint32_t seed)
{
    const double turn = 6.283185307179586 * lrac_uniform(2 * step + 1, seed);
    return (float)(sqrt(-2.0 * log(lrac_uniform(2 * step, seed))) * cos(turn));
}

static void lrac_add_noise(float *y, const float *x, const float *level, float *kept, int rows,
                           int columns, uint32_t seed, lrac_span valid)
{
    uint32_t step;
    memcpy(&step, kept, sizeof step);
    for (int row = 0; row < rows; row++, x += columns, level += columns, y += columns) {
        const float noise = row < valid.first ? 0.0f : lrac_gaussian(step++, seed);
        for (int c = 0; c < columns; c++) {
            y[c] = x[c] + noise * level[c];
        }
    }
    memcpy(kept, &step, sizeof step);
    LRAC_DID(multiplications, rows * columns + 3 * rows);
    LRAC_DID(additions, rows * columns);
    LRAC_DID(square_roots, rows);
    LRAC_DID(transcendentals, 2 * rows);
}
