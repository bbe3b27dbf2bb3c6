"""Sampler of the windows of an epoch and their order: arithmetic on lengths, reading no audio.

Windows follow from the seed, the number of the epoch and the rank, so that any batch of any epoch
can be computed without those before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.intp]

POOL_WINDOWS = 2000
"""Windows that are shuffled together, as in the public recipe: about 0.3 GB of audio at the
recipe's lengths, twice that when input and target differ."""


class RandomUse(IntEnum):
    """Uses of random numbers, no two of which share a stream."""

    ORDER = 0
    OFFSETS = 1
    POOLS = 2
    AUGMENTATION = 3


def generator(seed: int, purpose: RandomUse, *key: int) -> np.random.Generator:
    """Return a generator of random numbers that depend on nothing but the arguments."""
    return np.random.default_rng([seed, int(purpose), *key])


class Window(NamedTuple):
    """A piece of an utterance."""

    utterance: int
    """Its index in the list of lengths."""
    start: int
    """First sample."""


@dataclass(frozen=True, slots=True)
class EpochSampler:
    """Cuts utterances into windows, an epoch at a time."""

    lengths: NDArray[np.int64]
    """Samples of each utterance; all are longer than a window."""
    window_samples: int
    hop_samples: int
    epoch_utterances: int
    """Utterances of an epoch, over all ranks; all there are if there are fewer."""
    batch_size: int
    seed: int
    rank: int
    world_size: int
    training: bool
    """Random offsets, shuffled, whole batches only; otherwise everything, in order, from 0."""

    def batches(self, epoch: int) -> list[list[Window]]:
        """Return the batches of this rank; in training each is full, and every rank has as many."""
        utterances = self._utterances(epoch)
        windows = self._windows(epoch, self._share(utterances, self.rank))
        count, size = self._batch_count(utterances), self.batch_size
        return [windows[i * size : (i + 1) * size] for i in range(count)]

    def batch_count(self, epoch: int) -> int:
        """Return how many batches :meth:`batches` gives."""
        return self._batch_count(self._utterances(epoch))

    def _batch_count(self, utterances: Indices) -> int:
        if not self.training:
            return -(-self._window_count(self._share(utterances, self.rank)) // self.batch_size)
        ranks = range(self.world_size)
        fewest = min(self._window_count(self._share(utterances, rank)) for rank in ranks)
        return fewest // self.batch_size

    def _share(self, utterances: Indices, rank: int) -> Indices:
        return utterances[rank :: self.world_size]

    def _utterances(self, epoch: int) -> Indices:
        """Return the utterances of the epoch, of all ranks, in order."""
        everything = len(self.lengths)
        if not self.training:
            return np.arange(everything)
        size = min(self.epoch_utterances, everything)
        first_pass, start = divmod(epoch * size, everything)
        order = self._order(first_pass, size)
        chosen = order[start : start + size]
        if len(chosen) < size:
            following = self._order(first_pass + 1, size)
            chosen = np.concatenate([chosen, following[: size - len(chosen)]])
        return chosen

    def _order(self, number: int, size: int) -> Indices:
        """Return the order of pass ``number`` over all utterances.

        An epoch may begin at the end of one pass and go on in the next. Its utterances from the
        one come late in the other, so that no epoch has an utterance twice.
        """
        everything = len(self.lengths)
        order = generator(self.seed, RandomUse.ORDER, 0).permutation(everything)
        for this in range(1, number + 1):
            begun = this * everything % size
            just_had = np.zeros(everything, np.bool_)
            just_had[order[everything - begun :]] = True
            order = generator(self.seed, RandomUse.ORDER, this).permutation(everything)
            order = np.concatenate([order[~just_had[order]], order[just_had[order]]])
        return order

    def _window_count(self, utterances: Indices) -> int:
        lengths = self.lengths[utterances]
        return int(((lengths - self.window_samples) // self.hop_samples + 1).sum())

    def _windows(self, epoch: int, utterances: Indices) -> list[Window]:
        offsets = self._offsets(epoch)
        pools: list[list[Window]] = [[]]
        for utterance in utterances.tolist():
            if self.training and len(pools[-1]) >= POOL_WINDOWS:
                pools.append([])
            last = int(self.lengths[utterance]) - self.window_samples
            starts = range(int(offsets[utterance]), last + 1, self.hop_samples)
            pools[-1] += [Window(utterance, start) for start in starts]
        if self.training:
            random = generator(self.seed, RandomUse.POOLS, epoch, self.rank)
            pools = [[pool[i] for i in random.permutation(len(pool))] for pool in pools]
        return [window for pool in pools for window in pool]

    def _offsets(self, epoch: int) -> NDArray[np.int64]:
        """Return a start for each utterance, at random within the range that loses no window."""
        if not self.training:
            return np.zeros(len(self.lengths), np.int64)
        spare = (self.lengths - self.window_samples) % self.hop_samples
        return generator(self.seed, RandomUse.OFFSETS, epoch).integers(0, spare + 1)
