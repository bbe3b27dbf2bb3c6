/* Decode every file of a bundle, each behind its size in four bytes; print how many were whole.
 *
 * Files are decoded from memory that ends where they end, so that a sanitizer sees what reads on.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lrac_codec.h"

static lrac_receiver stream;
static lrac_scratch scratch;
static lrac_weights weights;

static void *content_of(FILE *file, size_t size)
{
    void *content = malloc(size);
    if (content == NULL || fread(content, 1, size, file) != size) {
        exit(1);
    }
    return content;
}

/* Decode one file; whether all of it could be. */
static int decode(const uint8_t *bytes, size_t size)
{
    lrac_header header;
    lrac_bits held = {0, 0};
    uint32_t indices[LRAC_MAX_INDICES];
    float audio[LRAC_HOP_SAMPLES * LRAC_CHANNELS];
    const int length = lrac_header_read(&header, bytes, size);
    if (length < 0) {
        return 0;
    }
    size_t at = (size_t)length;
    lrac_receiver_reset(&stream);
    for (uint64_t frame = 0; frame < lrac_frames_of(header.audio_samples); frame++) {
        const int used =
            lrac_unpack_frame(&held, header.layers, bytes + at, size - at, indices);
        if (used < 0 || lrac_decode_frame(&stream, &weights, &scratch, header.layers, indices,
                                          audio) < 0) {
            return 0;
        }
        at += (size_t)used;
    }
    while (lrac_decode_end(&stream, &weights, &scratch, audio) > 0) {
    }
    return 1;
}

int main(int argc, char **argv)
{
    FILE *blob = argc == 3 ? fopen(argv[1], "rb") : NULL, *bundle = blob ? fopen(argv[2], "rb") : NULL;
    uint8_t size[4];
    int files = 0, whole = 0;
    if (bundle == NULL) {
        return 2;
    }
    fseek(blob, 0, SEEK_END);
    const size_t bytes = (size_t)ftell(blob);
    rewind(blob);
    void *content = content_of(blob, bytes);
    fclose(blob);
    if (lrac_weights_open(&weights, LRAC_RECEIVE, content, bytes) != 0) {
        return 1;
    }
    for (; fread(size, 1, 4, bundle) == 4; files++) {
        const size_t of_file = size[0] | (size_t)size[1] << 8 | (size_t)size[2] << 16;
        uint8_t *file = content_of(bundle, of_file);
        whole += decode(file, of_file);
        free(file);
    }
    fclose(bundle);
    free(content);
    printf("%d %d\n", files, whole);
    return 0;
}
