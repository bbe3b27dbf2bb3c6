/* Code WAV files to .lrac files and back.
 *
 *     lrac_program encode transmit.weights in.wav out.lrac [LAYERS]
 *     lrac_program decode receive.weights in.lrac out.wav [LAYERS]
 *
 * WAV files have 16-bit or float samples at the codec's own rate and with its own channels; those
 * written have 16 bits. Exit codes: 0, or 2 with a message. A build with -DLRAC_COUNT prints what was
 * computed.
 */
#ifdef LRAC_COUNT
#include <inttypes.h>
#endif
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lrac_codec.h"

enum { PCM_16 = 2, FLOAT_32 = 4, FRAME_VALUES = LRAC_HOP_SAMPLES * LRAC_CHANNELS };

typedef struct {
    FILE *file;
    int sample_bytes; /* PCM_16 or FLOAT_32 */
    uint64_t samples; /* of each channel */
} wav_input;

static lrac_scratch scratch;

static int failed(const char *path, const char *text)
{
    fprintf(stderr, "error: %s: %s\n", path, text);
    return 2;
}

static uint32_t little_endian(const uint8_t *bytes, int size)
{
    uint32_t value = 0;
    for (int i = size - 1; i >= 0; i--) {
        value = value << 8 | bytes[i];
    }
    return value;
}

static void put_little_endian(uint8_t *bytes, uint32_t value, int size)
{
    for (int i = 0; i < size; i++, value >>= 8) {
        bytes[i] = (uint8_t)value;
    }
}

/* The content of a weights file, which stays until the program ends; NULL if it cannot be read. */
static void *content_of(const char *path, size_t *size)
{
    static void *content;
    FILE *file = fopen(path, "rb");
    if (file != NULL && fseek(file, 0, SEEK_END) == 0) {
        const long end = ftell(file);
        rewind(file);
        content = end > 0 ? malloc((size_t)end) : NULL;
        if (content != NULL && fread(content, 1, (size_t)end, file) != (size_t)end) {
            free(content);
            content = NULL;
        }
        *size = content != NULL ? (size_t)end : 0;
    }
    if (file != NULL) {
        fclose(file);
    }
    return content;
}

/* Read the format of a WAV file; NULL if it can be coded, or what is wrong with it. */
static const char *wav_format(wav_input *wav, const uint8_t *format, uint32_t size)
{
    if (size < 16) {
        return "a format chunk that is too short";
    }
    uint32_t kind = little_endian(format, 2);
    if (kind == 0xfffe && size >= 26) {
        kind = little_endian(format + 24, 2);
    }
    const uint32_t bits = little_endian(format + 14, 2);
    if (!(kind == 1 && bits == 16) && !(kind == 3 && bits == 32)) {
        return "samples that are neither 16-bit nor 32-bit float";
    }
    wav->sample_bytes = kind == 1 ? PCM_16 : FLOAT_32;
    if (little_endian(format + 4, 4) != LRAC_SAMPLE_RATE_HZ ||
        little_endian(format + 2, 2) != LRAC_CHANNELS) {
        return "another sample rate or number of channels than the codec has";
    }
    return NULL;
}

/* Go to the samples of a WAV file; NULL, or what is wrong with it. */
static const char *wav_open(wav_input *wav, const char *path)
{
    uint8_t head[12], format[40];
    wav->file = fopen(path, "rb");
    wav->sample_bytes = 0;
    if (wav->file == NULL) {
        return "it cannot be read";
    }
    if (fread(head, 1, 12, wav->file) != 12 || memcmp(head, "RIFF", 4) != 0 ||
        memcmp(head + 8, "WAVE", 4) != 0) {
        return "not a WAV file";
    }
    while (fread(head, 1, 8, wav->file) == 8) {
        const uint32_t size = little_endian(head + 4, 4);
        if (memcmp(head, "data", 4) == 0) {
            if (wav->sample_bytes == 0) {
                return "no format before the samples";
            }
            wav->samples = size / (uint32_t)(wav->sample_bytes * LRAC_CHANNELS);
            return wav->samples > 0 ? NULL : "no samples";
        }
        uint32_t unread = size + size % 2;
        if (memcmp(head, "fmt ", 4) == 0) {
            const uint32_t known = size < sizeof format ? size : (uint32_t)sizeof format;
            if (fread(format, 1, known, wav->file) != known) {
                break;
            }
            const char *problem = wav_format(wav, format, known);
            if (problem != NULL) {
                return problem;
            }
            unread -= known;
        }
        if (unread > INT32_MAX || fseek(wav->file, (long)unread, SEEK_CUR) != 0) {
            break;
        }
    }
    return "it is cut off before the samples";
}

