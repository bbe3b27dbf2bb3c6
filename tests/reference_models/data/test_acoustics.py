"""Each step of the augmentation against sums done by hand or by numpy."""

import numpy as np
import pytest

from reference_models.data.acoustics import (
    active_power,
    active_samples,
    below_full_scale,
    early_part,
    fitted,
    reverberant,
    with_noise,
)


def noise(samples, seed=0):
    return (0.1 * np.random.default_rng(seed).standard_normal(samples)).astype(np.float32)


def test_a_frame_speaks_for_its_first_half():
    """Frames start at 0, 512, 1024, 1536, 2048 and have powers 1, 1/2, 0, 0, 0; the mean is 0.3."""
    signal = np.repeat(np.float32([1, 0]), [1024, 2048])
    assert active_samples(signal).tolist() == [True] * 1024 + [False] * 2048
    assert active_power(signal) == 1


def test_the_last_frame_is_filled_up_and_speaks_for_the_rest():
    """1,500 samples: frames at 0 (silent) and at 512, up to 1,536, with 300 ones."""
    signal = np.repeat(np.float32([0, 1]), [1200, 300])
    assert active_samples(signal).tolist() == [False] * 512 + [True] * 988
    assert active_power(signal) == pytest.approx(300 / 988)


@pytest.mark.parametrize(("quiet_power", "active"), [(0.004, False), (0.04, True)])
def test_a_hundredth_of_the_mean_power_is_the_threshold(quiet_power, active):
    """A second half of the power q: the mean is about (1 + q) / 2, a hundredth of it 0.005."""
    signal = np.repeat(np.float32([1, np.sqrt(quiet_power)]), 20 * 1024)
    assert active_samples(signal)[-1024:].all() == active
    assert active_samples(signal)[:1024].all()


@pytest.mark.parametrize("samples", [1, 511, 512, 513, 1023, 1024, 1025, 1536, 1537, 5000])
def test_every_length_has_a_verdict_for_each_sample(samples):
    signal = noise(samples)
    assert active_samples(signal).tolist() == [True] * samples
    assert active_power(signal) == pytest.approx(np.mean(signal.astype(np.float64) ** 2))


@pytest.mark.parametrize("samples", [100, 5000])
def test_silence_is_active_and_has_no_power(samples):
    silence = np.zeros(samples, np.float32)
    assert active_samples(silence).all() and active_power(silence) == 0


def test_early_part_ends_after_the_largest_value_not_after_the_largest_size():
    response = np.zeros(9000, np.float32)
    response[10], response[100] = -1, 0.5
    assert len(early_part(response, 1200)) == 1300
    assert len(early_part(response[:500], 1200)) == 500


def test_a_room_delays_with_its_whole_response():
    """A lone peak of height -3 at 700: the same signal 700 samples later, upside down."""
    response = np.zeros(1000, np.float32)
    response[700] = -3
    speech = noise(6000)
    wet = reverberant(speech, response)
    assert wet.shape == (6000,) and wet.dtype == np.float32
    shape = -np.concatenate([np.zeros(700), speech[:-700]])
    scale = (wet @ shape) / (shape @ shape)
    np.testing.assert_allclose(wet, scale * shape, atol=1e-6)
    assert 1 < scale < 1.1  # active samples begin at 512: the power of 5,300 over 5,488 samples
    assert active_power(wet) == pytest.approx(active_power(speech), rel=1e-5)


def test_a_room_is_a_convolution_brought_to_the_same_active_power():
    speech = np.concatenate([noise(8000), np.zeros(9000, np.float32), noise(3000, 1)])
    response = (noise(5000, 2) * np.exp(-np.arange(5000) / 900)).astype(np.float32)
    wet = np.convolve(speech.astype(np.float64), response)[: len(speech)]
    found = reverberant(speech, response)
    scale = (found @ wet) / (wet @ wet)
    np.testing.assert_allclose(found, scale * wet, atol=1e-5)
    assert active_power(found) == pytest.approx(active_power(speech), rel=1e-5)


def test_silence_in_a_room_is_silence():
    assert not reverberant(np.zeros(3000, np.float32), noise(500)).any()


def test_longer_noise_is_cut_anywhere():
    signal = np.arange(10, dtype=np.float32)
    random = np.random.default_rng(0)
    found = {tuple(fitted(signal, 7, random)) for _ in range(200)}
    assert found == {tuple(range(i, i + 7)) for i in range(4)}


@pytest.mark.parametrize("samples", [11, 25, 40])
def test_shorter_noise_goes_on_in_both_directions(samples):
    signal = np.arange(10, dtype=np.float32)
    random = np.random.default_rng(0)
    found = {tuple(fitted(signal, samples, random)) for _ in range(1500)}
    spare = samples - 10
    expected = {tuple(np.pad(signal, (i, spare - i), mode="wrap")) for i in range(spare + 1)}
    assert found == expected


def test_noise_of_the_same_length_stays_as_it_is():
    signal = noise(50)
    np.testing.assert_array_equal(fitted(signal, 50, np.random.default_rng(0)), signal)


@pytest.mark.parametrize("snr_db", [-5, 0, 12.5, 30])
def test_noise_is_added_at_the_ratio(snr_db):
    speech, added = noise(20_000), noise(20_000, 1)
    rest = with_noise(speech, added, snr_db).astype(np.float64) - speech
    ratio = np.mean(speech.astype(np.float64) ** 2) / np.mean(rest**2)
    assert 10 * np.log10(ratio) == pytest.approx(snr_db, abs=0.01)


def test_pauses_do_not_count_as_speech_but_as_noise():
    """Half of the speech is silent: the noise is as loud as under speech without a pause."""
    speech = np.concatenate([noise(10_240), np.zeros(10_240, np.float32)])
    added = noise(20_480, 1)
    rest = with_noise(speech, added, 0) - speech
    talking = np.mean(speech[:10_240].astype(np.float64) ** 2)
    assert np.mean(rest.astype(np.float64) ** 2) == pytest.approx(talking, rel=0.03)


def test_pauses_of_the_noise_count():
    """Half of the noise is silent: the other half is 3 dB louder than the ratio says."""
    speech = noise(20_480)
    added = np.concatenate([noise(10_240, 1), np.zeros(10_240, np.float32)])
    rest = (with_noise(speech, added, 0) - speech).astype(np.float64)
    assert np.mean(rest**2) == pytest.approx(np.mean(speech.astype(np.float64) ** 2), rel=1e-3)


def test_silence_gets_no_noise_and_silent_noise_adds_nothing():
    silence = np.zeros(3000, np.float32)
    assert not with_noise(silence, noise(3000), -5).any()
    np.testing.assert_array_equal(with_noise(noise(3000), silence, -5), noise(3000))


def test_what_exceeds_full_scale_is_turned_down_with_its_target():
    mixture, target = np.float32([0.5, -2, 1]), np.float32([3, 1, 0.5])
    found = below_full_scale(mixture, target)
    np.testing.assert_array_equal(found, np.float32([[0.25, -1, 0.5], [1.5, 0.5, 0.25]]))


def test_what_does_not_exceed_full_scale_stays():
    mixture, target = np.float32([0.5, -0.9]), np.float32([3, 1])  # the target may exceed it
    np.testing.assert_array_equal(below_full_scale(mixture, target), [mixture, target])
