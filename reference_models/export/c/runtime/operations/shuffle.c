/* Several rows for each: column c of row j of them is column `c factor + j`. */
static void lrac_shuffle(float *y, const float *x, int rows, int columns, int factor)
{
    for (int row = 0; row < rows; row++, x += columns * factor) {
        for (int j = 0; j < factor; j++, y += columns) {
            for (int c = 0; c < columns; c++) {
                y[c] = x[c * factor + j];
            }
        }
    }
}
