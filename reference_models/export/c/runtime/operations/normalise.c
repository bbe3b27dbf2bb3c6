/* Each row over its root mean square; with a `shift` its mean is subtracted first. */
static void lrac_normalise(float *y, const float *x, int rows, int columns, const float *factor,
                           const float *shift, float epsilon)
{
    for (int row = 0; row < rows; row++, x += columns, y += columns) {
        float mean = 0.0f, power = 0.0f;
        for (int c = 0; shift != NULL && c < columns; c++) {
            mean += x[c];
        }
        mean /= (float)columns;
        for (int c = 0; c < columns; c++) {
            power += (x[c] - mean) * (x[c] - mean);
        }
        const float gain = 1.0f / sqrtf(power / (float)columns + epsilon);
        for (int c = 0; c < columns; c++) {
            y[c] = (x[c] - mean) * gain * factor[c] + (shift != NULL ? shift[c] : 0.0f);
        }
    }
    LRAC_DID(additions, rows * columns * (shift != NULL ? 4 : 1));
    LRAC_DID(multiplications, 3 * rows * columns);
    LRAC_DID(divisions, 2 * rows);
    LRAC_DID(square_roots, rows);
}
