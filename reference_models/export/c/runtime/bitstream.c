/* The .lrac file. All integers of its header are big-endian. */
#include "checksum.c"

enum { LRAC_FIELDS_BYTES = 39 };

static void lrac_put(uint8_t *bytes, uint64_t value, int size)
{
    for (int i = size - 1; i >= 0; i--, value >>= 8) {
        bytes[i] = (uint8_t)value;
    }
}

static uint64_t lrac_get(const uint8_t *bytes, int size)
{
    uint64_t value = 0;
    for (int i = 0; i < size; i++) {
        value = value << 8 | bytes[i];
    }
    return value;
}

/* Whether one number says the bits of all indices, which is version 1 of the format. */
static int lrac_bits_are_equal(int layers)
{
    const int count = lrac_indices_of[layers];
    for (int i = 1; i < count; i++) {
        if (lrac_index_bits[i] != lrac_index_bits[0]) {
            return 0;
        }
    }
    return count == layers && lrac_index_bits[0] <= LRAC_MAX_EQUAL_BITS;
}

size_t lrac_header_write(const lrac_header *header, uint8_t bytes[LRAC_MAX_HEADER_BYTES])
{
    const int is_equal = lrac_bits_are_equal(header->layers);
    const int count = lrac_indices_of[header->layers];
    size_t size = LRAC_FIELDS_BYTES;
    memcpy(bytes, "LRAC", 4);
    lrac_put(bytes + 4, is_equal ? 1 : 2, 2);
    memcpy(bytes + 6, lrac_design, 8);
    memcpy(bytes + 14, header->weights_fingerprint, 8);
    lrac_put(bytes + 22, LRAC_SAMPLE_RATE_HZ, 4);
    lrac_put(bytes + 26, LRAC_HOP_SAMPLES, 4);
    lrac_put(bytes + 30, header->audio_samples, 8);
    bytes[38] = (uint8_t)header->layers;
    if (!is_equal) {
        lrac_put(bytes + size, (uint64_t)count, 2);
        size += 2;
    }
    for (int i = 0; i < (is_equal ? 1 : count); i++) {
        bytes[size++] = lrac_index_bits[i];
    }
    lrac_put(bytes + size, lrac_crc32(bytes, size), 4);
    return size + 4;
}

int lrac_header_read(lrac_header *header, const uint8_t *bytes, size_t size)
{
    uint8_t expected[LRAC_MAX_HEADER_BYTES];
    if (size < LRAC_FIELDS_BYTES || memcmp(bytes, "LRAC", 4) != 0) {
        return LRAC_ERROR_HEADER;
    }
    if (memcmp(bytes + 6, lrac_design, 8) != 0) {
        return LRAC_ERROR_DESIGN;
    }
    memcpy(header->weights_fingerprint, bytes + 14, 8);
    header->audio_samples = lrac_get(bytes + 30, 8);
    header->layers = bytes[38];
    if (header->layers < 1 || header->layers > LRAC_LAYERS || header->audio_samples < 1 ||
        header->audio_samples > (uint64_t)1 << 48) {
        return LRAC_ERROR_HEADER;
    }
    const size_t length = lrac_header_write(header, expected);
    if (size < length || memcmp(bytes, expected, length) != 0) {
        return LRAC_ERROR_DAMAGED;
    }
    return (int)length;
}

uint64_t lrac_frames_of(uint64_t audio_samples)
{
    return audio_samples / LRAC_HOP_SAMPLES + (audio_samples % LRAC_HOP_SAMPLES != 0);
}

int lrac_frame_bits(int layers)
{
    int bits = 0;
    for (int i = 0; i < lrac_indices_of[layers]; i++) {
        bits += lrac_index_bits[i];
    }
    return bits;
}

size_t lrac_pack_frame(lrac_bits *held, int layers, const uint32_t *indices, uint8_t *bytes)
{
    size_t written = 0;
    for (int i = 0; i < lrac_indices_of[layers]; i++) {
        held->held = held->held << lrac_index_bits[i] | indices[i];
        held->bits += lrac_index_bits[i];
        while (held->bits >= 8) {
            held->bits -= 8;
            bytes[written++] = (uint8_t)(held->held >> held->bits);
        }
    }
    return written;
}

size_t lrac_pack_end(lrac_bits *held, uint8_t *bytes)
{
    if (held->bits == 0) {
        return 0;
    }
    bytes[0] = (uint8_t)(held->held << (8 - held->bits));
    held->bits = 0;
    return 1;
}

int lrac_unpack_frame(lrac_bits *held, int layers, const uint8_t *bytes, size_t size,
                      uint32_t *indices)
{
    size_t used = 0;
    for (int i = 0; i < lrac_indices_of[layers]; i++) {
        const int bits = lrac_index_bits[i];
        for (; held->bits < bits; held->bits += 8) {
            if (used == size) {
                return LRAC_ERROR_DAMAGED;
            }
            held->held = held->held << 8 | bytes[used++];
        }
        held->bits -= bits;
        indices[i] = (uint32_t)(held->held >> held->bits & (((uint64_t)1 << bits) - 1));
    }
    return (int)used;
}

const char *lrac_error_text(int error)
{
    switch (error) {
    case LRAC_ERROR_LAYERS: return "not a number of layers that this codec has";
    case LRAC_ERROR_INDEX: return "an index beyond its codebook: the data is damaged";
    case LRAC_ERROR_SAMPLES: return "a whole frame or more where less was due";
    case LRAC_ERROR_BYTE_ORDER: return "a processor that is not little-endian";
    case LRAC_ERROR_WEIGHTS: return "not a weights file of this side and format (floats or 8 bits)";
    case LRAC_ERROR_DESIGN: return "of another design than this codec";
    case LRAC_ERROR_DAMAGED: return "damaged or cut off";
    case LRAC_ERROR_ALIGNMENT: return "weights that do not stand at a multiple of 4 bytes";
    case LRAC_ERROR_HEADER: return "not a .lrac file";
    case LRAC_ERROR_OTHER_WEIGHTS: return "made with other weights than these";
    default: return "no error";
    }
}
