/* The values that each index stands for. */
#include "../levels.c"

static void lrac_rescale(float *y, const uint32_t *index, int rows, int columns,
                         const lrac_levels *levels, int signs)
{
    for (int row = 0; row < rows; row++, y += columns) {
        uint32_t rest = index[row];
        for (int c = 0; c < columns; c++) {
            const int count = levels[c].count;
            const double level = (double)(rest % (uint32_t)count) - (double)(count / 2);
            const double value = signs ? 2.0 * level + 1.0 : level / (double)(count / 2);
            y[c] = (float)(value / levels[c].finer);
            rest /= (uint32_t)count;
        }
    }
    LRAC_DID(divisions, rows * columns * 4);
    LRAC_DID(additions, rows * columns);
}
