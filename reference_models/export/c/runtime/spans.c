/* The rows of a signal that are time steps of the clip: those from `first` up to `end`.
 *
 * All rows are, but for the first frames, in which a signal that comes late has rows before step 0,
 * and the frames in which the clip ends.
 */
typedef struct {
    int first;
    int end;
} lrac_span;

LRAC_INLINE void lrac_zero_outside(float *x, int rows, int columns, lrac_span valid)
{
    if (valid.first > 0 || valid.end < rows) {
        for (int row = 0; row < rows; row++) {
            if (row < valid.first || row >= valid.end) {
                memset(x + (ptrdiff_t)row * columns, 0, (size_t)columns * sizeof(float));
            }
        }
    }
}
