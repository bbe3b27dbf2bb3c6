/* A GRU, step by step. `gates` has room for the products with the input and with `hidden`. */
#include "../exponential.c"
#include "../product.c"
#include "../spans.c"

static void lrac_gru(float *y, const float *x, float *hidden, float *gates, int rows, int inputs,
                     int units, lrac_span valid, const float *w_x, const float *w_h,
                     const float *bias_x, const float *bias_h,
                     int is_int8)
{
    const lrac_shape from_x = {1, 0, 1, 0, inputs, 3 * units, 0, 0, is_int8};
    const lrac_shape from_h = {1, 0, 1, 0, units, 3 * units, 0, 0, is_int8};
    float *gates_h = gates + 3 * units;
    memset(y, 0, (size_t)rows * (size_t)units * sizeof(float));
    for (int row = valid.first; row < rows; row++) {
        lrac_product(w_x, bias_x, x + (ptrdiff_t)row * inputs, gates, &from_x);
        lrac_product(w_h, bias_h, hidden, gates_h, &from_h);
        for (int u = 0; u < units; u++) {
            const float reset = lrac_sigmoid_of(gates[u] + gates_h[u]);
            const float update = lrac_sigmoid_of(gates[units + u] + gates_h[units + u]);
            const float value = lrac_tanh_of(gates[2 * units + u] + reset * gates_h[2 * units + u]);
            hidden[u] = (1.0f - update) * value + update * hidden[u];
        }
        memcpy(y + (ptrdiff_t)row * units, hidden, (size_t)units * sizeof(float));
        LRAC_DID(additions, 7 * units);
        LRAC_DID(multiplications, 3 * units);
        LRAC_DID(divisions, 2 * units);
        LRAC_DID(transcendentals, 3 * units);
    }
}
