"""Mixing and resampling against what sines and means must be."""

import numpy as np
import pytest
import soundfile
import soxr

from lrac_audit.errors import InputError
from reference_models.audio.conversion import convert
from reference_models.audio.reading import BLOCK_SAMPLES, open_audio


def sine(frequency_hz, rate_hz, samples):
    return 0.5 * np.sin(2 * np.pi * frequency_hz * np.arange(samples) / rate_hz)


def converted(path, samples, from_hz, to_hz=24000, channels=1):
    soundfile.write(path, samples, from_hz, "FLOAT")
    return np.concatenate(list(convert(open_audio(path), to_hz, channels)), axis=1)


@pytest.mark.parametrize("rate_hz", [8000, 16000, 22050, 44100, 48000, 96000])
def test_a_resampled_sine_is_the_analytic_one(tmp_path, rate_hz):
    seconds = 3
    got = converted(tmp_path / "a.wav", sine(997, rate_hz, seconds * rate_hz), rate_hz)
    expected = sine(997, 24000, seconds * 24000)
    assert got.shape == (1, seconds * 24000)
    inner = slice(2400, -2400)  # the file's ends are steps, which ring
    assert np.abs(got[0] - expected)[inner].max() < 1e-5


def test_what_the_codec_cannot_hold_is_filtered_out(tmp_path):
    got = converted(tmp_path / "a.wav", sine(15_000, 48000, 48000), 48000)
    assert np.abs(got[0, 2400:-2400]).max() < 1e-5


@pytest.mark.parametrize(
    ("samples", "rate_hz", "expected"),
    [
        (44100, 44100, 24000),
        (1, 24000, 1),
        (1, 48000, 1),  # a half is rounded up
        (1, 44100, 1),
        (7, 44100, 4),  # 3.81
        (1001, 16000, 1502),  # 1501.5
        (100_001, 22050, 108_845),  # 108844.9
    ],
)
def test_length_is_rounded_from_the_ratio(tmp_path, samples, rate_hz, expected):
    assert converted(tmp_path / "a.wav", np.zeros(samples), rate_hz).shape == (1, expected)


def test_less_than_half_a_sample_is_refused(tmp_path):
    with pytest.raises(InputError, match="given 1 samples at 96000 Hz; allowed: at least one"):
        converted(tmp_path / "a.wav", np.zeros(1), 96000)


def test_blocks_do_not_change_the_resampled_signal(tmp_path):
    samples = np.random.default_rng(0).uniform(-0.5, 0.5, 100_000).astype(np.float32)
    got = converted(tmp_path / "a.wav", samples, 44100)
    in_one_go = soxr.resample(samples, 44100, 24000, quality="HQ")
    assert got.shape[1] > BLOCK_SAMPLES
    assert np.allclose(got[0], in_one_go, atol=1e-6)


def test_channels_are_mixed_to_their_mean(tmp_path):
    channels = np.random.default_rng(0).uniform(-1, 1, (500, 6)).astype(np.float32)
    got = converted(tmp_path / "a.wav", channels, 24000)
    assert np.allclose(got[0], channels.astype(np.float64).mean(axis=1), atol=1e-7)


def test_mixing_does_not_overflow(tmp_path):
    loud = np.full((10, 2), 3e38, np.float32)
    assert np.isfinite(converted(tmp_path / "a.wav", loud, 24000)).all()


def test_one_channel_is_copied_and_two_are_kept_for_a_stereo_codec(tmp_path):
    mono = np.linspace(-1, 1, 100, dtype=np.float32)
    assert np.array_equal(converted(tmp_path / "a.wav", mono, 24000, channels=2), [mono, mono])
    stereo = np.stack([mono, -mono], axis=1)
    assert np.array_equal(converted(tmp_path / "a.wav", stereo, 24000, channels=2), stereo.T)


def test_a_channel_count_between_is_refused(tmp_path):
    with pytest.raises(InputError, match="channels: given 3; allowed: 1 or 2"):
        converted(tmp_path / "a.wav", np.zeros((10, 3)), 24000, channels=2)
