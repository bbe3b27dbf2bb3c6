/* An LSTM, step by step. `gates` has room for the products with the input and with `hidden`. */
#include "../exponential.c"
#include "../product.c"
#include "../spans.c"

static void lrac_lstm(float *y, const float *x, float *hidden, float *cell, float *gates, int rows,
                      int inputs, int units, lrac_span valid, const float *w_x, const float *w_h,
                      const float *bias_x, const float *bias_h,
                      int is_int8)
{
    const lrac_shape from_x = {1, 0, 1, 0, inputs, 4 * units, 0, 0, is_int8};
    const lrac_shape from_h = {1, 0, 1, 0, units, 4 * units, 0, 0, is_int8};
    float *gates_h = gates + 4 * units;
    memset(y, 0, (size_t)rows * (size_t)units * sizeof(float));
    for (int row = valid.first; row < rows; row++) {
        lrac_product(w_x, bias_x, x + (ptrdiff_t)row * inputs, gates, &from_x);
        lrac_product(w_h, bias_h, hidden, gates_h, &from_h);
        for (int u = 0; u < units; u++) {
            const float input = lrac_sigmoid_of(gates[u] + gates_h[u]);
            const float forget = lrac_sigmoid_of(gates[units + u] + gates_h[units + u]);
            const float value = lrac_tanh_of(gates[2 * units + u] + gates_h[2 * units + u]);
            const float output = lrac_sigmoid_of(gates[3 * units + u] + gates_h[3 * units + u]);
            cell[u] = forget * cell[u] + input * value;
            hidden[u] = output * lrac_tanh_of(cell[u]);
        }
        memcpy(y + (ptrdiff_t)row * units, hidden, (size_t)units * sizeof(float));
        LRAC_DID(additions, 8 * units);
        LRAC_DID(multiplications, 3 * units);
        LRAC_DID(divisions, 3 * units);
        LRAC_DID(transcendentals, 5 * units);
    }
}
