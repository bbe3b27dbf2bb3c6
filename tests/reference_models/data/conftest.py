"""Small corpora on disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from reference_models.data.manifest import Entry, Manifest

RATE = 24_000


def write_noise(path: Path, samples: int, rate: int = RATE, channels: int = 1, seed: int = 0):
    """White noise as 16-bit WAV; the manifest's entry of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = 0.1 * np.random.default_rng([seed, samples]).standard_normal((samples, channels))
    soundfile.write(path, noise, rate)
    return Entry(path.stem, path, None, samples / rate, rate)


def corpus(folder: Path, lengths, seed: int = 0) -> Manifest:
    """One file of noise for each length, named u0, u1 and so on."""
    entries = [
        write_noise(folder / f"u{i}.wav", length, seed=seed + i) for i, length in enumerate(lengths)
    ]
    return Manifest("the corpus", tuple(entries))


@pytest.fixture
def speech(tmp_path) -> Manifest:
    """Twelve utterances of 2 to 24 windows of 500 samples."""
    lengths = np.random.default_rng(5).integers(1100, 6000, 12)
    return corpus(tmp_path / "some speech", lengths.tolist())
