/* Products of windows and weights: convolutions and linear maps.
 *
 * The outputs are computed in panels of 16, 8, 4 and 1, for several rows at once. The weights
 * are packed in that order: of each panel, for every tap and channel, the weights of its outputs.
 */
#include "lanes.c"

typedef struct {
    int rows;        /* of the result */
    int row_step;    /* values from the first input of one row to that of the next */
    int taps;        /* runs of inputs that a row reads */
    int tap_step;    /* values from one run to the next */
    int run;         /* inputs of a run */
    int outputs;     /* values that a row computes */
    int output_step; /* values from one row of the result to the next */
    int adds;        /* whether the result is added to what is there */
} lrac_shape;

/* Sums computed at once, so that they stay in the registers. */
#if defined(__AVX512F__)
#define LRAC_SUMS 8
#elif defined(__AVX__) || defined(__aarch64__)
#define LRAC_SUMS 4
#elif defined(__SSE__) || defined(__ARM_NEON)
#define LRAC_SUMS 2
#else
#define LRAC_SUMS 1
#endif

/* One panel of a few rows. Of a single row, several sums take turns, so that none waits for the
 * addition before. */
#define LRAC_TILE(NAME, LANES, WIDTH)                                                              \
    LRAC_INLINE void NAME##_rows(const int rows, const float *w, const float *bias,                \
                                 const float *x, float *y, const lrac_shape *shape)                \
    {                                                                                              \
        LANES sums[8] = {0}, weights;                                                              \
        const int turns = rows < LRAC_SUMS ? LRAC_SUMS / rows : 1;                                 \
        if (bias != NULL) {                                                                        \
            LANES##_read(&sums[0], bias);                                                          \
        }                                                                                          \
        for (int r = 1; r < rows; r++) {                                                           \
            sums[r] = sums[0];                                                                     \
        }                                                                                          \
        for (int tap = 0; tap < shape->taps; tap++) {                                              \
            const float *inputs = x + (ptrdiff_t)tap * shape->tap_step;                            \
            int i = 0;                                                                             \
            for (; i + turns <= shape->run; i += turns) {                                          \
                for (int turn = 0; turn < turns; turn++, w += WIDTH) {                             \
                    LANES##_read(&weights, w);                                                     \
                    for (int r = 0; r < rows; r++) {                                               \
                        LANES##_add_scaled(&sums[turn * rows + r], &weights,                       \
                                           inputs[r * shape->row_step + i + turn]);                \
                    }                                                                              \
                }                                                                                  \
            }                                                                                      \
            for (; i < shape->run; i++, w += WIDTH) {                                              \
                LANES##_read(&weights, w);                                                         \
                for (int r = 0; r < rows; r++) {                                                   \
                    LANES##_add_scaled(&sums[r], &weights, inputs[r * shape->row_step + i]);       \
                }                                                                                  \
            }                                                                                      \
        }                                                                                          \
        for (int r = 0; r < rows; r++) {                                                           \
            float *out = y + (ptrdiff_t)r * shape->output_step;                                    \
            for (int turn = 1; turn < turns; turn++) {                                             \
                LANES##_add(&sums[r], &sums[turn * rows + r]);                                     \
            }                                                                                      \
            if (shape->adds) {                                                                     \
                LANES##_read(&weights, out);                                                       \
                LANES##_add(&sums[r], &weights);                                                   \
            }                                                                                      \
            LANES##_write(out, &sums[r]);                                                          \
        }                                                                                          \
        LRAC_DID(multiply_adds, rows * shape->taps * shape->run * WIDTH);                          \
    }                                                                                              \
    static void NAME(const float *w, const float *bias, const float *x, float *y,                  \
                     const lrac_shape *shape)                                                      \
    {                                                                                              \
        for (int row = 0; row < shape->rows; row += LRAC_SUMS) {                                   \
            const float *in = x + (ptrdiff_t)row * shape->row_step;                                \
            float *out = y + (ptrdiff_t)row * shape->output_step;                                  \
            switch (shape->rows - row < LRAC_SUMS ? shape->rows - row : LRAC_SUMS) {               \
            case 1: NAME##_rows(1, w, bias, in, out, shape); break;                                \
            case 2: NAME##_rows(2, w, bias, in, out, shape); break;                                \
            case 3: NAME##_rows(3, w, bias, in, out, shape); break;                                \
            case 4: NAME##_rows(4, w, bias, in, out, shape); break;                                \
            case 5: NAME##_rows(5, w, bias, in, out, shape); break;                                \
            case 6: NAME##_rows(6, w, bias, in, out, shape); break;                                \
            case 7: NAME##_rows(7, w, bias, in, out, shape); break;                                \
            default: NAME##_rows(8, w, bias, in, out, shape); break;                               \
            }                                                                                      \
        }                                                                                          \
    }

LRAC_TILE(lrac_panel16, lrac_float16, 16)
LRAC_TILE(lrac_panel8, lrac_float8, 8)
LRAC_TILE(lrac_panel4, lrac_float4, 4)

/* One output of every row: 16 products at a time. */
static void lrac_panel1(const float *w, const float *bias, const float *x, float *y,
                        const lrac_shape *shape)
{
    for (int row = 0; row < shape->rows; row++) {
        const float *weights = w;
        float *out = y + (ptrdiff_t)row * shape->output_step;
        float parts[16], sum = bias != NULL ? *bias : 0.0f;
        lrac_float16 a, b, sums = {0};
        for (int tap = 0; tap < shape->taps; tap++, weights += shape->run) {
            const float *in = x + (ptrdiff_t)row * shape->row_step + (ptrdiff_t)tap * shape->tap_step;
            int i = 0;
            for (; i + 16 <= shape->run; i += 16) {
                lrac_float16_read(&a, in + i);
                lrac_float16_read(&b, weights + i);
                lrac_float16_add_product(&sums, &a, &b);
            }
            for (; i < shape->run; i++) {
                sum += in[i] * weights[i];
            }
        }
        lrac_float16_write(parts, &sums);
        for (int k = 0; k < 16; k++) {
            sum += parts[k];
        }
        *out = shape->adds ? *out + sum : sum;
        LRAC_DID(multiply_adds, shape->taps * shape->run);
    }
}

/* The width of the next panel, with so many outputs left. */
LRAC_INLINE int lrac_panel_width(int left)
{
    return left >= 16 ? 16 : left >= 8 ? 8 : left >= 4 ? 4 : 1;
}

/* The product of packed weights and the rows of a window, plus bias, which may be NULL. */
static void lrac_product(const float *w, const float *bias, const float *x, float *y,
                         const lrac_shape *shape)
{
    const ptrdiff_t inputs = (ptrdiff_t)shape->taps * shape->run;
    for (int first = 0, width; first < shape->outputs; first += width) {
        const float *weights = w + first * inputs, *added = bias != NULL ? bias + first : NULL;
        width = lrac_panel_width(shape->outputs - first);
        switch (width) {
        case 16: lrac_panel16(weights, added, x, y + first, shape); break;
        case 8: lrac_panel8(weights, added, x, y + first, shape); break;
        case 4: lrac_panel4(weights, added, x, y + first, shape); break;
        default: lrac_panel1(weights, added, x, y + first, shape); break;
        }
    }
    LRAC_DID(additions, bias != NULL ? shape->rows * shape->outputs : 0);
}
