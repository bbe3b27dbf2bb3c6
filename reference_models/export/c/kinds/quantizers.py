"""Calls of quantizers."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from reference_models.export.c.code import SideCode
from reference_models.export.c.kinds.registry import call, enter, places_of
from reference_models.export.c.packing import halved_energies, packed
from reference_models.export.operations.quantizers import Lookup, Rescale, Round, ScalarCode, Search


def _search(code: SideCode, op: Search) -> list[str]:
    codebook = code.program.constants[op.constants[0]]
    packs = code.weights(packed(-codebook)), code.weights(halved_energies(codebook))
    return call("search", *places_of(code, op), len(codebook), *packs)


def _lookup(code: SideCode, op: Lookup) -> list[str]:
    y = code.program.values[op.writes]
    places = code.value(op.writes), code.value(op.reads[0]), y.rows, y.columns
    table = code.lookup_table(code.program.constants[op.constants[0]])
    return call("lookup_int8" if code.is_int8 else "lookup", *places, table)


def _levels(code: SideCode, op: ScalarCode) -> str:
    """Enter the levels of each column and return the name of their table."""
    entries = []
    for count, finer in zip(op.counts, op.finer, strict=True):
        half, offset = (count - 1) * 1.001 / 2, 0.5 if count % 2 == 0 else 0.0
        numbers = count, float(finer), half, math.atanh(offset / half)
        entries.append(f"{{{', '.join(map(repr, numbers))}}}")
    return code.table("lrac_levels", entries)


def _scalar(function: str) -> Callable[[SideCode, Any], list[str]]:
    def calls(code: SideCode, op: ScalarCode) -> list[str]:
        rows = code.program.values[op.writes].rows
        places = code.value(op.writes), code.value(op.reads[0]), rows, len(op.counts)
        return call(function, *places, _levels(code, op), int(op.signs))

    return calls


enter(Search, "search", _search)
enter(Round, "round", _scalar("round"))
enter(Rescale, "rescale", _scalar("rescale"))
enter(Lookup, "lookup", _lookup)
