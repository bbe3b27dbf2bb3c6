"""Creation of manifests: lengths and rates from the headers of audio files, read in parallel."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

import numpy as np

from lrac_audit.errors import InputError, Problem
from reference_models.audio.reading import MAX_CHANNELS, MAX_RESPONSE_CHANNELS, open_audio
from reference_models.data.audio_files import SILENCE_POWER, Skipped
from reference_models.data.manifest import Entry, Manifest, checked, refused
from reference_models.data.sources import Listed

THREADS = 16
"""Number of threads; headers are small, so that most of the time is waiting for the disk."""

Advance = Callable[[int], object]


def probe(
    listed: Sequence[Listed],
    source: str,
    max_skipped_share: float,
    advance: Advance,
    *,
    responses: bool = False,
) -> tuple[Manifest, Skipped]:
    """Return a manifest of the files that can be opened, and the files that cannot.

    Room impulse ``responses`` may have more channels than other files.

    Raises:
        InputError: no file can be opened, more than the share cannot, or two share a name.
    """
    opened = partial(_entry, MAX_RESPONSE_CHANNELS if responses else MAX_CHANNELS)
    skipped = Skipped(int(max_skipped_share * len(listed)))
    entries = []
    with _threads() as threads:
        for one, found in zip(listed, threads.map(opened, listed), strict=True):
            advance(1)
            if isinstance(found, Entry):
                entries.append(found)
            else:
                skipped.add(one.uid, found)
    skipped.check(source)
    return checked(source, tuple(entries)), skipped


@contextmanager
def _threads() -> Iterator[ThreadPoolExecutor]:
    """Yield a thread pool that cancels pending work when the block ends, as by an interruption."""
    threads = ThreadPoolExecutor(THREADS)
    try:
        yield threads
    finally:
        threads.shutdown(cancel_futures=True)


def _entry(max_channels: int, listed: Listed) -> Entry | str:
    """Return the entry, or the reason why there is none."""
    try:
        audio = open_audio(listed.path, max_channels=max_channels)
    except InputError as error:
        return str(error).replace("\n", "; ")
    duration_s = audio.samples / audio.rate_hz
    return Entry(listed.uid, listed.path, listed.speaker, duration_s, audio.rate_hz)


def check_responses(responses: Manifest, advance: Advance) -> None:
    """Read every room impulse response.

    Raises:
        InputError: one cannot be read or has a channel without a signal; all of those are named.
    """
    problems = []
    with _threads() as threads:
        for found in threads.map(_silent_channels, responses.entries):
            advance(1)
            problems += found
    if problems:
        raise refused(responses.source, problems)


def _silent_channels(entry: Entry) -> list[Problem]:
    try:
        audio = open_audio(entry.path, max_channels=MAX_RESPONSE_CHANNELS)
        peaks = np.max([np.abs(block).max(axis=1) for block in audio.blocks()], axis=0)
    except InputError as error:
        return [
            Problem(str(entry.path), problem.given, problem.allowed) for problem in error.problems
        ]
    given = "a room impulse response of zeros"
    return [
        Problem(f"{entry.path}, channel {channel}", given, "one with a signal")
        for channel, peak in enumerate(peaks.tolist(), start=1)
        if peak**2 < SILENCE_POWER
    ]
