"""Find the tables that codes index: a code has as many values as its table has rows.

An untrained codec may use few of its codewords, so that the range of its codes says little. Only
codes that reach the table unchanged are followed; an index that is computed, such as one with an
offset into a table of several codebooks, says nothing about the size of a single code.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.utils.weak import WeakIdKeyDictionary

from lrac_audit.witness.dispatch import LightDispatchMode, tensors_in
from lrac_audit.witness.trace.formulas.formula_table import words
from lrac_audit.witness.trace.operator_call import operator_of

MOVES = frozenset(
    f"aten.{name}"
    for name in words("""
    view _unsafe_view _reshape_alias reshape squeeze unsqueeze transpose t permute as_strided select
    slice split split_with_sizes chunk unbind detach alias clone copy _to_copy contiguous flatten
    lift_fresh cat stack movedim""")
)
"""Operators after which codes are still the same codes, each as often as before."""

Lookups = Counter[int]
"""How many codes index a table of so many rows."""


class TableWatch(LightDispatchMode):  # type: ignore[no-untyped-call]
    """Dispatch mode that finds lookups by codes."""

    def __init__(self, codes: Any) -> None:
        super().__init__()
        self.lookups: Lookups = Counter()
        self._codes = WeakIdKeyDictionary()
        for tensor in tensors_in(codes):
            self._codes[tensor] = True

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Run one operator, and follow the codes through it."""
        result = func(*args, **(kwargs or {}))
        name = operator_of(func).name
        if name in MOVES:
            given = list(tensors_in(args))
            if given and all(tensor in self._codes for tensor in given):
                for tensor in tensors_in(result):
                    self._codes[tensor] = True
        else:
            self._look_up(name, args)
        return result

    def _look_up(self, name: str, args: tuple[Any, ...]) -> None:
        """Note a lookup by codes alone."""
        rows: int | None = None
        if name == "aten.embedding":
            rows, index = args[0].shape[0], args[1]
        elif name == "aten.index_select":
            rows, index = args[0].shape[args[1]], args[2]
        elif name == "aten.index" and len(list(tensors_in(args[1]))) == 1:
            axis = next(at for at, each in enumerate(args[1]) if each is not None)
            rows, index = args[0].shape[axis], args[1][axis]
        if rows is not None and index in self._codes and index.dtype != torch.bool:
            self.lookups[rows] += index.numel()


def lookups_of(dequantise: Callable[[Any], Tensor], codes: Any) -> Lookups:
    """Return the lookups of ``codes`` in the receiver's part of the quantizer."""
    watch = TableWatch(codes)
    with torch.no_grad(), watch:
        dequantise(codes)
    return watch.lookups


def table_bits_per_hop(
    short: Mapping[int, int], long: Mapping[int, int], codes_per_hop: float, more_hops: int
) -> float:
    """Return the bits per hop by the sizes of tables, for codes that are looked up once each.

    0 where codes are looked up more than once in tables of several sizes: which is whose is not
    known then.
    """
    added = {rows: (count - short.get(rows, 0)) / more_hops for rows, count in long.items()}
    added = {rows: count for rows, count in added.items() if count > 0 and rows > 1}
    if len(added) == 1:
        ((rows, count),) = added.items()
        return min(count, codes_per_hop) * math.log2(rows)
    if sum(added.values()) > codes_per_hop:
        return 0.0
    return sum(count * math.log2(rows) for rows, count in added.items())
