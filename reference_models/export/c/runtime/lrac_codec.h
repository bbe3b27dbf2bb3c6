/* A neural audio codec in C99, generated for one design.
 *
 * Nothing is allocated, and nothing but the C library's mathematical functions is called. A stream
 * is a struct that the caller owns; streams share the weights, and streams of one thread can share
 * the scratch memory too. Functions that take different streams and scratch memory can run at the
 * same time.
 *
 * Audio is float, full scale 1.0, with the channels of a sample side by side.
 */
#ifndef LRAC_CODEC_H
#define LRAC_CODEC_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#include "sizes.h"

/* Bytes of memory: state of a stream 4 LRAC_..._STATE_VALUES, scratch memory 4 LRAC_SCRATCH_VALUES,
 * weights 4 LRAC_..._WEIGHT_VALUES, and stack below a call at most LRAC_STACK_BYTES, if the code is
 * compiled with -O2 or -O3.
 *
 * A weight value is a float, or four weights in 8 bits. LRAC_INT8 is defined where a side has weights
 * in 8 bits: 1 the transmit side, 2 the receive side, 3 both. */

/* Values below zero that functions return. lrac_error_text() says each in words. */
enum {
    LRAC_ERROR_LAYERS = -1,     /* not a number of layers from 1 to LRAC_LAYERS */
    LRAC_ERROR_INDEX = -2,      /* an index beyond its codebook: damaged data */
    LRAC_ERROR_SAMPLES = -3,    /* more samples at the end than a frame has */
    LRAC_ERROR_BYTE_ORDER = -4, /* weights are little-endian, and this processor is not */
    LRAC_ERROR_WEIGHTS = -5,    /* no weights of this format (floats, 8 bits) and side */
    LRAC_ERROR_DESIGN = -6,     /* weights or a file of another design */
    LRAC_ERROR_DAMAGED = -7,    /* a checksum does not fit */
    LRAC_ERROR_ALIGNMENT = -8,  /* weights do not stand at a multiple of 4 bytes */
    LRAC_ERROR_HEADER = -9,     /* no header of a .lrac file */
    LRAC_ERROR_OTHER_WEIGHTS = -10 /* a .lrac file that other weights have made */
};

const char *lrac_error_text(int error);

typedef enum { LRAC_TRANSMIT = 0, LRAC_RECEIVE = 1 } lrac_side;

/* The weights of one side, as they lie in a file's bytes, which must outlive this struct. */
typedef struct {
    const float *values;
    uint8_t fingerprint[8];
} lrac_weights;

/* Check the content of a weights file and let `weights` point into it. Returns 0 or an error.
 * `blob` must stand at a multiple of 4 bytes. */
int lrac_weights_open(lrac_weights *weights, lrac_side side, const void *blob, size_t bytes);

/* Where a stream is: the only thing in it beside the state that the design's audit counts. */
typedef struct {
    int32_t frames;    /* frames so far, which stay at the highest number */
    int32_t remaining; /* steps of input until the end, or LRAC_OPEN while it is not known */
    int32_t due;       /* steps of output still to come, once the end is known */
} lrac_position;

#define LRAC_OPEN INT32_MAX

/* Working memory of one call; nothing is kept in it. */
typedef struct {
    float values[LRAC_SCRATCH_VALUES];
    uint32_t indices[LRAC_SCRATCH_INDICES];
} lrac_scratch;

/* Bytes of an lrac_scratch, for callers in other languages. */
size_t lrac_scratch_bytes(void);

/* The number of indices of a frame with so many layers, or an error. */
int lrac_index_count(int layers);

#ifdef LRAC_TRANSMIT_STATE_VALUES
/* A stream from audio to indices. */
typedef struct {
    float values[LRAC_TRANSMIT_STATE_VALUES];
    lrac_position position;
} lrac_transmitter;

/* Start a stream, or start it afresh. */
void lrac_transmitter_reset(lrac_transmitter *stream);

/* Code LRAC_HOP_SAMPLES samples. Writes the indices of a frame and returns their number; returns 0
 * while the look-ahead fills, or an error. `layers` may change from frame to frame. */
