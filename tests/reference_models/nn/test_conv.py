"""Convolutions of few steps, which are products of windows, against torch's own convolutions."""

import pytest
import torch
from torch.nn import functional

from reference_models.nn.conv import FEW_VALUES, StreamingConv1d, StreamingConvTranspose1d

CHANNELS_IN, CHANNELS_OUT = 6, 10
LENGTHS = (1, 2, 19, 240, 3000)


def noise(*shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def run(layer, x):
    with torch.inference_mode():
        return layer(x)


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(
    ("kernel", "stride", "dilation", "look_ahead"),
    [(1, 1, 1, 0), (7, 1, 1, 0), (7, 1, 9, 27), (6, 3, 1, 0), (4, 4, 1, 0), (5, 2, 3, 4)],
)
def test_a_convolution_is_torchs_of_the_padded_input(
    kernel, stride, dilation, look_ahead, bias, length
):
    layer = StreamingConv1d(
        CHANNELS_IN, CHANNELS_OUT, kernel, stride, dilation, look_ahead=look_ahead, bias=bias
    ).double()
    x = noise(2, CHANNELS_IN, length)
    given = run(layer, x)
    left = (kernel - 1) * dilation + 1 - stride - look_ahead
    padded = functional.pad(x, (left, look_ahead + -length % stride))
    expected = functional.conv1d(padded, layer.weight, layer.bias, stride, 0, dilation)
    assert given.shape == expected.shape == (2, CHANNELS_OUT, -(-length // stride))
    assert torch.allclose(given, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(("kernel", "stride", "trim_left"), [(5, 5, 0), (2, 2, 0), (8, 4, 1)])
def test_a_transposed_convolution_is_torchs_trimmed(kernel, stride, trim_left, bias, length):
    layer = StreamingConvTranspose1d(
        CHANNELS_IN, CHANNELS_OUT, kernel, stride, trim_left=trim_left, bias=bias
    ).double()
    x = noise(2, CHANNELS_IN, length)
    given = run(layer, x)
    full = functional.conv_transpose1d(x, layer.weight, layer.bias, stride)
    expected = full[:, :, trim_left : trim_left + length * stride]
    assert given.shape == expected.shape == (2, CHANNELS_OUT, length * stride)
    assert torch.allclose(given, expected, rtol=0, atol=1e-12)


def test_the_lengths_are_on_both_sides_of_the_bound():
    values = [2 * length * CHANNELS_IN * 7 for length in LENGTHS]
    assert min(values) < FEW_VALUES < max(values)
