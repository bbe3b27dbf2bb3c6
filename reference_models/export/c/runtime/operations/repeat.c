/* Each row several times. */
static void lrac_repeat(float *y, const float *x, int rows, int columns, int factor)
{
    for (int row = 0; row < rows * factor; row++, y += columns) {
        memcpy(y, x + (ptrdiff_t)(row / factor) * columns, (size_t)columns * sizeof(float));
    }
}
