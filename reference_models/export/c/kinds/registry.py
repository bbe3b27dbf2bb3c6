"""The registry of the kinds of operations in C."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from lrac_audit.design.kind_registry import KindRegistry
from reference_models.export.c.code import SideCode
from reference_models.export.operations.operation import Operation
from reference_models.export.program import Program


def _none(program: Program, operation: Any) -> int:
    return 0


class InC(NamedTuple):
    """One kind of operation in C."""

    source: Callable[[Any], str]
    """The file of the runtime that an operation of the kind needs."""
    calls: Callable[[SideCode, Any], list[str]]
    """The calls, without semicolons."""
    room_behind: Callable[[Program, Any], int] = _none
    """Floats that it writes behind its result."""
    working_space: Callable[[Program, Any], int] = _none
    """Floats of working space."""


IN_C: KindRegistry[InC] = KindRegistry("code in C")
"""The C code of each kind of operation."""


def enter(
    kind: type[Operation],
    source: str | Callable[[Any], str],
    calls: Callable[[SideCode, Any], list[str]],
    **room: Callable[[Program, Any], int],
) -> None:
    """Enter a kind: its file of the runtime, or that of an operation, and its calls."""
    of = source if callable(source) else lambda _: f"operations/{source}.c"
    IN_C.add(kind)(InC(of, calls, **room))


def call(function: str, *arguments: object) -> list[str]:
    """Return the call of a function of the runtime, alone in a list."""
    return [f"lrac_{function}({', '.join(map(str, arguments))})"]


def places_of(code: SideCode, op: Operation) -> list[object]:
    """Return the result, what is read, and its rows and columns, with which most calls begin."""
    x = code.program.values[op.reads[0]]
    return [code.value(op.writes), code.value(op.reads[0]), x.rows, x.columns]