/* Read `count` samples; 0, or 2 behind a message. */
static int wav_read(const wav_input *wav, const char *path, float *audio, int count)
{
    uint8_t bytes[FRAME_VALUES * FLOAT_32];
    const size_t values = (size_t)count * LRAC_CHANNELS;
    const size_t size = values * (size_t)wav->sample_bytes;
    if (fread(bytes, 1, size, wav->file) != size) {
        return failed(path, "it is cut off");
    }
    for (size_t i = 0; i < values; i++) {
        const uint32_t bits = little_endian(bytes + i * (size_t)wav->sample_bytes, wav->sample_bytes);
        if (wav->sample_bytes == PCM_16) {
            audio[i] = ((float)bits - (bits < 32768 ? 0.0f : 65536.0f)) / 32768.0f;
        } else {
            memcpy(&audio[i], &bits, sizeof bits);
        }
        if (!isfinite(audio[i])) {
            return failed(path, "a sample that is no finite number");
        }
    }
    return 0;
}

static int wav_write(FILE *file, const char *path, const float *audio, int count)
{
    uint8_t bytes[FRAME_VALUES * PCM_16];
    const int values = count * LRAC_CHANNELS;
    for (int i = 0; i < values; i++) {
        const float level = rintf(audio[i] * 32768.0f);
        const float clipped = level > 32767.0f ? 32767.0f : level > -32768.0f ? level : -32768.0f;
        const uint32_t value = (uint32_t)(int32_t)clipped;
        bytes[i * PCM_16] = (uint8_t)value;
        bytes[i * PCM_16 + 1] = (uint8_t)(value >> 8);
    }
    const size_t size = (size_t)values * PCM_16;
    return fwrite(bytes, 1, size, file) == size ? 0 : failed(path, "it cannot be written");
}

static int wav_start(FILE *file, const char *path, uint64_t samples)
{
    uint8_t head[44] = "RIFF....WAVEfmt ";
    const uint64_t size = samples * LRAC_CHANNELS * PCM_16;
    if (size > UINT32_MAX - sizeof head) {
        return failed(path, "too long for a WAV file");
    }
    memcpy(head + 36, "data", 4);
    put_little_endian(head + 4, (uint32_t)size + 36, 4);
    put_little_endian(head + 16, 16, 4);
    put_little_endian(head + 20, 1, 2);
    put_little_endian(head + 22, LRAC_CHANNELS, 2);
    put_little_endian(head + 24, LRAC_SAMPLE_RATE_HZ, 4);
    put_little_endian(head + 28, LRAC_SAMPLE_RATE_HZ * LRAC_CHANNELS * PCM_16, 4);
    put_little_endian(head + 32, LRAC_CHANNELS * PCM_16, 2);
    put_little_endian(head + 34, 16, 2);
    put_little_endian(head + 40, (uint32_t)size, 4);
    return fwrite(head, 1, sizeof head, file) == sizeof head ? 0
                                                             : failed(path, "it cannot be written");
}

