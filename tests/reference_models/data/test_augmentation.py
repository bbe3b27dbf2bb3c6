"""Whole utterances in random rooms with random noise."""

import numpy as np
import pytest
import soundfile
from scipy import stats

from lrac_audit.errors import InputError
from reference_models.data.augmentation import (
    AugmentationParameters,
    Augmenter,
    SilentResponseError,
)
from reference_models.data.manifest import Entry, Manifest
from tests.reference_models.data.conftest import RATE, corpus, write_noise
from tests.reference_models.rooms import room_response

DRAWS = 2000
MISTAKE = 1e-6
"""How often a test of chance may reject a right implementation, over all seeds. The seed is fixed,
so it either always does or never."""


def augmenter(noises, rirs, seed=1, **parameters):
    return Augmenter(noises, rirs, AugmentationParameters(**parameters), seed)


@pytest.fixture
def lists(tmp_path):
    noises = corpus(tmp_path / "noise", [400, 1500, 3000, 700])
    return noises, corpus(tmp_path / "rirs", [50, 60, 70], seed=20)


@pytest.fixture
def speech():
    return (0.05 * np.random.default_rng(0).standard_normal(1500)).astype(np.float32)


@pytest.fixture
def rooms(tmp_path):
    """Impulse responses of two rooms."""
    entries = []
    for number, (size, absorption) in enumerate([((5, 4, 3), 0.3), ((9, 7, 3.5), 0.15)]):
        response = room_response(size, absorption, RATE)
        path = tmp_path / f"room {number}.wav"
        soundfile.write(path, response, RATE, "FLOAT")
        entries.append(Entry(f"room {number}", path, None, len(response) / RATE, RATE))
    return Manifest("rooms", tuple(entries))


def assert_binomial(count, probability):
    """``count`` of DRAWS is not further out than chance takes it once in a million."""
    p_value = stats.binomtest(count, DRAWS, probability).pvalue
    assert p_value > MISTAKE, f"{count} of {DRAWS} at {probability}"


def test_probabilities_and_ratios_are_as_stated(lists, speech):
    made = augmenter(*lists)
    drawn = [made(speech, (0, i)) for i in range(DRAWS)]
    room = np.array([one.response is not None for one in drawn])
    noise = np.array([one.noise is not None for one in drawn])
    assert_binomial(room.sum(), 0.5)
    assert_binomial(noise.sum(), 0.8)
    assert_binomial((room & noise).sum(), 0.40)
    assert_binomial((room & ~noise).sum(), 0.10)
    assert_binomial((~room & noise).sum(), 0.40)
    assert_binomial((~room & ~noise).sum(), 0.10)
    ratios = [one.snr_db for one in drawn if one.snr_db is not None]
    assert len(ratios) == noise.sum()
    assert stats.kstest(ratios, stats.uniform(-5, 35).cdf).pvalue > MISTAKE
    for names in ([one.response for one in drawn], [one.noise for one in drawn]):
        _, counts = np.unique([name for name in names if name], return_counts=True)
        assert len(counts) in (3, 4) and stats.chisquare(counts).pvalue > MISTAKE


@pytest.mark.parametrize(("wrong", "stated"), [(0.44, 0.5), (0.56, 0.5), (0.75, 0.8), (0.85, 0.8)])
def test_the_test_of_probabilities_would_see_such_errors(wrong, stated):
    with pytest.raises(AssertionError):
        assert_binomial(round(wrong * DRAWS), stated)


def test_the_key_decides(lists, speech):
    made = augmenter(*lists)
    again, other_seed = augmenter(*lists), augmenter(*lists, seed=2)
    inputs = [made(speech, (3, i)).input for i in range(20)]
    for i in reversed(range(20)):
        np.testing.assert_array_equal(again(speech, (3, i)).input, inputs[i])
    assert any((other_seed(speech, (3, i)).input != inputs[i]).any() for i in range(20))
    assert any((made(speech, (4, i)).input != inputs[i]).any() for i in range(20))


def test_without_a_draw_nothing_changes(lists, speech):
    clean = augmenter(*lists, reverb_probability=-1, noise_probability=-1)(speech, (0,))
    np.testing.assert_array_equal(clean.input, speech)
    np.testing.assert_array_equal(clean.target, speech)
    assert (clean.response, clean.noise, clean.snr_db) == (None, None, None)


@pytest.mark.parametrize("samples", [400, 1500, 3000])
def test_noise_of_any_length(tmp_path, lists, speech, samples):
    """The residual is the noise file, cut or repeated, at the drawn ratio."""
    noises = corpus(tmp_path / "one", [samples])
    made = augmenter(noises, lists[1], reverb_probability=-1, noise_probability=1)(speech, (0,))
    np.testing.assert_array_equal(made.target, speech)
    assert_noise(made.input - speech, noises.entries[0], speech, made.snr_db)


def assert_noise(rest, entry, speech, snr_db):
    """``rest`` is a part of ``entry``, repeated or not, ``snr_db`` below ``speech``."""
    power = np.mean(speech.astype(np.float64) ** 2)
    rest = rest.astype(np.float64)
    assert 10 * np.log10(power / np.mean(rest**2)) == pytest.approx(snr_db, abs=0.01)
    period = np.tile(soundfile.read(entry.path)[0], 5)
    likeness = np.correlate(period, rest) / np.linalg.norm(rest)
    windows = np.lib.stride_tricks.sliding_window_view(period, len(rest))
    assert (likeness / np.linalg.norm(windows, axis=1)).max() > 0.999


