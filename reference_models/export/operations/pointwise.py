"""Operations on each row, or each value, by itself."""

from __future__ import annotations

from dataclasses import dataclass

from reference_models.export.operations.operation import Operation


@dataclass(frozen=True, kw_only=True)
class Activate(Operation):
    """Write a pointwise activation of the design's kinds.

    Constants: its learned values, one a channel or a single one.
    """

    kind: str
    parameters: tuple[tuple[str, float], ...]
    """All of its parameters, the defaults included."""


@dataclass(frozen=True, kw_only=True)
class Add(Operation):
    """Write the sum of two values."""


@dataclass(frozen=True, kw_only=True)
class Subtract(Operation):
    """Write the first value minus the second."""


@dataclass(frozen=True, kw_only=True)
class Scale(Operation):
    """Write the value with each column times a constant ``[C]``."""


@dataclass(frozen=True, kw_only=True)
class Normalise(Operation):
    """Write each row over its root mean square, after its mean is subtracted if it is ``centred``.

    ``epsilon`` is added to the mean square. Constants: a factor ``[C]`` for each column, and a
    shift ``[C]`` if it is centred.
    """

    centred: bool
    epsilon: float


@dataclass(frozen=True, kw_only=True)
class Gate(Operation):
    """Write the first half of the columns, behind a SiLU, times the second half."""
