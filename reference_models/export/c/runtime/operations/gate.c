/* The first half of the columns, behind a SiLU, times the second half. */
#include "../exponential.c"

static void lrac_gate(float *y, const float *x, int rows, int columns)
{
    for (int row = 0; row < rows; row++, x += 2 * columns, y += columns) {
        for (int c = 0; c < columns; c++) {
            y[c] = x[c] * lrac_sigmoid_of(x[c]) * x[columns + c];
        }
    }
    LRAC_DID(transcendentals, rows * columns);
    LRAC_DID(additions, rows * columns);
    LRAC_DID(divisions, rows * columns);
    LRAC_DID(multiplications, 2 * rows * columns);
}
