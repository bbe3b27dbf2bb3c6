"""Loader of utterances: read and augmented in the order of need, in any number of processes."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from lrac_audit.errors import InputError, Problem
from reference_models.data.audio_files import read_mono
from reference_models.data.augmentation import Augmenter, SilentResponseError
from reference_models.data.manifest import Entry
from reference_models.data.sampler import Window


class Loaded(NamedTuple):
    """A loaded utterance, or the one in its place when its file cannot be read."""

    uid: str
    target: Tensor
    """``[T]``"""
    input: Tensor
    """``[T]``"""
    starts: dict[int, int]
    """First sample of each window by its planned first sample; they differ only in an utterance
    that replaces another."""
    unusable: list[tuple[str, str]]
    """Entries that were tried before, with the problem of each."""


class _Refusal(NamedTuple):
    """The content of an :class:`InputError`, which cannot be pickled, from another process."""

    source: str
    problems: tuple[Problem, ...]


def load_utterances(
    entries: Sequence[Entry],
    batches: Sequence[Sequence[Window]],
    skip_batches: int,
    rate_hz: int,
    augment: Augmenter | None,
    epoch: int,
    workers: int,
) -> Iterator[Loaded]:
    """Yield the utterances for ``batches`` after the first ``skip_batches``, in the order of need.

    Raises:
        InputError: a room impulse response is silent, or not one utterance can be read.
    """
    utterances = _Utterances(entries, batches, skip_batches, rate_hz, augment, epoch)
    loader = DataLoader(
        utterances,
        batch_size=None,
        num_workers=workers,
        collate_fn=_unchanged,
        generator=torch.Generator(),  # else it would draw from torch's own, which training uses
    )
    for found in loader:
        if isinstance(found, _Refusal):
            raise InputError(found.source, found.problems)
        yield _private(found) if workers else found


class _Utterances(Dataset[Any]):
    """A dataset of utterances, by their place in the order of need."""

    def __init__(
        self,
        entries: Sequence[Entry],
        batches: Sequence[Sequence[Window]],
        skip_batches: int,
        rate_hz: int,
        augment: Augmenter | None,
        epoch: int,
    ) -> None:
        self._rate_hz, self._augment, self._epoch = rate_hz, augment, epoch
        self._starts: dict[int, list[int]] = {}
        for window in sorted(window for batch in batches for window in batch):
            self._starts.setdefault(window.utterance, []).append(window.start)
        self._all = list(self._starts)
        self._entries = {utterance: entries[utterance] for utterance in self._all}
        needed = (window.utterance for batch in batches[skip_batches:] for window in batch)
        self._needed = list(dict.fromkeys(needed))

    def __len__(self) -> int:
        return len(self._needed)

    def __getitem__(self, place: int) -> Loaded | _Refusal:
        utterance = self._needed[place]
        first, count = bisect_left(self._all, utterance), len(self._all)
        unusable: list[tuple[str, str]] = []
        for candidate in (self._all[(first + i) % count] for i in range(count)):
            try:
                return self._load(utterance, candidate, unusable)
            except SilentResponseError as error:
                return _Refusal(error.source, error.problems)
            except InputError as error:
                unusable.append((self._entries[candidate].uid, str(error).replace("\n", "; ")))
        problem = Problem("audio", f"only files as this one: {unusable[0][1]}", "a file to read")
        return _Refusal(self._entries[utterance].uid, (problem,))

    def _load(self, utterance: int, candidate: int, unusable: list[tuple[str, str]]) -> Loaded:
        entry = self._entries[candidate]
        speech = read_mono(entry, self._rate_hz)
        target = source = torch.from_numpy(speech)
        if self._augment is not None:
            augmented = self._augment(speech, (self._epoch, candidate))
            target, source = torch.from_numpy(augmented.target), torch.from_numpy(augmented.input)
        planned, real = self._starts[utterance], self._starts[candidate]
        starts = {start: real[i % len(real)] for i, start in enumerate(planned)}
        return Loaded(entry.uid, target, source, starts, unusable)


def _unchanged(loaded: Any) -> Any:
    return loaded


def _private(loaded: Loaded) -> Loaded:
    """Copy tensors to memory of this process: each shared one would keep a file descriptor."""
    target = loaded.target.clone()
    same = loaded.input.data_ptr() == loaded.target.data_ptr()
    return loaded._replace(target=target, input=target if same else loaded.input.clone())
