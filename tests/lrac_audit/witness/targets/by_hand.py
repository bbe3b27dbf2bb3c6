"""Public architectures as sums over their layers, written from the papers and configurations.

Everything is in multiply-accumulates per second; nothing here uses the code under test.
"""

from __future__ import annotations


def conv(
    rate_hz: float, channels_in: int, channels_out: int, kernel: int, groups: int = 1
) -> float:
    """``rate_hz`` output steps of a convolution, or input steps of a transposed one."""
    return rate_hz * (channels_in // groups) * channels_out * kernel


def encodec_coder(rate_hz: int = 24_000) -> float:
    """Either side of EnCodec without its quantizer: they mirror each other.

    32 channels; per block a residual unit (k3 to half the width, k1 back, k1 shortcut) and a
    convolution of twice the stride that doubles the channels; two LSTM layers; k7 at both ends.
    """
    total, width, rate = conv(rate_hz, 1, 32, 7), 32, float(rate_hz)
    for stride in (2, 4, 5, 8):
        total += conv(rate, width, width // 2, 3) + conv(rate, width // 2, width, 1)
        total += conv(rate, width, width, 1)
        rate /= stride
        total += conv(rate, width, 2 * width, 2 * stride)
        width *= 2
    total += rate * 2 * 4 * width * (width + width)
    return total + conv(rate, width, 128, 7)


def units(rate: float, width: int, depthwise: bool = False) -> float:
    """Three residual units of DAC and SNAC: k7, then k1; their dilations cost nothing."""
    return 3 * (
        conv(rate, width, width, 7, width if depthwise else 1) + conv(rate, width, width, 1)
    )


def dac_encoder(rate_hz: int, strides: tuple[int, ...]) -> float:
    total, width, rate = conv(rate_hz, 1, 64, 7), 64, float(rate_hz)
    for stride in strides:
        total += units(rate, width)
        rate /= stride
        total += conv(rate, width, 2 * width, 2 * stride)
        width *= 2
    return total + conv(rate, width, width, 3)


def dac_decoder(frame_rate_hz: float, strides: tuple[int, ...]) -> float:
    total, width, rate = conv(frame_rate_hz, 1024, 1536, 7), 1536, frame_rate_hz
    for stride in strides:
        total += conv(rate, width, width // 2, 2 * stride)
        rate, width = rate * stride, width // 2
        total += units(rate, width)
    return total + conv(rate, width, 1, 7)


def snac_encoder() -> float:
    total, width, rate = conv(24_000, 1, 48, 7), 48, 24_000.0
    for stride in (2, 4, 8, 8):
        total += units(rate, width, depthwise=True)
        rate /= stride
        total += conv(rate, width, 2 * width, 2 * stride)
        width *= 2
    return total + conv(rate, width, width, 7, width)


def snac_decoder() -> float:
    """After each transposed convolution a k1 one scales the noise that is added."""
    rate, width = 24_000 / 512, 1024
    total = conv(rate, 768, 768, 7, 768) + conv(rate, 768, width, 1)
    for stride in (8, 8, 4, 2):
        total += conv(rate, width, width // 2, 2 * stride)
        rate, width = rate * stride, width // 2
        total += conv(rate, width, width, 1) + units(rate, width, depthwise=True)
    return total + conv(rate, width, 1, 7)


def mimi_transformer(rate_hz: float) -> float:
    """8 layers of width 512: four products by 512 x 512, two by 512 x 2048, and for each step the
    scores and the sum of 250 keys and values."""
    return 8 * (conv(rate_hz, 512, 4 * 512 + 2 * 2048, 1) + 2 * 250 * 512 * rate_hz)


def mimi_encoder() -> float:
    """64 channels; per block a residual unit (k3 to half the width, k1 back) and a convolution of
    twice the stride that doubles the channels; k7 and k3 at the ends; the transformer at 25 Hz;
    then a k4 of stride 2."""
    total, width, rate = conv(24_000, 1, 64, 7), 64, 24_000.0
    for stride in (4, 5, 6, 8):
        total += conv(rate, width, width // 2, 3) + conv(rate, width // 2, width, 1)
        rate /= stride
        total += conv(rate, width, 2 * width, 2 * stride)
        width *= 2
    return total + conv(rate, width, 512, 3) + mimi_transformer(rate) + conv(rate / 2, 512, 512, 4)


def mimi_decoder() -> float:
    """The way back, with a k7 before the blocks; the first k4 treats each channel by itself."""
    total, width, rate = conv(12.5, 512, 512, 4, 512) + mimi_transformer(25), 1024, 25.0
    total += conv(rate, 512, width, 7)
    for stride in (8, 6, 5, 4):
        total += conv(rate, width, width // 2, 2 * stride)
        rate, width = rate * stride, width // 2
        total += conv(rate, width, width // 2, 3) + conv(rate, width // 2, width, 1)
    return total + conv(rate, width, 1, 3)


def dac_look_ahead(strides: tuple[int, ...]) -> tuple[int, int]:
    """Samples that encoder and decoder of a DAC look ahead.

    A centred k7 of dilation d looks 3 d steps ahead, in dilations 1, 3 and 9: 39 steps a block. The
    strided convolution (kernel 2 s, padded ceil(s / 2) on the left) sees floor(s / 2) steps after
    its own s; the transposed one trims ceil(s / 2) output steps on the left. The encoder's last
    convolution is a k3, the decoder's first a k7, both at the frame rate; at the audio rate there
    is a k7 on each side.
    """
    encoder, decoder, step = 3, 3, 1
    for stride in strides:
        encoder += 39 * step + stride // 2 * step
        decoder += 39 * step + -(-stride // 2) * step
        step *= stride
    return encoder + step, decoder + 3 * step
