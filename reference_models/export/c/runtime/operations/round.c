/* The index of each row's nearest levels. Of a sign there are two levels: -1 and 0. */
#include "../levels.c"

static int lrac_nearest_level(double x, const lrac_levels *levels, int signs)
{
    const double offset = levels->count % 2 == 0 ? 0.5 : 0.0;
    if (signs) {
        return (x * levels->finer - 1.0) / 2.0 > -0.5 ? 0 : -1;
    }
    const double level = rint(tanh(x * levels->finer + levels->shift) * levels->half - offset);
    const int lowest = -(levels->count / 2), highest = lowest + levels->count - 1;
    return level > (double)lowest ? (level < (double)highest ? (int)level : highest) : lowest;
}

static void lrac_round(uint32_t *index, const float *x, int rows, int columns,
                       const lrac_levels *levels, int signs)
{
    for (int row = 0; row < rows; row++, x += columns) {
        uint32_t sum = 0, place = 1;
        for (int c = 0; c < columns; c++) {
            const int level = lrac_nearest_level((double)x[c], &levels[c], signs);
            sum += (uint32_t)(level + levels[c].count / 2) * place;
            place *= (uint32_t)levels[c].count;
        }
        index[row] = sum;
    }
    LRAC_DID(multiplications, rows * columns * 3);
    LRAC_DID(additions, rows * columns * 3);
    LRAC_DID(comparisons, rows * columns);
    LRAC_DID(transcendentals, signs ? 0 : rows * columns);
}
