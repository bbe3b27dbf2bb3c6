"""Distances: differences of tensors that are squared, and summed.

Whether a distance is arithmetic of a codebook search shows only when the nearest is chosen. If both
tensors are broadcast against each other, every one is compared with every other, and the sum of the
squares is a matrix product already.
"""

from __future__ import annotations

from typing import NamedTuple

MOST_RECORDS = 8
MOST_ADDED = 256
"""Records of a distance, and distances of an addition, that are kept: a recursion over time adds to
itself without end."""


class Distance(NamedTuple):
    """A difference, and what became of it."""

    records: frozenset[int]
    """The records it is made by."""
    values: int
    """Values that are squared; each is one multiply-accumulate."""
    is_spread: bool
    """Whether both tensors are broadcast against each other."""
    counted: int = -1
    """The record of the squares; -1 before there are any."""

    @property
    def is_squared(self) -> bool:
        """Whether there are squares."""
        return self.counted >= 0

    def then(self, index: int) -> Distance:
        """Return the same distance after another operation on it."""
        if len(self.records) >= MOST_RECORDS:
            return self
        return self._replace(records=self.records | {index})

    def squared(self, index: int) -> Distance:
        """Return the same distance after it is squared."""
        return self.then(index)._replace(counted=index)


Distances = tuple[Distance, ...]
