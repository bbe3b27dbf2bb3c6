/* Lanes: 16, 8 or 4 floats, or 8 doubles, that are worked on together.
 *
 * With gcc and clang they are vectors, which the compiler spreads over the registers that the
 * processor has. Elsewhere, and with -DLRAC_PORTABLE, they are arrays and plain loops. They are
 * passed by pointers only, since how vectors are passed by value depends on the processor.
 */
#if defined(__GNUC__) && !defined(LRAC_PORTABLE)
typedef float lrac_float16 __attribute__((vector_size(64)));
typedef float lrac_float8 __attribute__((vector_size(32)));
typedef float lrac_float4 __attribute__((vector_size(16)));
typedef double lrac_double8 __attribute__((vector_size(64)));
#define LRAC_SET(WIDTH, OF_ALL, OF_ONE) *y = (OF_ALL)
typedef int64_t lrac_choice8 __attribute__((vector_size(64)));
#define LRAC_CHOOSE(choice, a, b)                                                                  \
    (lrac_double8)(((lrac_choice8)(a) & (choice)) | ((lrac_choice8)(b) & ~(choice)))
#define LRAC_TO_DOUBLE(a) __builtin_convertvector(a, lrac_double8)
typedef int8_t lrac_bytes16 __attribute__((vector_size(16)));
typedef int8_t lrac_bytes8 __attribute__((vector_size(8)));
typedef int8_t lrac_bytes4 __attribute__((vector_size(4)));
typedef int16_t lrac_shorts16 __attribute__((vector_size(32)));
typedef int16_t lrac_shorts8 __attribute__((vector_size(16)));
typedef int16_t lrac_shorts4 __attribute__((vector_size(8)));
typedef int32_t lrac_ints16 __attribute__((vector_size(64)));
typedef int32_t lrac_ints8 __attribute__((vector_size(32)));
typedef int32_t lrac_ints4 __attribute__((vector_size(16)));
#else
typedef struct { float lane[16]; } lrac_float16;
typedef struct { float lane[8]; } lrac_float8;
typedef struct { float lane[4]; } lrac_float4;
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
LRAC_LANES(lrac_float4, float, 4)
LRAC_LANES(lrac_double8, double, 8)

/* The functions of lanes that read whole numbers of 8 bits, which compilers widen in steps, and
 * that multiply by other lanes. */
#ifdef LRAC_CHOOSE
#define LRAC_WIDENED(WIDTH)                                                                        \
    lrac_bytes##WIDTH bytes;                                                                       \
    memcpy(&bytes, x, sizeof bytes);                                                               \
    *y = __builtin_convertvector(                                                                  \
        __builtin_convertvector(__builtin_convertvector(bytes, lrac_shorts##WIDTH),                \
                                lrac_ints##WIDTH),                                                 \
        lrac_float##WIDTH)
#else
#define LRAC_WIDENED(WIDTH) LRAC_SET(WIDTH, , x[k])
#endif
#define LRAC_INT8_LANES(WIDTH)                                                                     \
    LRAC_INLINE void lrac_float##WIDTH##_read_int8(lrac_float##WIDTH *y, const int8_t *x)          \
    {                                                                                              \
        LRAC_WIDENED(WIDTH);                                                                       \
    }                                                                                              \
    LRAC_INLINE void lrac_float##WIDTH##_multiply(lrac_float##WIDTH *y,                            \
                                                  const lrac_float##WIDTH *a)                      \
    {                                                                                              \
        LRAC_SET(WIDTH, *y * *a, y->lane[k] * a->lane[k]);                                         \
    }

LRAC_INT8_LANES(16)
LRAC_INT8_LANES(8)
LRAC_INT8_LANES(4)

LRAC_INLINE void lrac_double8_widen(lrac_double8 *y, const lrac_float8 *a)
{
    LRAC_SET(8, LRAC_TO_DOUBLE(*a), a->lane[k]);
}

/* Where `y` is below the lanes of `best`, put it there, and `place` into those of `where`. */
LRAC_INLINE void lrac_double8_keep_least(lrac_double8 *best, lrac_double8 *where,
                                         const lrac_double8 *y, double place)
{
#ifdef LRAC_CHOOSE
    const lrac_choice8 is_less = *y < *best;
    *best = LRAC_CHOOSE(is_less, *y, *best);
    *where = LRAC_CHOOSE(is_less, (lrac_double8){0} + place, *where);
#else
    for (int k = 0; k < 8; k++) {
        if (y->lane[k] < best->lane[k]) {
            best->lane[k] = y->lane[k];
            where->lane[k] = place;
        }
    }
#endif
}
