"""Reading of whole audio files for the loader, and a record of those that cannot be read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lrac_audit.errors import InputError, Problem
from reference_models.audio.conversion import convert
from reference_models.audio.reading import MAX_RESPONSE_CHANNELS, open_audio
from reference_models.data.manifest import Entry, refused

Samples = NDArray[np.float32]
"""One channel ``[T]``."""

SILENCE_POWER = 1e-10
"""Power below which a signal is silent; nothing is divided by less."""


def read_mono(entry: Entry, rate_hz: int) -> Samples:
    """Return the mean of all channels at ``rate_hz``, ``[T]`` with ``T = entry.samples(rate_hz)``.

    Raises:
        InputError: the file cannot be read, or is not as long as the manifest says.
    """
    audio = open_audio(entry.path)
    samples: Samples = np.concatenate(list(convert(audio, rate_hz, 1)), axis=1)[0]
    _check_length(entry, len(samples), rate_hz)
    return samples


def read_channel(entry: Entry, rate_hz: int, choose: Callable[[int], int]) -> Samples:
    """Return one channel at ``rate_hz``, ``[T]``, which ``choose`` picks from their number.

    Raises:
        InputError: as :func:`read_mono`.
    """
    audio = open_audio(entry.path, max_channels=MAX_RESPONSE_CHANNELS)
    samples = np.concatenate(list(convert(audio, rate_hz, audio.channels)), axis=1)
    _check_length(entry, samples.shape[1], rate_hz)
    channel: Samples = samples[choose(audio.channels)]
    return channel


@dataclass(slots=True)
class Skipped:
    """Files that could not be read and were skipped, by the name of their entry."""

    max_count: int
    """Largest number of skipped files; one more is an error."""
    reasons: dict[str, str] = field(default_factory=dict)
    """Reason for each entry that was skipped."""

    def __len__(self) -> int:
        return len(self.reasons)

    def add(self, uid: str, reason: str) -> None:
        """Count the entry ``uid``, once."""
        self.reasons.setdefault(uid, reason)

    def check(self, source: str) -> None:
        """Check that not too many files of ``source`` were skipped.

        Raises:
            InputError: too many were; the first of them are named.
        """
        if len(self) > self.max_count:
            problems = [
                Problem("audio", reason, "a file to read") for reason in self.reasons.values()
            ]
            allowed = f"at most {self.max_count} of them"
            count = Problem("audio", f"{len(self)} files that cannot be used", allowed)
            raise refused(source, [count, *problems])


def _check_length(entry: Entry, samples: int, rate_hz: int) -> None:
    expected = entry.samples(rate_hz)
    if samples != expected:
        problem = Problem("length", f"{samples} samples", f"{expected}, as the manifest says")
        raise InputError(str(entry.path), [problem])
