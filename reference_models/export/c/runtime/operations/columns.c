/* Copy columns of one value to another; `x` and `y` point at the first of them. */
static void lrac_columns(float *y, int y_columns, const float *x, int x_columns, int rows,
                         int columns)
{
    for (int row = 0; row < rows; row++, x += x_columns, y += y_columns) {
        memcpy(y, x, (size_t)columns * sizeof(float));
    }
}
