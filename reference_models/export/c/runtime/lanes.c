/* Lanes: 16 or 8 floats, or 8 doubles, that are worked on together.
 *
 * With gcc and clang they are vectors, which the compiler spreads over the registers that the
 * processor has. Elsewhere, and with -DLRAC_PORTABLE, they are arrays and plain loops. They are
 * passed by pointers only, since how vectors are passed by value depends on the processor.
 */
#if defined(__GNUC__) && !defined(LRAC_PORTABLE)
typedef float lrac_float16 __attribute__((vector_size(64)));
typedef float lrac_float8 __attribute__((vector_size(32)));
typedef double lrac_double8 __attribute__((vector_size(64)));
#define LRAC_SET(WIDTH, OF_ALL, OF_ONE) *y = (OF_ALL)
#define LRAC_TO_DOUBLE(a) __builtin_convertvector(a, lrac_double8)
#else
typedef struct { float lane[16]; } lrac_float16;
typedef struct { float lane[8]; } lrac_float8;
typedef struct { double lane[8]; } lrac_double8;
#define LRAC_SET(WIDTH, OF_ALL, OF_ONE)                                                            \
    for (int k = 0; k < WIDTH; k++) {                                                              \
        y->lane[k] = (OF_ONE);                                                                     \
    }
#endif

/* The functions of one type of lanes: read, write, y + a, y + a b, and y + a x. */
#define LRAC_LANES(LANES, NUMBER, WIDTH)                                                           \
    LRAC_INLINE void LANES##_read(LANES *y, const NUMBER *x) { memcpy(y, x, sizeof *y); }          \
    LRAC_INLINE void LANES##_write(NUMBER *x, const LANES *y) { memcpy(x, y, sizeof *y); }         \
    LRAC_INLINE void LANES##_add(LANES *y, const LANES *a)                                         \
    {                                                                                              \
        LRAC_SET(WIDTH, *y + *a, y->lane[k] + a->lane[k]);                                         \
    }                                                                                              \
    LRAC_INLINE void LANES##_add_product(LANES *y, const LANES *a, const LANES *b)                 \
    {                                                                                              \
        LRAC_SET(WIDTH, *y + *a * *b, y->lane[k] + a->lane[k] * b->lane[k]);                       \
    }                                                                                              \
    LRAC_INLINE void LANES##_add_scaled(LANES *y, const LANES *a, NUMBER x)                        \
    {                                                                                              \
        LRAC_SET(WIDTH, *y + *a * x, y->lane[k] + a->lane[k] * x);                                 \
    }

LRAC_LANES(lrac_float16, float, 16)
LRAC_LANES(lrac_float8, float, 8)
LRAC_LANES(lrac_double8, double, 8)

LRAC_INLINE void lrac_double8_widen(lrac_double8 *y, const lrac_float8 *a)
{
    LRAC_SET(8, LRAC_TO_DOUBLE(*a), a->lane[k]);
}
