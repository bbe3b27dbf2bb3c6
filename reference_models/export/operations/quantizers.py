"""The search for indices, and the values that indices stand for."""

from __future__ import annotations

from dataclasses import dataclass

from reference_models.export.operations.operation import Operation


@dataclass(frozen=True, kw_only=True)
class Search(Operation):
    """Write the index of the nearest codeword to each row, the first of equals.

    That is the smallest ``|e|^2 / 2 - x.e``. Constant: codebook ``[K, d]``.
    """


@dataclass(frozen=True, kw_only=True)
class Lookup(Operation):
    """Write the table's row of each index. Constant: table ``[K, D]``."""


@dataclass(frozen=True, kw_only=True)
class ScalarCode(Operation):
    """An operation on whole levels, one for each column.

    A level lies between ``-(count // 2)`` and that plus ``count - 1``. The index of a row is the
    sum of its digits ``level + count // 2``, each times the counts of the columns before it.
    """

    counts: tuple[int, ...]
    """Levels of each column."""
    finer: tuple[float, ...]
    """The unit of a column's level is the inverse of this."""
    signs: bool
    """Whether the two levels -1 and 0 stand for the signs of a value."""


@dataclass(frozen=True, kw_only=True)
class Round(ScalarCode):
    """Write the index of each row's nearest levels.

    The level of ``x`` is the nearest whole number, an even one of two, to
    ``tanh(x finer + atanh(offset / half)) half - offset`` with
    ``half = (count - 1) 1.001 / 2`` and ``offset`` 1/2 for an even count and else 0. Of ``signs``
    it is 0 if ``(x finer - 1) / 2 > -1 / 2``, and else -1.
    """


@dataclass(frozen=True, kw_only=True)
class Rescale(ScalarCode):
    """Write the values that each index stands for.

    A level stands for ``level / (count // 2) / finer``, that of a sign for
    ``(2 level + 1) / finer``.
    """
