"""The spectrum loss against its formula in numpy, and what it sees that a mel loss does not."""

import numpy as np
import pytest
import torch

from reference_models.training.configuration_parts import SpectrumSettings
from reference_models.training.spectrum import FLOOR, SpectrumDistance

C, W = 0.3, 0.1
SETTINGS = SpectrumSettings(windows=(64, 256), exponent=C, complex_weight=W)


def compressed(x, window):
    """``X |X|^(c-1)`` of frames that start every quarter of a window, the ends reflected."""
    padded = np.pad(x, window // 2, mode="reflect")
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)
    starts = range(0, len(padded) - window + 1, window // 4)
    spectrum = np.array([np.fft.rfft(hann * padded[at : at + window]) for at in starts])
    return spectrum * np.maximum(np.abs(spectrum), FLOOR**0.5) ** (C - 1)


def expected(x, y):
    losses = []
    for window in SETTINGS.windows:
        ours, theirs = compressed(x, window), compressed(y, window)
        amplitudes = np.mean((np.abs(ours) - np.abs(theirs)) ** 2)
        losses.append(amplitudes + W * np.mean(np.abs(ours - theirs) ** 2))
    return np.mean(losses)


def distance(*signals):
    loss = SpectrumDistance(SETTINGS)(*(torch.tensor(x)[None, None] for x in signals))
    return loss.item()


@pytest.mark.usefixtures("in_float64")
def test_the_formula():
    x, y = 0.1 * np.random.default_rng(3).standard_normal((2, 1000))
    assert distance(x, y) == pytest.approx(expected(x, y), rel=1e-9)
    assert distance(x, x) == 0


@pytest.mark.usefixtures("in_float64")
def test_a_sign_changes_the_phases_alone():
    """Amplitudes are equal and values opposite: ``w mean |2 X|X|^(c-1)|^2``."""
    x = 0.1 * np.random.default_rng(3).standard_normal(1000)
    values = [np.mean(np.abs(2 * compressed(x, window)) ** 2) for window in SETTINGS.windows]
    assert distance(x, -x) == pytest.approx(W * np.mean(values), rel=1e-9)


def test_silence_has_a_gradient():
    audio = torch.zeros(1, 1, 1000, requires_grad=True)
    SpectrumDistance(SETTINGS)(audio, 0.1 * torch.randn(1, 1, 1000)).backward()
    assert audio.grad.isfinite().all() and audio.grad.abs().max() > 0
