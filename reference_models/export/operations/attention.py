"""Attention of each row to those in its window."""

from __future__ import annotations

from dataclasses import dataclass

from reference_models.export.operations.operation import WithMemory


@dataclass(frozen=True, kw_only=True)
class Attend(WithMemory):
    """Write the attention of each step to a window of steps.

    The columns of the input are queries, keys and values, a third each, and within each of them
    head by head. It keeps keys and values ``[window - 1 + look_ahead, C]``, and queries
    ``[look_ahead, C]`` if there is a look-ahead. Query ``i`` of those kept and new attends to the
    keys ``i`` to ``i + window - 1 + look_ahead`` of those kept and new, except to steps outside the
    clip: new key ``i`` is one if row ``i`` is not ``valid``, and those before it are older steps.
    Scores are products over ``sqrt(C / heads)``; the softmax of them weighs the values. A step that
    may attend to none gives zeros.

    Before that, ``rotary`` turns queries and keys by their step in the clip: of the two halves of a
    head's columns, the pair ``p`` of ``P`` turns by ``10000 ** (-p / P)`` in each step. Constant:
    with a learned position, what is added to the scores of a head, ``[heads, keys]``.
    """

    window: int
    look_ahead: int
    heads: int
    rotary: bool

    @property
    def start_frames(self) -> int:
        """Frames in which some window reaches beyond the first step."""
        past = self.window - 1 + self.look_ahead
        return -(-(self.valid.lag + past) // self.valid.rows)
