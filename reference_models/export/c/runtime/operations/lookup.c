/* The row of a table that belongs to each index. */
static void lrac_lookup(float *y, const uint32_t *index, int rows, int columns, const float *table)
{
    for (int row = 0; row < rows; row++, y += columns) {
        memcpy(y, table + (size_t)index[row] * (size_t)columns, (size_t)columns * sizeof(float));
    }
}
