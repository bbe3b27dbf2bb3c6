/* The mean of every `count` rows. */
static void lrac_average(float *y, const float *x, int rows, int columns, int count)
{
    for (int row = 0; row < rows; row++, y += columns) {
        memset(y, 0, (size_t)columns * sizeof(float));
        for (int j = 0; j < count; j++, x += columns) {
            for (int c = 0; c < columns; c++) {
                y[c] += x[c] / (float)count;
            }
        }
    }
    LRAC_DID(additions, rows * count * columns);
    LRAC_DID(divisions, rows * count * columns);
}
