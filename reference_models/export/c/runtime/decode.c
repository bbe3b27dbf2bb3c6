/* The interface of the receive side. */
#include "stream.c"

void lrac_receiver_reset(lrac_receiver *stream)
{
    memset(stream->values, 0, sizeof stream->values);
    lrac_start(&stream->position);
}

size_t lrac_receiver_bytes(void)
{
    return sizeof(lrac_receiver);
}

/* Decode a frame; its first samples, before the look-ahead, are moved out. */
static int lrac_decode(lrac_receiver *stream, const lrac_weights *weights, lrac_scratch *scratch,
                       int layers, const uint32_t *indices, float *audio)
{
    lrac_receive(weights->values, stream->values, scratch, &stream->position, layers, indices,
                 audio);
    const int first = lrac_advance(&stream->position, 1, LRAC_HOP_SAMPLES, LRAC_RECEIVE_LAG);
    const int samples = LRAC_HOP_SAMPLES - first;
    memmove(audio, audio + (ptrdiff_t)first * LRAC_CHANNELS,
            (size_t)samples * LRAC_CHANNELS * sizeof(float));
    return samples;
}

int lrac_decode_frame(lrac_receiver *stream, const lrac_weights *weights, lrac_scratch *scratch,
                      int layers, const uint32_t *indices, float *audio)
{
    if (layers < 1 || layers > LRAC_LAYERS) {
        return LRAC_ERROR_LAYERS;
    }
    for (int i = 0; i < lrac_indices_of[layers]; i++) {
        if (indices[i] >= lrac_index_sizes[i]) {
            return LRAC_ERROR_INDEX;
        }
    }
    return lrac_decode(stream, weights, scratch, layers, indices, audio);
}

int lrac_decode_end(lrac_receiver *stream, const lrac_weights *weights, lrac_scratch *scratch,
                    float *audio)
{
    static const uint32_t none[LRAC_MAX_INDICES];
    lrac_position *at = &stream->position;
    if (at->remaining == LRAC_OPEN) {
        lrac_finish(at, 0, LRAC_HOP_SAMPLES, 0, LRAC_RECEIVE_LAG);
    }
    while (at->due > 0) {
        int samples = lrac_decode(stream, weights, scratch, 1, none, audio);
        if (samples > 0) {
            samples = samples < at->due ? samples : at->due;
            at->due -= samples;
            return samples;
        }
    }
    lrac_receiver_reset(stream);
    return 0;
}
