"""Find the tables that codes index: a code has as many values as its table has rows.

An untrained codec may use few of its codewords, so that the range of its codes says little. Only
codes that reach the table unchanged are followed; an index that is computed, such as one with an
offset into a table of several codebooks, says nothing about the size of a single code.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import torch
from torch import Tensor
from torch.utils.weak import WeakIdKeyDictionary

from lrac_audit.witness.dispatch import LightDispatchMode, tensors_in
from lrac_audit.witness.trace.formulas.formula_table import words
from lrac_audit.witness.trace.operator_call import operator_of
from lrac_audit.witness.wire.leaves import named_parts

MOVES = frozenset(
    f"aten.{name}"
    for name in words("""
    view _unsafe_view _reshape_alias reshape squeeze unsqueeze transpose t permute as_strided select
    slice split split_with_sizes chunk unbind detach alias clone copy _to_copy contiguous flatten
    lift_fresh cat stack movedim""")
)
"""Operators after which codes are still the same codes, each as often as before."""

Lookups = Mapping[int, Fraction]
"""How many codes index a table of so many rows."""


class TableWatch(LightDispatchMode):  # type: ignore[no-untyped-call]
    """Dispatch mode that finds lookups by codes."""

    def __init__(self, codes: Any) -> None:
        super().__init__()
        self.lookups: dict[str, dict[int, Fraction]] = {}
        """The lookups by the place of the codes in what is handed over."""
        self._names = WeakIdKeyDictionary()
        self._sizes: dict[str, int] = {}
        for name, part in named_parts(codes):
            if isinstance(part, Tensor):
                self._names[part], self._sizes[name] = frozenset({name}), part.numel()

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Run one operator, and follow the codes through it."""
        result = func(*args, **(kwargs or {}))
        name = operator_of(func).name
        if name in MOVES:
            given = list(tensors_in(args))
            if given and all(tensor in self._names for tensor in given):
                names = frozenset().union(*(self._names[tensor] for tensor in given))
                for tensor in tensors_in(result):
                    self._names[tensor] = names
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
        if rows is not None and index in self._names and index.dtype != torch.bool:
            self._note(rows, index.numel(), self._names[index])

    def _note(self, rows: int, codes: int, names: frozenset[str]) -> None:
        """Add the lookups of codes that were joined from several places, to each its share."""
        size = sum(self._sizes[name] for name in names)
        for name in names:
            share = Fraction(codes * self._sizes[name], max(size, 1))
            known = self.lookups.setdefault(name, {})
            known[rows] = known.get(rows, Fraction(0)) + share


def lookups_of(dequantise: Callable[[Any], Tensor], codes: Any) -> Mapping[str, Lookups]:
    """Return the lookups in the receiver's part of the quantizer, by the place of the codes."""
    watch = TableWatch(codes)
    with torch.no_grad(), watch:
        dequantise(codes)
    return watch.lookups


def all_lookups(by_place: Mapping[str, Lookups]) -> Lookups:
    """Return the lookups of codes of all places together."""
    total: dict[int, Fraction] = {}
    for lookups in by_place.values():
        for rows, count in lookups.items():
            total[rows] = total.get(rows, Fraction(0)) + count
    return total


def lookups_per_hop(short: Lookups, long: Lookups, more_hops: int) -> Lookups:
    """Return the lookups per hop, from those of a clip and of one that is longer."""
    added = {rows: (count - short.get(rows, 0)) / more_hops for rows, count in long.items()}
    return {rows: count for rows, count in added.items() if count > 0 and rows > 1}


def table_bits_per_hop(lookups: Lookups, codes_per_hop: float) -> float:
    """Return the bits per hop by the sizes of tables, for codes that are looked up once each.

    0 where codes are looked up more than once in tables of several sizes: which is whose is not
    known then.
    """
    if len(lookups) == 1:
        ((rows, count),) = lookups.items()
        return min(float(count), codes_per_hop) * math.log2(rows)
    if sum(lookups.values()) > codes_per_hop:
        return 0.0
    return sum(float(count) * math.log2(rows) for rows, count in lookups.items())
