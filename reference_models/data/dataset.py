"""Batches of windows of speech, the same from the same seed for any number of workers.

The public recipe augments whole utterances and cuts them afterwards, so an utterance is read once
an epoch, and kept until its last window is taken. The number of processes that read utterances
does not change the batches.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import torch

from lrac_audit.errors import InputError, Problem
from reference_models.data.audio_files import Skipped
from reference_models.data.augmentation import Augmenter
from reference_models.data.batch import Batch
from reference_models.data.manifest import Entry, Manifest, refused
from reference_models.data.sampler import EpochSampler, Window
from reference_models.data.utterance_loader import Loaded, load_utterances

MAX_SKIPPED_SHARE = 0.05
"""Share of a manifest's files that may be missing or damaged before it is refused."""


class WindowSource:
    """Cuts the utterances of a manifest into windows and batches, an epoch at a time.

    In training, an epoch is the next ``epoch_utterances`` of a walk through the shuffled manifest
    (all of it when it has fewer), the windows of an utterance start at a random offset, windows of
    many utterances are shuffled together, and windows that do not fill a batch on every rank are
    left out. In validation every epoch is the same: all utterances in order, from offset 0,
    augmented in the same way each time, and the last batch may be smaller. Then ranks may differ
    by a batch or more.

    A file that cannot be read is counted in :attr:`skipped`, and windows of the next utterance of
    the epoch take the places of its windows. So batches stay full and stay where they are.
    """

    def __init__(
        self,
        manifest: Manifest,
        *,
        sample_rate_hz: int = 24_000,
        window_samples: int = 62_400,
        hop_fraction: float = 0.5,
        batch_size: int,
        epoch_utterances: int = 10_000,
        seed: int,
        rank: int = 0,
        world_size: int = 1,
        workers: int = 0,
        training: bool,
        augment: Augmenter | None,
        resample: bool = True,
        max_skipped_share: float = MAX_SKIPPED_SHARE,
    ) -> None:
        """Prepare the epochs, without reading audio.

        Args:
            manifest: The utterances. Those that are not longer than a window are left out.
            sample_rate_hz: Sample rate of the windows.
            window_samples: T.
            hop_fraction: Distance from one window to the next, in windows.
            batch_size: B, on this rank.
            epoch_utterances: Utterances of an epoch in training, over all ranks.
            seed: Seed of all random draws, not negative.
            rank: Index of this process among those that train together.
            world_size: Number of those processes.
            workers: Number of processes that read audio; 0 reads in this one.
            training: Whether offsets and order are random.
            augment: Augmentation of an utterance before it is cut; None for none.
            resample: Whether files at another rate are resampled; otherwise they are refused.
            max_skipped_share: Share of the utterances whose files may be unusable.

        Raises:
            InputError: no utterance is longer than a window, or one is at another rate and
                ``resample`` is off.
        """
        if not resample:
            _check_rates(manifest, sample_rate_hz)
        self._source, self._rate_hz = manifest.source, sample_rate_hz
        self._entries = _long_enough(manifest, sample_rate_hz, window_samples)
        self.too_short = len(manifest.entries) - len(self._entries)
        """Utterances that give no window."""
        self._sampler = EpochSampler(
            np.array([entry.samples(sample_rate_hz) for entry in self._entries], np.int64),
            window_samples,
            max(round(hop_fraction * window_samples), 1),
            epoch_utterances,
            batch_size,
            seed,
            rank,
            world_size,
            training,
        )
        self._workers, self._augment = workers, augment
        self.skipped = Skipped(int(max_skipped_share * len(self._entries)))
        """Files that could not be read so far."""

    def batches_in_epoch(self, number: int) -> int:
        """Return how many batches epoch ``number`` has, exactly; in training it varies a little."""
        return self._sampler.batch_count(number)

    def epoch(self, number: int, skip_batches: int = 0) -> Iterator[Batch]:
        """Return the batches of epoch ``number``, from 0, without the first ``skip_batches``.

        Audio that only the skipped batches need is not read.

        Raises:
            InputError: too many files cannot be read, or a room impulse response is silent.
        """
        batches = self._sampler.batches(number)
        epoch = number if self._sampler.training else 0
        loading = load_utterances(
            self._entries,
            batches,
            skip_batches,
            self._rate_hz,
            self._augment,
            epoch,
            self._workers,
        )
        return self._assembled(batches[skip_batches:], loading)

    def _assembled(
        self, batches: Sequence[Sequence[Window]], loading: Iterator[Loaded]
    ) -> Iterator[Batch]:
        """Yield batches from utterances that are loaded in the order of their first window."""
        to_come = Counter(window.utterance for batch in batches for window in batch)
        waiting: dict[int, Loaded] = {}
        for batch in batches:
            for window in batch:
                if window.utterance not in waiting:
                    waiting[window.utterance] = self._accepted(next(loading))
            yield self._batch([(waiting[window.utterance], window.start) for window in batch])
            to_come.subtract(window.utterance for window in batch)
            for utterance in {window.utterance for window in batch}:
                if not to_come[utterance]:
                    del waiting[utterance]

    def _accepted(self, loaded: Loaded) -> Loaded:
        for uid, reason in loaded.unusable:
            self.skipped.add(uid, reason)
        self.skipped.check(self._source)
        return loaded

    def _batch(self, windows: Sequence[tuple[Loaded, int]]) -> Batch:
        places = [(loaded, loaded.starts[start]) for loaded, start in windows]
        size = self._sampler.window_samples
        target = torch.stack([loaded.target[at : at + size] for loaded, at in places])[:, None]
        source = target
        if self._augment is not None:
            source = torch.stack([loaded.input[at : at + size] for loaded, at in places])[:, None]
        return Batch(target, source, tuple(f"{loaded.uid}@{at}" for loaded, at in places))


def _long_enough(manifest: Manifest, rate_hz: int, window_samples: int) -> tuple[Entry, ...]:
    entries = tuple(e for e in manifest.entries if e.samples(rate_hz) > window_samples)
    if not entries:
        given = f"{len(manifest.entries)} utterances, none longer than a window"
        allowed = f"at least one of more than {window_samples / rate_hz:g} s"
        raise InputError(manifest.source, [Problem("duration_s", given, allowed)])
    return entries


def _check_rates(manifest: Manifest, rate_hz: int) -> None:
    problems = [
        Problem(f"{entry.uid}, sample_rate_hz", str(entry.sample_rate_hz), f"{rate_hz}")
        for entry in manifest.entries
        if entry.sample_rate_hz != rate_hz
    ]
    if problems:
        raise refused(manifest.source, problems)
