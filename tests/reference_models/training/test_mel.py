"""The mel loss against numpy's Fourier transform, librosa and the recipe's constants."""

import numpy as np
import pytest
import torch

from reference_models.training.mel import LogMel, MelDistance, filterbank, mels_of
from tests.reference_models.training.conftest import hum

librosa = pytest.importorskip("librosa", reason="librosa is not installed")

RATE = 24_000
PAPER = {64: 10, 128: 20, 256: 40, 512: 80, 1024: 160, 2048: 320}


@pytest.mark.parametrize(("window", "mels"), PAPER.items())
def test_filters_are_librosas(window, mels):
    assert mels_of(window) == mels
    expected = librosa.filters.mel(sr=RATE, n_fft=window, n_mels=mels, fmin=0, fmax=RATE / 2)
    found = filterbank(RATE, window, mels).numpy().T
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-8)
    assert (found.sum(1) > 0).all()


def numpy_log_mel(audio, window):
    """Reflected at both ends, framed, windowed by a periodic Hann window, transformed, weighted."""
    padded = np.pad(audio, window // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, window)[:: window // 4]
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)
    amplitudes = np.abs(np.fft.rfft(frames * hann))
    filters = librosa.filters.mel(sr=RATE, n_fft=window, n_mels=PAPER[window], dtype=np.float64)
    return np.log(np.maximum(filters @ amplitudes.T, 1e-10))


def librosa_log_mel(audio, window):
    amplitudes = librosa.feature.melspectrogram(
        y=audio,
        sr=RATE,
        n_fft=window,
        hop_length=window // 4,
        n_mels=PAPER[window],
        power=1.0,
        center=True,
        pad_mode="reflect",
        window="hann",
    )
    return np.log(np.maximum(amplitudes, 1e-10))


LIBROSA = pytest.param(librosa_log_mel, marks=pytest.mark.sweep)
"""Compiles for a quarter of a minute where it runs for the first time."""


@pytest.mark.parametrize("expected_log_mel", [numpy_log_mel, LIBROSA])
@pytest.mark.parametrize("window", PAPER)
def test_spectrograms_are_those_of_others(window, expected_log_mel):
    audio = hum(0.3, 1)
    log_mel = LogMel(RATE, window).double()
    log_mel.hann = torch.hann_window(window, dtype=torch.float64)  # beside a peak, float32 shows
    found = log_mel(torch.tensor(audio).view(1, 1, -1))
    expected = expected_log_mel(audio, window)
    assert found[0].T.shape == expected.shape
    np.testing.assert_allclose(found[0].T, expected, atol=1e-5)


@pytest.mark.parametrize("windows", [(64, 128, 256, 512, 1024), tuple(PAPER)])
def test_loss(windows):
    real, fake = hum(0.3, 1), hum(0.3, 2) * 0.5
    total = weight = 0.0
    for window in windows:
        slope = (window - 1) ** 0.5
        difference = numpy_log_mel(fake, window) - numpy_log_mel(real, window)
        total += np.abs(difference).mean() + slope * (difference**2).mean()
        weight += 1 + slope
    if len(windows) == 5:
        assert weight == pytest.approx(94.7651, abs=1e-4)  # as the public recipe's code has it
    found = MelDistance(RATE, windows).double()(
        *(torch.tensor(x).view(1, 1, -1) for x in (fake, real))
    )
    assert found.item() == pytest.approx(total / weight, rel=1e-5)


def test_silence_has_the_floor_of_the_recipe():
    # Bins of energy 0 count as amplitude 1e-5; a filter of area 1 over bins 23.4 Hz apart sums to
    # about 1 / 23.4.
    levels = LogMel(RATE, 1024)(torch.zeros(1, 1, 4096))
    sums = librosa.filters.mel(sr=RATE, n_fft=1024, n_mels=160).sum(1)
    np.testing.assert_allclose(levels[0, 0], np.log(1e-5 * sums), atol=1e-4)


def test_gradient_at_silence_is_finite_and_the_target_gets_none():
    fake = torch.zeros(1, 1, 4096, requires_grad=True)
    real = torch.tensor(hum(0.2, 1)).float().view(1, 1, -1)[:, :, :4096].requires_grad_()
    MelDistance(RATE, (64, 512))(fake, real).backward()
    assert fake.grad.isfinite().all() and real.grad is None
