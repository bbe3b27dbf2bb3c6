"""Spreadsheet functions that pycel lacks or takes otherwise than Office Open XML does."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from pycel import excellib
from pycel.excelutil import flatten, is_array_arg
from pycel.lib import stats


def _numbers(arguments: tuple[Any, ...]) -> Iterator[float]:
    """The numbers in cells and ranges; text, truth values and empty cells are passed over."""
    for value in flatten(arguments):
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield value


def product(*arguments: Any) -> float:
    """The product of all numbers."""
    return math.prod(_numbers(arguments))


def counta(*arguments: Any) -> int:
    """How many cells are not empty; a cell with an empty text is not empty."""
    return sum(value is not None for value in flatten(arguments))


def countif(cells: Any, criterion: Any) -> int:
    """How many cells meet a criterion; an empty cell as the criterion stands for 0."""
    return stats.countif(cells, 0 if criterion is None else criterion)


def sumproduct(*arrays: Any) -> Any:
    """The sum of products of arrays; of a single value, that value."""
    if len(arrays) == 1 and not is_array_arg(arrays[0]):
        return arrays[0]
    return excellib.sumproduct(*arrays)
