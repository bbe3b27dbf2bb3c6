/* Attention of each step to a window of steps: queries, keys and values are a third each of the
 * columns of `x`, and head by head in each of them. */
#include "../exponential.c"
#include "../spans.c"

typedef struct {
    int rows;
    int columns; /* of the queries */
    int heads;
    int past;       /* keys before those of this frame */
    int look_ahead; /* queries before those of this frame */
} lrac_attention;

/* Turn each pair of values in the two halves of every head by its frequency, as step `step`. */
static void lrac_turn(float *x, const lrac_attention *shape, const double *frequencies, int64_t step)
{
    const int width = shape->columns / shape->heads, pairs = width / 2;
    for (int pair = 0; pair < pairs; pair++) {
        const double angle = (double)step * frequencies[pair];
        const float c = (float)cos(angle), s = (float)sin(angle);
        for (int head = 0; head < shape->heads; head++) {
            float *first = x + head * width + pair, *second = first + pairs;
            const float turned = *first * c - *second * s;
            *second = *first * s + *second * c;
            *first = turned;
        }
    }
    LRAC_DID(transcendentals, 2 * pairs);
    LRAC_DID(multiplications, 4 * pairs * shape->heads + pairs);
    LRAC_DID(additions, 2 * pairs * shape->heads);
}

/* Put a third of the columns of `x` behind the kept rows in `known`, and keep the last rows. */
static void lrac_know(float *known, float *kept, int past, const float *x,
                      const lrac_attention *shape, const double *frequencies, int64_t step)
{
    const size_t kept_bytes = (size_t)past * (size_t)shape->columns * sizeof(float);
    if (past != 0) {
        memcpy(known, kept, kept_bytes);
    }
    for (int row = 0; row < shape->rows; row++) {
        float *place = known + (ptrdiff_t)(past + row) * shape->columns;
        memcpy(place, x + (ptrdiff_t)row * 3 * shape->columns,
               (size_t)shape->columns * sizeof(float));
        if (frequencies != NULL) {
            lrac_turn(place, shape, frequencies, step + row);
        }
    }
    if (past != 0) {
        memcpy(kept, known + (ptrdiff_t)shape->rows * shape->columns, kept_bytes);
    }
}

/* The attention of one query in one head to the keys from `first` up to `end` of its window. */
static void lrac_attend_to(float *y, const float *query, const float *keys, const float *values,
                           float *shares, const float *position, int first, int end, int width,
                           int step)
{
    float highest = -HUGE_VALF, sum = 0.0f;
    for (int key = first; key < end; key++) {
        float score = 0.0f;
        for (int c = 0; c < width; c++) {
            score += query[c] * keys[(ptrdiff_t)key * step + c];
        }
        score = score / sqrtf((float)width) + (position != NULL ? position[key] : 0.0f);
        shares[key] = score;
        highest = score > highest ? score : highest;
    }
    memset(y, 0, (size_t)width * sizeof(float));
    for (int key = first; key < end; key++) {
        const float share = lrac_expm1(lrac_clamped(shares[key] - highest, -87.0f, 0.0f)) + 1.0f;
        sum += share;
        for (int c = 0; c < width; c++) {
            y[c] += share * values[(ptrdiff_t)key * step + c];
        }
    }
    for (int c = 0; first < end && c < width; c++) {
        y[c] /= sum;
    }
    LRAC_DID(multiply_adds, 2 * (end - first) * width);
    LRAC_DID(additions, (position != NULL ? 4 : 3) * (end - first));
    LRAC_DID(comparisons, end - first);
    LRAC_DID(transcendentals, end - first);
    LRAC_DID(square_roots, end - first);
    LRAC_DID(divisions, end - first + width);
}

/* `inside` are the rows of the window of this frame, with those before it, that lie in the clip.
 * `position` adds to scores, and `frequencies` turn queries and keys; each may be NULL. */
static void lrac_attend(float *y, const float *x, float *keys_kept, float *values_kept,
                        float *queries_kept, float *work, const float *position,
                        const double *frequencies, int64_t step, lrac_span inside,
                        const lrac_attention *shape)
{
    const int columns = shape->columns, width = columns / shape->heads, window = shape->past + 1;
    float *keys = work, *values = keys + (ptrdiff_t)(shape->past + shape->rows) * columns;
    float *queries = values + (ptrdiff_t)(shape->past + shape->rows) * columns;
    float *shares = queries + (ptrdiff_t)(shape->look_ahead + shape->rows) * columns;
    lrac_know(queries, queries_kept, shape->look_ahead, x, shape, frequencies, step);
    lrac_know(keys, keys_kept, shape->past, x + columns, shape, frequencies, step);
    lrac_know(values, values_kept, shape->past, x + 2 * columns, shape, NULL, step);
    for (int row = 0; row < shape->rows; row++) {
        const int first = inside.first > row ? inside.first - row : 0;
        const int end = inside.end - row < window ? inside.end - row : window;
        for (int head = 0; head < shape->heads; head++) {
            const ptrdiff_t at = (ptrdiff_t)row * columns + (ptrdiff_t)head * width;
            lrac_attend_to(y + at, queries + at, keys + at, values + at, shares,
                           position != NULL ? position + (ptrdiff_t)head * window : NULL,
                           first < window ? first : window, end, width, columns);
        }
    }
}
