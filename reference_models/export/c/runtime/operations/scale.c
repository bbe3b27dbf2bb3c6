/* Each column times a factor of its own. */
static void lrac_scale(float *y, const float *x, int rows, int columns, const float *factor)
{
    for (int row = 0; row < rows; row++, x += columns, y += columns) {
        for (int c = 0; c < columns; c++) {
            y[c] = x[c] * factor[c];
        }
    }
    LRAC_DID(multiplications, rows * columns);
}
