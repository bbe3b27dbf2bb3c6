/* Products of windows and weights: convolutions and linear maps.
 *
 * The outputs are computed in panels of 16, 8, 4 and 1, for several rows at once. The weights
 * are packed in that order: of each panel, for every tap and channel, the weights of its outputs.
 *
 * Weights in 8 bits are whole numbers. Before those of a panel stand the scales of its outputs, which
 * the sums are multiplied by.
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
    int is_int8;     /* whether the weights are stored in 8 bits */
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
 * addition before. INT8 says whether the weights, of the type WEIGHT, are stored in 8 bits. */
#define LRAC_TILE(NAME, LANES, WIDTH, WEIGHT, READ, INT8)                                          \
    LRAC_INLINE void NAME##_rows(const int rows, const float *panel, const float *bias,            \
                                 const float *x, float *y, const lrac_shape *shape)                \
    {                                                                                              \
        const WEIGHT *w = (const WEIGHT *)(const void *)(panel + (INT8 ? WIDTH : 0));              \
        LANES sums[8] = {0}, weights;                                                              \
        const int turns = rows < LRAC_SUMS ? LRAC_SUMS / rows : 1;                                 \
        if (bias != NULL && !(INT8)) {                                                             \
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
                    READ(&weights, w);                                                             \
                    for (int r = 0; r < rows; r++) {                                               \
                        LANES##_add_scaled(&sums[turn * rows + r], &weights,                       \
                                           inputs[r * shape->row_step + i + turn]);                \
                    }                                                                              \
                }                                                                                  \
            }                                                                                      \
            for (; i < shape->run; i++, w += WIDTH) {                                              \
                READ(&weights, w);                                                                 \
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
            if (INT8) {                                                                            \
                LANES##_read(&weights, panel);                                                     \
                LANES##_multiply(&sums[r], &weights);                                              \
                if (bias != NULL) {                                                                \
                    LANES##_read(&weights, bias);                                                  \
                    LANES##_add(&sums[r], &weights);                                               \
                }                                                                                  \
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

/* One output of every row: 16 products at a time. */
#define LRAC_SINGLE(NAME, WEIGHT, READ, INT8)                                                      \
    static void NAME(const float *panel, const float *bias, const float *x, float *y,              \
                     const lrac_shape *shape)                                                      \
    {                                                                                              \
        for (int row = 0; row < shape->rows; row++) {                                              \
            const WEIGHT *w = (const WEIGHT *)(const void *)(panel + (INT8 ? 1 : 0));              \
            float *out = y + (ptrdiff_t)row * shape->output_step;                                  \
            float parts[16], sum = bias != NULL && !(INT8) ? *bias : 0.0f;                         \
            lrac_float16 a, b, sums = {0};                                                         \
            for (int tap = 0; tap < shape->taps; tap++, w += shape->run) {                         \
                const float *in =                                                                  \
                    x + (ptrdiff_t)row * shape->row_step + (ptrdiff_t)tap * shape->tap_step;       \
                int i = 0;                                                                         \
                for (; i + 16 <= shape->run; i += 16) {                                            \
                    lrac_float16_read(&a, in + i);                                                 \
                    READ(&b, w + i);                                                               \
                    lrac_float16_add_product(&sums, &a, &b);                                       \
                }                                                                                  \
                for (; i < shape->run; i++) {                                                      \
                    sum += in[i] * (float)w[i];                                                    \
                }                                                                                  \
            }                                                                                      \
            lrac_float16_write(parts, &sums);                                                      \
            for (int k = 0; k < 16; k++) {                                                         \
                sum += parts[k];                                                                   \
            }                                                                                      \
            if (INT8) {                                                                            \
                sum = sum * *panel + (bias != NULL ? *bias : 0.0f);                                \
            }                                                                                      \
            *out = shape->adds ? *out + sum : sum;                                                 \
            LRAC_DID(multiply_adds, shape->taps * shape->run);                                     \
        }                                                                                          \
    }

LRAC_TILE(lrac_panel16, lrac_float16, 16, float, lrac_float16_read, 0)
LRAC_TILE(lrac_panel8, lrac_float8, 8, float, lrac_float8_read, 0)
LRAC_TILE(lrac_panel4, lrac_float4, 4, float, lrac_float4_read, 0)
LRAC_SINGLE(lrac_panel1, float, lrac_float16_read, 0)

#ifdef LRAC_INT8
LRAC_TILE(lrac_int8_panel16, lrac_float16, 16, int8_t, lrac_float16_read_int8, 1)
LRAC_TILE(lrac_int8_panel8, lrac_float8, 8, int8_t, lrac_float8_read_int8, 1)
LRAC_TILE(lrac_int8_panel4, lrac_float4, 4, int8_t, lrac_float4_read_int8, 1)
LRAC_SINGLE(lrac_int8_panel1, int8_t, lrac_float16_read_int8, 1)
#define LRAC_PANEL(width) (shape->is_int8 ? lrac_int8_panel##width : lrac_panel##width)
#else
#define LRAC_PANEL(width) lrac_panel##width
#endif

/* The width of the next panel, with so many outputs left. */
LRAC_INLINE int lrac_panel_width(int left)
{
    return left >= 16 ? 16 : left >= 8 ? 8 : left >= 4 ? 4 : 1;
}

/* The floats that a panel takes: bytes fill up the last of them. */
LRAC_INLINE ptrdiff_t lrac_panel_size(const lrac_shape *shape, int width)
{
    const ptrdiff_t weights = (ptrdiff_t)shape->taps * shape->run * width;
    return shape->is_int8 ? width + (weights + 3) / 4 : weights;
}

/* The product of packed weights and the rows of a window, plus bias, which may be NULL. Returns
 * where the weights end. */
static const float *lrac_product(const float *w, const float *bias, const float *x, float *y,
                                 const lrac_shape *shape)
{
    for (int first = 0, width; first < shape->outputs; first += width) {
        const float *added = bias != NULL ? bias + first : NULL;
        width = lrac_panel_width(shape->outputs - first);
        switch (width) {
        case 16: LRAC_PANEL(16)(w, added, x, y + first, shape); break;
        case 8: LRAC_PANEL(8)(w, added, x, y + first, shape); break;
        case 4: LRAC_PANEL(4)(w, added, x, y + first, shape); break;
        default: LRAC_PANEL(1)(w, added, x, y + first, shape); break;
        }
        w += lrac_panel_size(shape, width);
    }
    LRAC_DID(additions, bias != NULL ? shape->rows * shape->outputs : 0);
    LRAC_DID(multiplications, shape->is_int8 ? shape->rows * shape->outputs : 0);
    return w;
}