def test_noise_comes_on_top_of_the_room(tmp_path, lists, speech):
    """The room is the same with and without noise: it is drawn first."""
    noises = corpus(tmp_path / "one", [3000])
    room_only = augmenter(noises, lists[1], reverb_probability=1, noise_probability=-1)
    both = augmenter(noises, lists[1], reverb_probability=1, noise_probability=1)
    for key in range(5):
        wet, made = room_only(speech, (key,)), both(speech, (key,))
        np.testing.assert_array_equal(made.target, wet.target)
        assert_noise(made.input - wet.input, noises.entries[0], wet.input, made.snr_db)


def test_target_and_mixture_of_a_real_room_are_aligned(rooms, lists):
    """The direct path is where it was and the late part is gone."""
    speech = (0.05 * np.random.default_rng(0).standard_normal(48_000)).astype(np.float32)
    made = augmenter(lists[0], rooms, reverb_probability=1, noise_probability=-1)
    for key in range(4):
        found = made(speech, (key,))
        entry = next(e for e in rooms.entries if e.uid == found.response)
        response = soundfile.read(entry.path)[0]
        early = response[: np.argmax(response) + 1200]  # 50 ms at 24 kHz
        for signal, kernel in ((found.input, response), (found.target, early)):
            expected = np.convolve(speech.astype(np.float64), kernel)[:48_000]
            expected *= np.sqrt(np.mean(speech.astype(np.float64) ** 2) / np.mean(expected**2))
            np.testing.assert_allclose(signal, expected, atol=2e-5)
        assert len(early) < len(response) and not np.array_equal(found.input, found.target)


def test_a_quiet_file_may_exceed_full_scale_once_noise_is_added(lists):
    speech = (0.3 * np.random.default_rng(0).standard_normal(1500)).astype(np.float32)
    made = augmenter(
        *lists, reverb_probability=-1, noise_probability=1, min_snr_db=-5, max_snr_db=-5
    )
    found = made(speech, (0,))
    assert np.abs(found.input).max() == pytest.approx(1)
    factor = found.target[0] / speech[0]
    assert factor < 1
    np.testing.assert_allclose(found.target, factor * speech, rtol=1e-5)


def test_silence_stays_silence(lists):
    made = augmenter(*lists, reverb_probability=1, noise_probability=1)
    found = made(np.zeros(2000, np.float32), (0,))
    assert not found.input.any() and not found.target.any() and found.noise and found.response


def test_any_one_channel_is_taken(tmp_path, lists):
    """A file with a tone on the left and silence on the right."""
    stereo = np.stack([np.sin(np.arange(1500)), np.zeros(1500)], axis=1)
    soundfile.write(tmp_path / "two.wav", stereo, RATE)
    noises = Manifest("n", (Entry("two", tmp_path / "two.wav", None, 1500 / RATE, RATE),))
    made = augmenter(noises, lists[1], reverb_probability=-1, noise_probability=1)
    speech = (0.05 * np.random.default_rng(0).standard_normal(1500)).astype(np.float32)
    changed = {bool((made(speech, (i,)).input != speech).any()) for i in range(30)}
    assert changed == {True, False}


def test_one_of_the_channels_of_a_microphone_array_is_taken(lists, tmp_path):
    """Each of 32 channels is an echo that comes a sample later."""
    soundfile.write(tmp_path / "array.wav", np.eye(40, 32), RATE, "FLOAT")
    rirs = Manifest("r", (Entry("array", tmp_path / "array.wav", None, 40 / RATE, RATE),))
    made = augmenter(lists[0], rirs, reverb_probability=1, noise_probability=-1)
    click = np.zeros(1500, np.float32)
    click[0] = 0.5
    delays = {int(np.abs(made(click, (i,)).input).argmax()) for i in range(60)}
    assert delays <= set(range(32)) and len(delays) > 10


def test_other_rates_are_resampled(tmp_path, lists, speech):
    """A tone of 1.2 kHz stays one: 75 periods in 1,500 samples."""
    entry = write_noise(tmp_path / "fast.wav", 9000, 48_000)
    soundfile.write(entry.path, 0.1 * np.sin(2 * np.pi * 1200 * np.arange(9000) / 48_000), 48_000)
    noises = Manifest("n", (entry,))
    found = augmenter(noises, lists[1], reverb_probability=-1, noise_probability=1)(speech, (0,))
    assert found.input.shape == speech.shape
    assert np.abs(np.fft.rfft(found.input - found.target)).argmax() == 75


@pytest.mark.parametrize("peak", [0, -0.5])
def test_a_room_of_zeros_is_refused(tmp_path, lists, speech, peak):
    """So is one whose only signal comes long after its largest value, which then is 0."""
    response = np.zeros(3000)
    response[2500] = peak
    path = tmp_path / "zeros.wav"
    soundfile.write(path, response, RATE)
    rirs = Manifest("rirs", (Entry("z", path, None, 3000 / RATE, RATE),))
    made = augmenter(lists[0], rirs, reverb_probability=1)
    with pytest.raises(SilentResponseError, match=r"zeros.wav: given a room impulse response of z"):
        made(speech, (0,))


def test_a_missing_noise_is_named(tmp_path, lists, speech):
    noises = Manifest("n", (Entry("x", tmp_path / "gone.wav", None, 1, RATE),))
    made = augmenter(noises, lists[1], noise_probability=1)
    with pytest.raises(InputError, match=r"gone.wav"):
        made(speech, (0,))


def test_a_noise_that_is_not_the_one_that_was_listed(tmp_path, lists, speech):
    entry = write_noise(tmp_path / "other.wav", 900)._replace(duration_s=1000 / RATE)
    made = augmenter(Manifest("n", (entry,)), lists[1], noise_probability=1)
    with pytest.raises(InputError, match=r"other.wav: length: given 900 samples; allowed: 1000"):
        made(speech, (0,))
