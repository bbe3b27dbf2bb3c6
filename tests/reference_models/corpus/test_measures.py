"""The measures on signals of known truth, within the bias and spread that docs/data.md states."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import oaconvolve

from reference_models.corpus import level, noise
from reference_models.corpus.bandwidth import bandwidth_hz
from reference_models.corpus.decay import decay_seconds
from reference_models.corpus.modulation import srmr
from reference_models.corpus.pitch import voice
from tests.reference_models.corpus import bias_and_spread, voices
from tests.reference_models.corpus.bias_and_spread import Cell

BOUNDS = {"snr_db": (2.2, 1.2), "decay_s": (0.12, 0.08), "bandwidth_hz": (500, 130),
          "active_share": (0.12, 0.05), "pitch_hz": (4, 8)}  # fmt: skip
"""Largest bias and spread, by measure, from -5 to 40 dB, 0.2 to 1.3 s and 3 to 12 kHz."""


@pytest.fixture(scope="module")
def speakers():
    return bias_and_spread.synthetic_speakers(3, seconds=5)


def check(cell: Cell) -> None:
    bias, spread = BOUNDS[cell.measure]
    assert cell.errors and not cell.missing, cell
    assert abs(cell.bias) < bias and cell.spread < spread, cell


@pytest.mark.parametrize(("snr_db", "colour"), [(-5, "pink"), (10, "white"), (40, "white")])
def test_noise(speakers, snr_db, colour):
    heard = [voices.noisy(one.narrow, snr_db, colour, i) for i, one in enumerate(speakers)]
    check(bias_and_spread.cell("snr_db", colour, snr_db, noise.snr_db, heard))


def test_long_pauses_leave_the_ratio_as_it_is(speakers):
    """By the distribution of amplitudes alone it would be more than 10 dB too high here."""
    for i, one in enumerate(speakers):
        signal = np.append(one.narrow, np.zeros(len(one.narrow)))
        assert noise.snr_db(voices.noisy(signal, 20, "white", i)) == pytest.approx(20, abs=1)


@pytest.mark.parametrize("decay_s", [0.3, 1.0])
def test_rooms(speakers, decay_s):
    rooms = [voices.in_room(one.narrow, decay_s, i) for i, one in enumerate(speakers)]
    heard = [voices.noisy(one, 40, "white", i) for i, one in enumerate(rooms)]
    check(bias_and_spread.cell("decay_s", "room", decay_s, decay_seconds, heard))


@pytest.mark.parametrize("cutoff_hz", [3000, 12_000])
@pytest.mark.parametrize("noise_db", [60, 30])
def test_bandwidth(speakers, cutoff_hz, noise_db):
    cut = voices.low_passed(speakers[0].wide, cutoff_hz, 48_000)
    heard = voices.noisy(cut, noise_db, "white", 1)
    check(Cell("bandwidth_hz", "", cutoff_hz, (bandwidth_hz(heard, 48_000) - cutoff_hz,), 0))


def test_noise_alone_has_no_bandwidth():
    assert bandwidth_hz(voices.noise(96_000, "white", 3), 48_000) is None


def test_dry_speech_has_no_decay(speakers):
    """Falls by chance, of which there are some, are too few to be those of a room."""
    assert [decay_seconds(voices.noisy(one.narrow, 38, "white", 1)) for one in speakers] == 3 * [
        None
    ]


def test_modulation_ratio_falls_with_the_decay_of_the_room(speakers):
    """For every voice; and on the mean by more than a third from dry speech to 1 s.

    Short decays may raise the ratio of a low voice, whose pitch counts as a fast modulation.
    """
    dry, wet = [], []
    for i, one in enumerate(speakers):
        rooms = [srmr(voices.in_room(one.narrow, decay_s, i)) for decay_s in (0.2, 0.5, 1.0)]
        dry.append(srmr(one.narrow))
        wet.append(rooms[-1])
        assert rooms == sorted(rooms, reverse=True)
    assert np.mean(wet) < 0.65 * np.mean(dry)


def test_modulations_are_slow_up_to_18_hz():
    """A tone of 1 kHz, modulated at one rate."""
    time_s = np.arange(3 * 16_000) / 16_000
    tone = np.sin(2 * np.pi * 1000 * time_s)
    ratios = [srmr(tone * (1 + np.cos(2 * np.pi * rate_hz * time_s))) for rate_hz in (8, 64)]
    assert ratios[0] > 5 and ratios[1] < 0.2


@pytest.mark.parametrize(("pitch_hz", "gender"), [(100, "m"), (230, "f")])
def test_pitch_and_gender(pitch_hz, gender):
    heard = voices.noisy(voices.voice(4, pitch_hz, 7), 10, "white", 1)
    found = voice(heard)
    check(Cell("pitch_hz", "", pitch_hz, (found.pitch_hz - pitch_hz,), 0))
    assert found.gender == gender and found.confidence > 0.99
    assert voice(voices.noise(64_000, "white", 1)) is None


def test_multiples_of_the_period_are_not_taken():
    """All of them correlate equally in a steady tone; noise makes one the largest."""
    time_s = np.arange(32_000) / 16_000
    tone = sum(np.cos(2 * np.pi * 250 * k * time_s) for k in range(1, 9))
    assert voice(voices.noisy(tone, 20, "white", 1)).pitch_hz == pytest.approx(250, abs=2)


def test_a_pitch_half_way_says_nothing():
    """Half-way on the scale of semitones lies the geometric mean of both."""
    found = voice(voices.noisy(voices.voice(4, (120 * 210) ** 0.5, 3), 20, "white", 1))
    assert found.confidence < 0.7


def test_amplitudes_of_gamma_speech_in_normal_noise_give_their_ratio():
    """The assumption of WADA-SNR, drawn at random: a gamma variable of shape k and scale 1 has the
    mean square k (k + 1)."""
    random = np.random.default_rng(1)
    speech = random.gamma(0.4, size=400_000) * random.choice([-1, 1], 400_000) / (0.4 * 1.4) ** 0.5
    for snr_db in (0, 10, 20):
        mixed = speech + 10 ** (-snr_db / 20) * random.standard_normal(len(speech))
        assert noise._from_amplitudes_db(mixed) == pytest.approx(snr_db, abs=0.5)  # 3 sigma at 0 dB


def test_activity_is_the_share_of_speech():
    """Two seconds of every five are loud; frames of 50 ms blur each border."""
    loud = voices.noise(5 * 16_000, "white", 1)
    loud[2 * 16_000 :] = 0
    heard = np.tile(loud, 3) + 1e-3 * voices.noise(15 * 16_000, "white", 2)
    assert noise.active_share(heard) == pytest.approx(2 / 5, abs=0.02)


def test_levels_of_a_sine():
    """Amplitude 1/2 has 10 lg 1/8 = -9.03 dB; BS.1770 gives a tone of 997 Hz at full scale
    -3.01 LUFS, hence this one -9.03."""
    sine = 0.5 * np.sin(2 * np.pi * 997 * np.arange(48_000) / 24_000)[np.newaxis]
    assert level.level_dbfs(sine) == pytest.approx(-9.03, abs=0.005)
    assert level.peak_dbfs(sine) == pytest.approx(-6.02, abs=0.005)
    assert level.loudness_lufs(sine, 24_000) == pytest.approx(-9.03, abs=0.1)
    assert level.loudness_lufs(sine[:, :9000], 24_000) is None
    assert level.loudness_lufs(0 * sine, 24_000) is None
    assert level.level_dbfs(0 * sine) is level.peak_dbfs(0 * sine) is None


def test_clipping_counts_flat_tops():
    """A sine of twice the range is clipped where it exceeds 1/2: two thirds of the time."""
    sine = np.sin(2 * np.pi * 100 * np.arange(24_000) / 24_000)
    assert level.clipped_share(sine[np.newaxis]) == 0
    clipped = 0.7 * np.clip(2 * sine, -1, 1)
    assert level.clipped_share(clipped[np.newaxis]) == pytest.approx(2 / 3, abs=0.01)
    assert level.clipped_share(np.stack([sine, clipped])) == pytest.approx(1 / 3, abs=0.01)
    quantized = np.round(3 * sine) / 2**15
    assert level.clipped_share(quantized[np.newaxis]) == 0


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("decay_s", "size_m"), [(0.4, (6, 5, 3)), (0.6, (7, 6, 3)), (0.9, (10, 8, 4))]
)
def test_rooms_by_the_image_source_method(speakers, decay_s, size_m):
    """Against the decay that Schroeder's integral gives of the impulse response."""
    rooms = pytest.importorskip("pyroomacoustics")
    absorption, _ = rooms.inverse_sabine(decay_s, size_m)
    material = rooms.Material(absorption)
    room = rooms.ShoeBox(size_m, fs=voices.RATE, materials=material, max_order=30)
    room.add_source([2, 1.5, 1.6])
    room.add_microphone([3.2, 2.4, 1.4])
    room.compute_rir()
    response = room.rir[0][0]
    true_s = rooms.experimental.measure_rt60(response, voices.RATE, decay_db=30)
    for i, one in enumerate(speakers):
        heard = voices.noisy(oaconvolve(one.narrow, response), 40, "white", i)
        assert decay_seconds(heard) == pytest.approx(true_s, abs=0.12)


@pytest.mark.sweep
def test_every_cell_of_the_table_is_within_the_bounds():
    found = [*bias_and_spread.cells(bias_and_spread.synthetic_speakers(20))]
    found += bias_and_spread.pitch_cells(10)
    judged = [cell for cell in found if cell.measure in BOUNDS]
    assert len(judged) == 16 + 6 + 12 + 3 + 6
    for cell in judged:
        check(cell)
