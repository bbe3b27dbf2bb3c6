/* The weights file: a header of 64 bytes, then weights. All of it is little-endian.
 *
 *  0  "LRWT"                     28  layers
 *  4  1: floats, 2: in 8 bits    32  number of 4 bytes of weights
 *  8  fingerprint of the design  36  CRC-32 of the weights
 * 16  fingerprint of the weights 40  CRC-32 of everything before it
 * 24  side                       44  zeros
 */
#include "checksum.c"

enum { LRAC_WEIGHTS_HEADER_BYTES = 64 };

static uint32_t lrac_little_endian(const uint8_t *bytes)
{
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

/* The number of weights of a side; 0 of one that is not there. */
static uint32_t lrac_weight_values(lrac_side side)
{
    static const uint32_t values[2] = {
#ifdef LRAC_TRANSMIT_STATE_VALUES
        [LRAC_TRANSMIT] = LRAC_TRANSMIT_WEIGHT_VALUES,
#endif
#ifdef LRAC_RECEIVE_STATE_VALUES
        [LRAC_RECEIVE] = LRAC_RECEIVE_WEIGHT_VALUES,
#endif
    };
    return values[side];
}

/* The format of the weights of a side. */
static uint32_t lrac_weights_format(lrac_side side)
{
#ifdef LRAC_INT8
    return LRAC_INT8 >> side & 1 ? 2 : 1;
#else
    (void)side;
    return 1;
#endif
}

int lrac_weights_open(lrac_weights *weights, lrac_side side, const void *blob, size_t bytes)
{
    static const uint32_t one = 1;
    const uint8_t *header = blob;
    const uint32_t values = lrac_weight_values(side);
    if (*(const uint8_t *)&one != 1) {
        return LRAC_ERROR_BYTE_ORDER;
    }
    if ((uintptr_t)blob % sizeof(float) != 0) {
        return LRAC_ERROR_ALIGNMENT;
    }
    if (bytes < LRAC_WEIGHTS_HEADER_BYTES || memcmp(header, "LRWT", 4) != 0 ||
        lrac_little_endian(header + 4) != lrac_weights_format(side) ||
        lrac_little_endian(header + 24) != (uint32_t)side) {
        return LRAC_ERROR_WEIGHTS;
    }
    if (lrac_little_endian(header + 40) != lrac_crc32(header, 40)) {
        return LRAC_ERROR_DAMAGED;
    }
    if (memcmp(header + 8, lrac_design, sizeof lrac_design) != 0 ||
        lrac_little_endian(header + 28) != LRAC_LAYERS ||
        lrac_little_endian(header + 32) != values) {
        return LRAC_ERROR_DESIGN;
    }
    if (bytes != LRAC_WEIGHTS_HEADER_BYTES + values * sizeof(float) ||
        lrac_little_endian(header + 36) !=
            lrac_crc32(header + LRAC_WEIGHTS_HEADER_BYTES, values * sizeof(float))) {
        return LRAC_ERROR_DAMAGED;
    }
    memcpy(weights->fingerprint, header + 16, sizeof weights->fingerprint);
    weights->values = (const float *)(const void *)(header + LRAC_WEIGHTS_HEADER_BYTES);
    return 0;
}
