"""Calls of operations on each value or each row by itself."""

from __future__ import annotations

from collections.abc import Callable

from reference_models.export.c.code import SideCode
from reference_models.export.c.kinds.registry import call, enter, places_of
from reference_models.export.operations.operation import Operation
from reference_models.export.operations.pointwise import (
    Activate,
    Add,
    Gate,
    Normalise,
    Scale,
    Subtract,
)


def _activate(code: SideCode, op: Activate) -> list[str]:
    x = code.program.values[op.reads[0]]
    places = code.value(op.writes), code.value(op.reads[0]), x.rows * x.columns
    values = [f"{float(value)!r}f" for _, value in op.parameters]
    learned = [
        text
        for which, name in enumerate(op.constants)
        for text in (code.constant(op.constants, which), code.program.constants[name].size)
    ]
    return call(op.kind, *places, *values, *learned)


def _of_two(function: str) -> Callable[[SideCode, Operation], list[str]]:
    def calls(code: SideCode, op: Operation) -> list[str]:
        y = code.program.values[op.writes]
        reads = [code.value(name) for name in op.reads]
        return call(function, code.value(op.writes), *reads, y.rows * y.columns)

    return calls


def _scale(code: SideCode, op: Scale) -> list[str]:
    return call("scale", *places_of(code, op), code.constant(op.constants, 0))


def _normalise(code: SideCode, op: Normalise) -> list[str]:
    constants = code.constant(op.constants, 0), code.constant(op.constants, 1)
    return call("normalise", *places_of(code, op), *constants, f"{float(op.epsilon)!r}f")


def _gate(code: SideCode, op: Gate) -> list[str]:
    y = code.program.values[op.writes]
    return call("gate", code.value(op.writes), code.value(op.reads[0]), y.rows, y.columns)


enter(Activate, lambda op: f"activations/{op.kind}.c", _activate)
enter(Add, "add", _of_two("add"))
enter(Subtract, "subtract", _of_two("subtract"))
enter(Scale, "scale", _scale)
enter(Normalise, "normalise", _normalise)
enter(Gate, "gate", _gate)
