"""The discriminators against the recipe's figures and against a forward pass by scipy."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import signal

from reference_models.training.configuration_file import load_configuration
from reference_models.training.discriminators import Discriminators, SpectrogramDiscriminator
from reference_models.training.hinge import (
    adversarial_loss,
    discriminator_loss,
    feature_matching_loss,
)
from tests.reference_models.training.conftest import hum

SIZES = load_configuration("track1").discriminators


def test_parameters():
    # With g for each of a layer's outputs but in the first layer: 2*16*27 + 16 = 880,
    # 3 * (16*16*27 + 16 + 16), 16*16*9 + 32, 16*9 + 2.
    assert 880 + 3 * 6944 + 2336 + 146 == 24_194
    discriminators = Discriminators(SIZES)
    sizes = [sum(p.numel() for p in one.parameters()) for one in discriminators.each]
    assert sizes == [24_194] * 5
    assert sum(p.numel() for p in discriminators.parameters()) == 120_970


def test_the_paper_would_normalise_the_first_layer_too():
    one = SpectrogramDiscriminator(128, 16, normalise_first=True)
    assert sum(p.numel() for p in one.parameters()) == 24_194 + 16


def test_maps_of_a_window():
    with torch.device("meta"):
        fake, real = Discriminators(SIZES)(torch.empty(3, 1, 62_400), torch.empty(3, 1, 62_400))
    assert [maps[0].shape[2] for maps in fake] == [1947, 972, 484, 240, 118]
    assert [tuple(x.shape) for x in fake[4]] == [
        *[(3, 16, 118, bins) for bins in (1025, 513, 257, 129, 129)],
        (3, 1, 118, 129),
    ]
    assert [[x.shape for x in maps] for maps in fake] == [[x.shape for x in m] for m in real]


@pytest.mark.parametrize("window", [64, 512])
def test_spectrogram_is_scipys(window):
    audio = hum(0.2, 3)
    found = (
        SpectrogramDiscriminator(window, 2, False)
        .double()
        .spectrogram(torch.tensor(audio).view(1, 1, -1))
    )
    hann = signal.get_window("hann", window)  # periodic
    frames = np.lib.stride_tricks.sliding_window_view(audio, window)[:: window // 4]
    expected = np.fft.rfft(frames * hann) / np.sqrt((hann**2).sum())
    assert found.shape == (1, 2, *expected.shape)
    np.testing.assert_allclose(found[0, 0], expected.real, atol=1e-6)
    np.testing.assert_allclose(found[0, 1], expected.imag, atol=1e-6)


def weight_of(layer):
    """From length and direction, over each output channel, where there are these."""
    parameters = dict(layer.named_parameters())
    if "weight" in parameters:
        return parameters["weight"].detach().numpy()
    g = parameters["parametrizations.weight.original0"].detach().numpy()
    v = parameters["parametrizations.weight.original1"].detach().numpy()
    return g * v / np.sqrt((v**2).sum((1, 2, 3), keepdims=True))


def convolved(x, layer, stride, dilation, padding):
    """By scipy's correlation, with zeros between the taps of a dilated kernel."""
    weight, bias = weight_of(layer), layer.bias.detach().numpy()
    taps = np.zeros((*weight.shape[:2], (weight.shape[2] - 1) * dilation + 1, weight.shape[3]))
    taps[:, :, ::dilation] = weight
    padded = np.pad(x, ((0, 0), (padding[0],) * 2, (padding[1],) * 2))
    sums = [
        sum(signal.correlate2d(padded[i], kernel[i], "valid") for i in range(len(x))) + b
        for kernel, b in zip(taps, bias, strict=True)
    ]
    return np.stack(sums)[:, :, ::stride]


def test_forward_is_scipys():
    torch.manual_seed(4)
    one = SpectrogramDiscriminator(64, 3, False).double()
    for parameter in one.parameters():
        parameter.data.normal_()
    audio = torch.tensor(hum(0.01, 2)).view(1, 1, -1)
    with torch.no_grad():
        found = one(audio)
        x = one.spectrogram(audio)[0].numpy()
    geometry = [(1, 1, (1, 4)), (2, 1, (1, 4)), (2, 2, (2, 4)), (2, 4, (4, 4)), (1, 1, (1, 1))]
    for layer, (stride, dilation, padding), maps in zip(one.layers, geometry, found, strict=False):
        x = convolved(x, layer, stride, dilation, padding)
        x = np.where(x > 0, x, 0.1 * x)
        np.testing.assert_allclose(maps[0], x, atol=1e-9)
    assert len(found) == 6
    assert found[5].min() < 0 < found[5].max()  # or no activation behind it would be seen
    np.testing.assert_allclose(found[5][0], convolved(x, one.last, 1, 1, (1, 1)), atol=1e-9)


def relative_error(found, expected):
    return float((found - expected).norm() / expected.norm())


def test_bfloat16_leaves_losses_and_gradients_near():
    """Within 1 % and 5 %: 8 bits of mantissa are 0.4 % of a product, and there are six layers."""
    torch.manual_seed(0)
    exact = Discriminators(SIZES)
    mixed = Discriminators(replace(SIZES, precision="bfloat16"))
    mixed.load_state_dict(exact.state_dict())
    real = torch.tensor(np.stack([hum(0.5, i) for i in (1, 2)]), dtype=torch.float32).unsqueeze(1)
    found = []
    for discriminators in (mixed, exact):
        fake = (0.1 * torch.randn(real.shape, generator=torch.manual_seed(1))).requires_grad_()
        maps = discriminators(fake, real)
        losses = adversarial_loss(maps[0]), feature_matching_loss(*maps), discriminator_loss(*maps)
        (audio,) = torch.autograd.grad(losses[0] + 2 * losses[1], fake, retain_graph=True)
        losses[2].backward(inputs=list(discriminators.parameters()))
        weights = torch.cat([p.grad.flatten() for p in discriminators.parameters()])
        assert {one.dtype for one in (*losses, audio, weights)} == {torch.float32}
        found.append((torch.stack(losses).detach(), audio, weights, maps[0][0][0].dtype))
    (losses, audio, weights, dtype), (exact_losses, exact_audio, exact_weights, exact_dtype) = found
    assert (dtype, exact_dtype) == (torch.bfloat16, torch.float32)
    torch.testing.assert_close(losses, exact_losses, rtol=0.01, atol=1e-4)
    assert relative_error(audio, exact_audio) < 0.05
    assert relative_error(weights, exact_weights) < 0.05
