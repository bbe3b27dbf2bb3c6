"""Buffers that the operations of one side read and write in a frame, and which of them live when.

The operations run in the order of the ledger. Each writes its output into a buffer, which is given
back as a whole after the last operation that reads it. An operation that works in place writes over
the inputs that nothing reads after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

Signal = tuple[int, ...]
"""The buffers that together hold a signal, such as those of branches laid side by side."""
NOTHING: Signal = ()


class _Operation(NamedTuple):
    name: str
    reads: frozenset[int]
    writes: int
    in_place: bool
    own_values: int


class Dataflow:
    """The operations of a frame of one side, and the sizes of their buffers."""

    def __init__(self, input_values: int) -> None:
        """Begin with a buffer of ``input_values`` values, the input of the side."""
        self._sizes = [input_values]
        self._operations: list[_Operation] = []
        self.input: Signal = (0,)

    def size(self, signal: Signal) -> int:
        """Return the values of ``signal``."""
        return sum(self._sizes[buffer] for buffer in signal)

    def run(
        self, name: str, reads: Signal, values: int, in_place: bool = False, own_values: int = 0
    ) -> Signal:
        """Add an operation that writes so many ``values``; return the signal that it writes.

        ``own_values`` are those that it needs only while it runs.
        """
        written = len(self._sizes)
        self._sizes.append(values)
        self._operations.append(_Operation(name, frozenset(reads), written, in_place, own_values))
        return (written,)

    def live_values(self, output: Signal) -> dict[str, int]:
        """Return the values that live while each operation runs; ``output`` lives to the end.

        Of operations of one name, such as those of one row of the ledger, the largest counts.
        """
        last = self._last_uses(output)
        found: dict[str, int] = {}
        live = self._sizes[0]
        for i, operation in enumerate(self._operations):
            written = self._sizes[operation.writes]
            freed = sum(self._sizes[buffer] for buffer in operation.reads if last[buffer] == i)
            fresh = max(written - freed, 0) if operation.in_place else written
            peak = live + fresh + operation.own_values
            found[operation.name] = max(found.get(operation.name, 0), peak)
            live += (written if last[operation.writes] > i else 0) - freed
        return found

    def _last_uses(self, output: Signal) -> Sequence[int]:
        """Return, for each buffer, the number of the last operation that reads or writes it."""
        last = [0] * len(self._sizes)
        for i, operation in enumerate(self._operations):
            for buffer in (*operation.reads, operation.writes):
                last[buffer] = i
        for buffer in output:
            last[buffer] = len(self._operations)
        return last
