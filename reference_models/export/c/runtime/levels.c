/* One value of a scalar quantizer: its whole levels lie from -(count / 2) on. */
typedef struct {
    int count;
    double finer; /* the inverse of the unit of a level */
    double half;  /* of the range that a value is bounded to */
    double shift; /* of what is bounded, for an even number of levels */
} lrac_levels;