int lrac_encode_frame(lrac_transmitter *stream, const lrac_weights *weights, lrac_scratch *scratch,
                      int layers, const float *audio, uint32_t *indices);

/* Code the end of the audio: the `samples` after the last whole frame, fewer than
 * LRAC_HOP_SAMPLES. To be called, with 0 samples from the second time on, until it returns 0; the
 * stream is fresh then. */
int lrac_encode_end(lrac_transmitter *stream, const lrac_weights *weights, lrac_scratch *scratch,
                    int layers, const float *audio, int samples, uint32_t *indices);

/* Bytes of an lrac_transmitter, for callers in other languages. */
size_t lrac_transmitter_bytes(void);
#endif

#ifdef LRAC_RECEIVE_STATE_VALUES
/* A stream from indices to audio. */
typedef struct {
    float values[LRAC_RECEIVE_STATE_VALUES];
    lrac_position position;
} lrac_receiver;

/* Start a stream, or start it afresh. */
void lrac_receiver_reset(lrac_receiver *stream);

/* Decode the indices of one frame. Writes up to LRAC_HOP_SAMPLES samples and returns their number:
 * fewer, down to 0, only while the look-ahead fills. */
int lrac_decode_frame(lrac_receiver *stream, const lrac_weights *weights, lrac_scratch *scratch,
                      int layers, const uint32_t *indices, float *audio);

/* Decode what is still to come after the last frame. To be called until it returns 0; the stream is
 * fresh then. */
int lrac_decode_end(lrac_receiver *stream, const lrac_weights *weights, lrac_scratch *scratch,
                    float *audio);

/* Bytes of an lrac_receiver, for callers in other languages. */
size_t lrac_receiver_bytes(void);
#endif

/* A .lrac file: a header, then the bits of all frames without gaps. */

typedef struct {
    uint8_t weights_fingerprint[8];
    uint64_t audio_samples; /* of each channel; the last frame may reach beyond them */
    int layers;
} lrac_header;

#define LRAC_MAX_HEADER_BYTES (45 + LRAC_MAX_INDICES)

/* Write a header into `bytes` and return its size. */
size_t lrac_header_write(const lrac_header *header, uint8_t bytes[LRAC_MAX_HEADER_BYTES]);

/* Read the header at the start of a file and return its size, or an error. */
int lrac_header_read(lrac_header *header, const uint8_t *bytes, size_t size);

/* The frames of so many samples. */
uint64_t lrac_frames_of(uint64_t audio_samples);

/* Bits on their way into or out of bytes, the highest first. */
typedef struct {
    uint64_t held;
    int bits;
} lrac_bits;

/* The bits of a frame with so many layers. */
int lrac_frame_bits(int layers);

/* Put the indices of a frame behind the bits that are held; write the bytes that are full and
 * return their number, at most LRAC_MAX_FRAME_BYTES. */
size_t lrac_pack_frame(lrac_bits *held, int layers, const uint32_t *indices, uint8_t *bytes);

/* Write the last byte, filled up with zeros, and return the number of bytes: 0 or 1. */
size_t lrac_pack_end(lrac_bits *held, uint8_t *bytes);

/* Take the indices of a frame out of the held bits and `bytes`; return how many bytes were read, or
 * an error. */
int lrac_unpack_frame(lrac_bits *held, int layers, const uint8_t *bytes, size_t size,
                      uint32_t *indices);

#ifdef LRAC_COUNT
/* What was computed since the start of the program, in the rows of the design's ledger. This build
 * is for one thread. */
typedef struct {
    uint64_t multiply_adds;
    uint64_t additions; /* and subtractions */
    uint64_t multiplications;
    uint64_t divisions;
    uint64_t comparisons;
    uint64_t square_roots;
    uint64_t transcendentals; /* exponential functions, sines, error functions */
} lrac_row_counts;
extern lrac_row_counts lrac_counts[LRAC_ROWS];
extern const char *const lrac_row_names[LRAC_ROWS];
#endif

#ifdef __cplusplus
}
#endif
#endif
