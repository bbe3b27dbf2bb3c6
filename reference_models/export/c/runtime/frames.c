/* Frames of the rows of a signal: each is multiplied by a window, and overlaps with the next one. */
typedef struct {
    int rows;    /* frames */
    int columns; /* signals side by side */
    int size;    /* rows of a frame */
    int hop;     /* rows from one frame to the next */
} lrac_frames;

/* Let the sums of frames begin with those that were kept; `kept` is NULL where frames do not overlap. */
static void lrac_begin_sums(float *sums, const float *kept, const lrac_frames *frames)
{
    const size_t overlap = (size_t)(frames->size - frames->hop) * (size_t)frames->columns;
    const size_t ready = (size_t)(frames->rows * frames->hop) * (size_t)frames->columns;
    if (kept != NULL) {
        memcpy(sums, kept, overlap * sizeof(float));
    }
    memset(sums + overlap, 0, ready * sizeof(float));
}

/* Keep the sums behind those that are ready. */
static void lrac_keep_sums(const float *sums, float *kept, const lrac_frames *frames)
{
    const size_t overlap = (size_t)(frames->size - frames->hop) * (size_t)frames->columns;
    const size_t ready = (size_t)(frames->rows * frames->hop) * (size_t)frames->columns;
    if (kept != NULL) {
        memcpy(kept, sums + ready, overlap * sizeof(float));
    }
}
