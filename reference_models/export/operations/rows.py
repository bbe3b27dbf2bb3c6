"""Operations on rows: those that wait for others, and those that move or repeat values."""

from __future__ import annotations

from dataclasses import dataclass

from reference_models.export.operations.operation import Operation, WithMemory


@dataclass(frozen=True, kw_only=True)
class Join(WithMemory):
    """Put the kept rows before those of the input; keep as many of the last rows.

    In the input, rows that are not ``valid`` count as zeros. It may keep none.
    """


@dataclass(frozen=True, kw_only=True)
class Delay(Operation):
    """Give the kept rows and then those of the input, as many as the input has; keep the rest."""


@dataclass(frozen=True, kw_only=True)
class Concatenate(Operation):
    """Write the columns of all values side by side."""


@dataclass(frozen=True, kw_only=True)
class Select(Operation):
    """Write the columns from ``first`` on, as many as the result has."""

    first: int


@dataclass(frozen=True, kw_only=True)
class Repeat(Operation):
    """Write each row ``factor`` times."""

    factor: int


@dataclass(frozen=True, kw_only=True)
class Shuffle(Operation):
    """Write ``factor`` rows for each: column ``c`` of row ``j`` of them is ``c factor + j``."""

    factor: int


@dataclass(frozen=True, kw_only=True)
class Average(Operation):
    """Write the mean of every ``count`` rows."""

    count: int
