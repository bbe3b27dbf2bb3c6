/* The interface of the transmit side. */
#include "stream.c"

void lrac_transmitter_reset(lrac_transmitter *stream)
{
    memset(stream->values, 0, sizeof stream->values);
    lrac_start(&stream->position);
}

size_t lrac_transmitter_bytes(void)
{
    return sizeof(lrac_transmitter);
}

static int lrac_encode(lrac_transmitter *stream, const lrac_weights *weights, lrac_scratch *scratch,
                       int layers, const float *audio, int samples, uint32_t *indices)
{
    lrac_transmit(weights->values, stream->values, scratch, &stream->position, layers, audio,
                  samples, indices);
    const int first = lrac_advance(&stream->position, LRAC_HOP_SAMPLES, 1, LRAC_TRANSMIT_LAG);
    return first == 0 ? lrac_indices_of[layers] : 0;
}

int lrac_encode_frame(lrac_transmitter *stream, const lrac_weights *weights, lrac_scratch *scratch,
                      int layers, const float *audio, uint32_t *indices)
{
    if (layers < 1 || layers > LRAC_LAYERS) {
        return LRAC_ERROR_LAYERS;
    }
    return lrac_encode(stream, weights, scratch, layers, audio, LRAC_HOP_SAMPLES, indices);
}

int lrac_encode_end(lrac_transmitter *stream, const lrac_weights *weights, lrac_scratch *scratch,
                    int layers, const float *audio, int samples, uint32_t *indices)
{
    if (layers < 1 || layers > LRAC_LAYERS) {
        return LRAC_ERROR_LAYERS;
    }
    if (samples < 0 || samples >= LRAC_HOP_SAMPLES) {
        return LRAC_ERROR_SAMPLES;
    }
    lrac_position *at = &stream->position;
    if (at->remaining == LRAC_OPEN) {
        lrac_finish(at, samples, 1, samples > 0, LRAC_TRANSMIT_LAG);
    }
    while (at->due > 0) {
        const int count = lrac_encode(stream, weights, scratch, layers, audio, samples, indices);
        samples = 0;
        if (count > 0) {
            at->due--;
            return count;
        }
    }
    lrac_transmitter_reset(stream);
    return 0;
}
