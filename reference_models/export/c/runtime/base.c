#if defined(__GNUC__)
#define LRAC_INLINE static inline __attribute__((always_inline, unused))
#else
#define LRAC_INLINE static inline
#endif

/* Counters of what is computed: row by row of the design's ledger, in builds with -DLRAC_COUNT. */
#ifdef LRAC_COUNT
lrac_row_counts lrac_counts[LRAC_ROWS];
static int lrac_row;
#define LRAC_ROW(row) (lrac_row = (row))
#define LRAC_DID(what, number) (lrac_counts[lrac_row].what += (uint64_t)(number))
#else
#define LRAC_ROW(row) ((void)0)
#define LRAC_DID(what, number) ((void)0)
#endif