static int encode_samples(const lrac_weights *weights, const wav_input *wav, const char *in,
                          FILE *file, const char *out, int layers)
{
    static lrac_transmitter stream;
    float audio[FRAME_VALUES];
    uint32_t indices[LRAC_MAX_INDICES];
    uint8_t bytes[LRAC_MAX_HEADER_BYTES > LRAC_MAX_FRAME_BYTES ? LRAC_MAX_HEADER_BYTES
                                                               : LRAC_MAX_FRAME_BYTES];
    lrac_bits held = {0, 0};
    lrac_header header = {{0}, wav->samples, layers};
    uint64_t left = wav->samples;
    memcpy(header.weights_fingerprint, weights->fingerprint, sizeof header.weights_fingerprint);
    size_t size = lrac_header_write(&header, bytes);
    int written = fwrite(bytes, 1, size, file) == size, ended = 0;
    lrac_transmitter_reset(&stream);
    while (written && !ended) {
        const int samples = left < LRAC_HOP_SAMPLES ? (int)left : LRAC_HOP_SAMPLES;
        if (wav_read(wav, in, audio, samples) != 0) {
            return 2;
        }
        const int count =
            samples == LRAC_HOP_SAMPLES
                ? lrac_encode_frame(&stream, weights, &scratch, layers, audio, indices)
                : lrac_encode_end(&stream, weights, &scratch, layers, audio, samples, indices);
        left -= (uint64_t)samples;
        if (count > 0) {
            size = lrac_pack_frame(&held, layers, indices, bytes);
            written = fwrite(bytes, 1, size, file) == size;
        }
        ended = count == 0 && samples < LRAC_HOP_SAMPLES;
    }
    size = lrac_pack_end(&held, bytes);
    written = written && fwrite(bytes, 1, size, file) == size;
    return written ? 0 : failed(out, "it cannot be written");
}

static int encode(const char *weights_path, const char *in, const char *out, int layers)
{
    lrac_weights weights;
    wav_input wav;
    size_t size = 0;
    const void *blob = content_of(weights_path, &size);
    if (blob == NULL) {
        return failed(weights_path, "it cannot be read");
    }
    const int error = lrac_weights_open(&weights, LRAC_TRANSMIT, blob, size);
    if (error != 0) {
        return failed(weights_path, lrac_error_text(error));
    }
    const char *problem = wav_open(&wav, in);
    if (problem != NULL) {
        return failed(in, problem);
    }
    FILE *file = fopen(out, "wb");
    if (file == NULL) {
        return failed(out, "it cannot be written");
    }
    const int status = encode_samples(&weights, &wav, in, file, out, layers);
    return fclose(file) == 0 || status != 0 ? status : failed(out, "it cannot be written");
}

/* Read the indices of the next frame; 0, or an error. */
static int read_frame(FILE *file, lrac_bits *held, int sent, uint32_t *indices)
{
    uint8_t bytes[LRAC_MAX_FRAME_BYTES];
    const size_t size = (size_t)(lrac_frame_bits(sent) - held->bits + 7) / 8;
    const int used = lrac_unpack_frame(held, sent, bytes, fread(bytes, 1, size, file), indices);
    return used < 0 ? used : 0;
}

static int decode_frames(const lrac_weights *weights, FILE *in, const char *in_path, FILE *out,
                         const char *out_path, int sent, int layers, uint64_t frames,
                         uint64_t samples)
{
    static lrac_receiver stream;
    float audio[FRAME_VALUES];
    uint32_t indices[LRAC_MAX_INDICES];
    lrac_bits held = {0, 0};
    lrac_receiver_reset(&stream);
    for (uint64_t frame = 0; samples > 0; frame++) {
        int count, error = frame < frames ? read_frame(in, &held, sent, indices) : 0;
        if (frame < frames && error == 0) {
            count = lrac_decode_frame(&stream, weights, &scratch, layers, indices, audio);
        } else {
            count = error < 0 ? error : lrac_decode_end(&stream, weights, &scratch, audio);
        }
        if (count < 0) {
            return failed(in_path, lrac_error_text(count));
        }
        const int wanted = (uint64_t)count < samples ? count : (int)samples;
        if (wav_write(out, out_path, audio, wanted) != 0) {
            return 2;
        }
        samples -= (uint64_t)wanted;
    }
    return 0;
}

