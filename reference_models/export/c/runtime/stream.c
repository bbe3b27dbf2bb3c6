/* Streams: frames one by one, the look-ahead at the start, and the end of a clip. */

static void lrac_start(lrac_position *at)
{
    at->frames = 0;
    at->remaining = LRAC_OPEN;
    at->due = 0;
}

size_t lrac_scratch_bytes(void)
{
    return sizeof(lrac_scratch);
}

int lrac_index_count(int layers)
{
    return layers >= 1 && layers <= LRAC_LAYERS ? lrac_indices_of[layers] : LRAC_ERROR_LAYERS;
}

/* Go on by one frame, with `steps` of input in each and `rows` of output that come `lag` late.
 * Returns the number of the first of these rows that is to be given. */
static int lrac_advance(lrac_position *at, int steps, int rows, int lag)
{
    const int64_t early = (int64_t)lag - (int64_t)at->frames * rows;
    if (at->frames < INT32_MAX) {
        at->frames++;
    }
    if (at->remaining != LRAC_OPEN) {
        at->remaining -= steps;
    }
    return early <= 0 ? 0 : early >= rows ? rows : (int)early;
}

/* Let the input end after `steps` more, which bring `rows` more of output. */
static void lrac_finish(lrac_position *at, int steps, int rows_of_frame, int rows, int lag)
{
    const int64_t so_far = (int64_t)at->frames * rows_of_frame;
    at->remaining = steps;
    at->due = (int32_t)(so_far < lag ? so_far : lag) + rows;
}
