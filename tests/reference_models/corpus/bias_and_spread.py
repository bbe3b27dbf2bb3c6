"""The bias and spread of each measure on signals of known truth, as the table in docs/data.md.

    python -m tests.reference_models.corpus.bias_and_spread [--speech FOLDER]

prints it, from synthetic voices, or from clean recordings in a folder.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile
import soxr

from reference_models.corpus.bandwidth import bandwidth_hz
from reference_models.corpus.decay import decay_seconds
from reference_models.corpus.modulation import srmr
from reference_models.corpus.noise import active_share, snr_db
from reference_models.corpus.pitch import voice as estimated_voice
from tests.reference_models.corpus import voices

RATES = (voices.RATE, 48_000)
RATIOS_DB = (-5, 0, 5, 10, 15, 20, 30, 40)
DECAYS_S = (0.2, 0.3, 0.5, 0.7, 1.0, 1.3)
CUTOFFS_HZ = (3000, 4000, 6000, 8000, 10_000, 12_000)
PITCHES_HZ = (90, 120, 150, 180, 210, 250)


class Cell(NamedTuple):
    """The errors of one measure at one truth."""

    measure: str
    condition: str
    truth: float
    errors: tuple[float, ...]
    missing: int
    """Files for which the measure gave nothing."""

    @property
    def bias(self) -> float:
        """Mean error."""
        return float(np.mean(self.errors))

    @property
    def spread(self) -> float:
        """Standard deviation of the errors."""
        return float(np.std(self.errors))


class Speaker(NamedTuple):
    """Clean speech at both rates."""

    narrow: np.ndarray
    wide: np.ndarray


def synthetic_speakers(count: int, seconds: float = 8.0) -> list[Speaker]:
    """Voices from 90 to 250 Hz."""
    pitches = np.linspace(90, 250, count)
    wide = [voices.voice(seconds, pitch, seed, 48_000) for seed, pitch in enumerate(pitches)]
    return [Speaker(soxr.resample(one, 48_000, voices.RATE), one) for one in wide]


def recorded_speakers(folder: Path) -> list[Speaker]:
    """Recordings in WAV below a folder, by their path."""
    speakers = []
    for path in sorted(folder.rglob("*.wav")):
        signal, rate = soundfile.read(path)
        speakers.append(Speaker(*(soxr.resample(signal, rate, wanted) for wanted in RATES)))
    return speakers


def cells(speakers: Sequence[Speaker]) -> Iterator[Cell]:
    """Every measure at every truth."""
    narrow = [one.narrow for one in speakers]
    for colour in ("white", "pink"):
        for ratio in RATIOS_DB:
            heard = [voices.noisy(one, ratio, colour, i) for i, one in enumerate(narrow)]
            yield cell("snr_db", f"{colour} noise", ratio, snr_db, heard)
    for decay in DECAYS_S:
        rooms = [voices.in_room(one, decay, i) for i, one in enumerate(narrow)]
        heard = [voices.noisy(one, 40, "white", i) for i, one in enumerate(rooms)]
        yield cell("decay_s", "room, noise at 40 dB", decay, decay_seconds, heard)
    for noise_db in (60, 30):
        for cutoff in CUTOFFS_HZ:
            cut = [voices.low_passed(one.wide, cutoff, 48_000) for one in speakers]
            heard = [voices.noisy(one, noise_db, "white", i) for i, one in enumerate(cut)]
            yield cell("bandwidth_hz", f"noise at {noise_db} dB", cutoff, _bandwidth_hz, heard)
    for ratio in (10, 20, 40):
        clean = [active_share(one) for one in narrow]
        heard = [voices.noisy(one, ratio, "white", i) for i, one in enumerate(narrow)]
        shares = [active_share(one) for one in heard]
        errors = tuple(a - b for a, b in zip(shares, clean, strict=True))
        yield Cell("active_share", "less that without noise", ratio, errors, 0)
    for decay in (0.0, *DECAYS_S):
        heard = narrow if not decay else [voices.in_room(x, decay, i) for i, x in enumerate(narrow)]
        yield Cell("srmr", "the value itself", decay, tuple(filter(None, map(srmr, heard))), 0)


def pitch_cells(count: int, seconds: float = 8.0) -> Iterator[Cell]:
    """Pitch of synthetic voices, the only ones whose pitch is known."""
    for pitch in PITCHES_HZ:
        heard = [voices.voice(seconds, pitch, seed) for seed in range(count)]
        heard = [voices.noisy(one, 10, "white", i) for i, one in enumerate(heard)]
        yield cell("pitch_hz", "noise at 10 dB", pitch, _pitch_hz, heard)


def _bandwidth_hz(signal: np.ndarray) -> float | None:
    return bandwidth_hz(signal, 48_000)


def _pitch_hz(signal: np.ndarray) -> float | None:
    found = estimated_voice(signal)
    return None if found is None else found.pitch_hz


def cell(
    measure: str,
    condition: str,
    truth: float,
    estimate: Callable[[np.ndarray], float | None],
    heard: Sequence[np.ndarray],
) -> Cell:
    """The errors of ``estimate`` on each of ``heard``."""
    found = [estimate(one) for one in heard]
    errors = tuple(one - truth for one in found if one is not None)
    return Cell(measure, condition, truth, errors, len(found) - len(errors))


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Bias and spread of the measures.")
    parser.add_argument("--speech", type=Path, help="folder of clean recordings")
    parser.add_argument("--count", type=int, default=20, help="synthetic voices")
    arguments = parser.parse_args()
    folder = arguments.speech
    speakers = recorded_speakers(folder) if folder else synthetic_speakers(arguments.count)
    sys.stdout.write(
        "| measure | condition | truth | bias | spread | none |\n|---|---|---|---|---|---|\n"
    )
    for one in (*cells(speakers), *pitch_cells(arguments.count)):
        figures = f"{one.bias:.3g} | {one.spread:.2g} | {one.missing}"
        sys.stdout.write(f"| {one.measure} | {one.condition} | {one.truth:g} | {figures} |\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