/* Go to the frames of a .lrac file behind its header; 0, or 2 behind a message. */
static int lrac_open(FILE *file, const char *path, const lrac_weights *weights, lrac_header *header,
                     uint64_t *frames)
{
    uint8_t bytes[LRAC_MAX_HEADER_BYTES];
    const int length = lrac_header_read(header, bytes, fread(bytes, 1, sizeof bytes, file));
    if (length < 0) {
        return failed(path, lrac_error_text(length));
    }
    if (memcmp(header->weights_fingerprint, weights->fingerprint, sizeof weights->fingerprint)) {
        return failed(path, lrac_error_text(LRAC_ERROR_OTHER_WEIGHTS));
    }
    if (fseek(file, 0, SEEK_END) != 0) {
        return failed(path, "it cannot be read");
    }
    const uint64_t present = (uint64_t)(ftell(file) - length) * 8;
    const uint64_t whole = present / (uint64_t)lrac_frame_bits(header->layers);
    *frames = lrac_frames_of(header->audio_samples);
    if (whole < *frames) {
        fprintf(stderr, "warning: %s: it is cut off, and decoded up to its last whole frame\n", path);
        *frames = whole;
    }
    if (*frames == 0) {
        return failed(path, "not one whole frame");
    }
    return fseek(file, length, SEEK_SET) == 0 ? 0 : failed(path, "it cannot be read");
}

static int decode(const char *weights_path, const char *in, const char *out, int layers)
{
    lrac_weights weights;
    lrac_header header;
    uint64_t frames = 0;
    size_t size = 0;
    const void *blob = content_of(weights_path, &size);
    if (blob == NULL) {
        return failed(weights_path, "it cannot be read");
    }
    const int error = lrac_weights_open(&weights, LRAC_RECEIVE, blob, size);
    if (error != 0) {
        return failed(weights_path, lrac_error_text(error));
    }
    FILE *coded = fopen(in, "rb");
    if (coded == NULL) {
        return failed(in, "it cannot be read");
    }
    if (lrac_open(coded, in, &weights, &header, &frames) != 0) {
        return 2;
    }
    FILE *file = fopen(out, "wb");
    if (file == NULL) {
        return failed(out, "it cannot be written");
    }
    const uint64_t whole = frames * LRAC_HOP_SAMPLES;
    const uint64_t samples = header.audio_samples < whole ? header.audio_samples : whole;
    const int used = layers < header.layers ? layers : header.layers;
    int status = wav_start(file, out, samples);
    if (status == 0) {
        status = decode_frames(&weights, coded, in, file, out, header.layers, used, frames, samples);
    }
    return fclose(file) == 0 || status != 0 ? status : failed(out, "it cannot be written");
}

#ifdef LRAC_COUNT
/* Print what was computed, as a table of comma-separated values. */
static void print_counts(void)
{
    printf("row,multiply_adds,additions,multiplications,divisions,comparisons,square_roots,"
           "transcendentals\n");
    for (int row = 0; row < LRAC_ROWS; row++) {
        const lrac_row_counts *counts = &lrac_counts[row];
        printf("%s,%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64
               "\n",
               lrac_row_names[row], counts->multiply_adds, counts->additions,
               counts->multiplications, counts->divisions, counts->comparisons,
               counts->square_roots, counts->transcendentals);
    }
}
#endif

int main(int argc, char **argv)
{
    const int encodes = argc > 1 && strcmp(argv[1], "encode") == 0;
    const int decodes = argc > 1 && strcmp(argv[1], "decode") == 0;
    const int layers = argc > 5 ? atoi(argv[5]) : LRAC_LAYERS;
    if ((!encodes && !decodes) || argc < 5 || argc > 6) {
        fprintf(stderr, "usage: %s encode|decode WEIGHTS IN OUT [LAYERS]\n", argv[0]);
        return 2;
    }
    if (layers < 1 || layers > LRAC_LAYERS) {
        return failed("LAYERS", lrac_error_text(LRAC_ERROR_LAYERS));
    }
    const int status = (encodes ? encode : decode)(argv[2], argv[3], argv[4], layers);
#ifdef LRAC_COUNT
    print_counts();
#endif
    return status;
}
