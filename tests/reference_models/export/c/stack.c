/* Print the bytes of stack that the calls of a codec use, after what an empty call uses.
 *
 * Calls run on a stack of their own, which is filled with a pattern before.
 */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lrac_codec.h"

enum { STACK = 1 << 20, PATTERN = 0xa5, FRAMES = 3 };

static lrac_transmitter transmitter;
static lrac_receiver receiver;
static lrac_scratch scratch;
static lrac_weights weights[2];
static float audio[LRAC_HOP_SAMPLES * LRAC_CHANNELS];
static uint32_t indices[LRAC_MAX_INDICES];

static void *nothing(void *argument) { return argument; }

static void *encode(void *argument)
{
    for (int i = 0; i < FRAMES; i++) {
        lrac_encode_frame(&transmitter, &weights[0], &scratch, LRAC_LAYERS, audio, indices);
    }
    while (lrac_encode_end(&transmitter, &weights[0], &scratch, 1, audio, 0, indices) > 0) {
    }
    return argument;
}

static void *decode(void *argument)
{
    for (int i = 0; i < FRAMES; i++) {
        lrac_decode_frame(&receiver, &weights[1], &scratch, LRAC_LAYERS, indices, audio);
    }
    while (lrac_decode_end(&receiver, &weights[1], &scratch, audio) > 0) {
    }
    return argument;
}

static long used(void *(*call)(void *))
{
    void *memory = NULL;
    pthread_attr_t attributes;
    pthread_t thread;
    long untouched = 0;
    if (posix_memalign(&memory, 4096, STACK) != 0) {
        exit(1);
    }
    unsigned char *const stack = memory;
    memset(stack, PATTERN, STACK);
    pthread_attr_init(&attributes);
    pthread_attr_setstack(&attributes, stack, STACK);
    pthread_create(&thread, &attributes, call, NULL);
    pthread_join(thread, NULL);
    while (stack[untouched] == PATTERN) {
        untouched++;
    }
    free(memory);
    return STACK - untouched;
}

static void open_weights(lrac_side side, const char *path)
{
    FILE *file = fopen(path, "rb");
    fseek(file, 0, SEEK_END);
    const long size = ftell(file);
    void *blob = malloc((size_t)size);
    rewind(file);
    if (fread(blob, 1, (size_t)size, file) != (size_t)size ||
        lrac_weights_open(&weights[side], side, blob, (size_t)size) != 0) {
        exit(1);
    }
    fclose(file);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        return 2;
    }
    open_weights(LRAC_TRANSMIT, argv[1]);
    open_weights(LRAC_RECEIVE, argv[2]);
    lrac_transmitter_reset(&transmitter);
    lrac_receiver_reset(&receiver);
    const long base = used(nothing);
    printf("%ld %ld %d\n", used(encode) - base, used(decode) - base, LRAC_STACK_BYTES);
    return 0;
}
