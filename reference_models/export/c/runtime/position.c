/* Which rows of a signal are steps of the clip, from the changes of rate that lead to it. Rows are
 * counted from `past` rows before this frame on. */
#include "spans.c"

typedef struct {
    int32_t up;   /* so many steps ... */
    int32_t down; /* ... for every so many, rounded up */
} lrac_rate_change;

LRAC_INLINE lrac_span lrac_span_of(const lrac_position *at, int rows, int past, int lag,
                                   const lrac_rate_change *changes, int count)
{
    lrac_span span = {0, past + rows};
    const int64_t early = (int64_t)past + lag - (int64_t)at->frames * rows;
    if (early > 0) {
        span.first = early < span.end ? (int)early : span.end;
    }
    if (at->remaining != LRAC_OPEN) {
        int64_t end = at->remaining;
        for (int i = 0; i < count; i++) {
            end *= changes[i].up;
            end = (end + (end > 0 ? changes[i].down - 1 : 0)) / changes[i].down;
        }
        end += past + lag;
        span.end = end < span.first ? span.first : end < span.end ? (int)end : span.end;
    }
    return span;
}
