/* The row of a table that belongs to each index. */
LRAC_INLINE void lrac_lookup(float *y, const uint32_t *index, int rows, int columns,
                             const float *table)
{
    for (int row = 0; row < rows; row++, y += columns) {
        memcpy(y, table + (size_t)index[row] * (size_t)columns, (size_t)columns * sizeof(float));
    }
}

/* The same of a table in 8 bits, before which the scales of its columns stand. */
LRAC_INLINE void lrac_lookup_int8(float *y, const uint32_t *index, int rows, int columns,
                                  const float *scales)
{
    const int8_t *table = (const int8_t *)(const void *)(scales + columns);
    for (int row = 0; row < rows; row++, y += columns) {
        const int8_t *entry = table + (size_t)index[row] * (size_t)columns;
        for (int c = 0; c < columns; c++) {
            y[c] = (float)entry[c] * scales[c];
        }
    }
    LRAC_DID(multiplications, rows * columns);
}
