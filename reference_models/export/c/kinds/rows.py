"""Calls of operations that lay rows and columns out anew."""

from __future__ import annotations

from collections.abc import Callable

from reference_models.export.c.code import SideCode
from reference_models.export.c.kinds.registry import call, enter, places_of
from reference_models.export.operations.operation import Operation
from reference_models.export.operations.rows import Average, Concatenate, Repeat, Select, Shuffle


def _concatenate(code: SideCode, op: Concatenate) -> list[str]:
    y, first, calls = code.program.values[op.writes], 0, []
    for name in op.reads:
        columns = code.program.values[name].columns
        to = f"{code.value(op.writes)} + {first}"
        calls += call("columns", to, y.columns, code.value(name), columns, y.rows, columns)
        first += columns
    return calls


def _select(code: SideCode, op: Select) -> list[str]:
    x, y = code.program.values[op.reads[0]], code.program.values[op.writes]
    start = f"{code.value(op.reads[0])} + {op.first}"
    return call("columns", code.value(op.writes), y.columns, start, x.columns, y.rows, y.columns)


def _repeat(code: SideCode, op: Repeat) -> list[str]:
    return call("repeat", *places_of(code, op), op.factor)


def _to_rows(function: str, factor: str) -> Callable[[SideCode, Operation], list[str]]:
    def calls(code: SideCode, op: Operation) -> list[str]:
        x, y = code.program.values[op.reads[0]], code.program.values[op.writes]
        rows = min(x.rows, y.rows)
        places = code.value(op.writes), code.value(op.reads[0]), rows, y.columns
        return call(function, *places, getattr(op, factor))

    return calls


enter(Concatenate, "columns", _concatenate)
enter(Select, "columns", _select)
enter(Repeat, "repeat", _repeat)
enter(Shuffle, "shuffle", _to_rows("shuffle", "factor"))
enter(Average, "average", _to_rows("average", "count"))
