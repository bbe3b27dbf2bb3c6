"""The C calls of each kind of operation."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from lrac_audit.design.kind_registry import KindRegistry
from reference_models.export.c.code import Shape, SideCode
from reference_models.export.c.packing import (
    halved_energies,
    packed,
    packed_convolution,
    packed_transposed,
)
from reference_models.export.operations import (
    Activate,
    Add,
    Average,
    Concatenate,
    Convolve,
    ConvolveTransposed,
    Delay,
    Gate,
    Join,
    Lookup,
    Normalise,
    Operation,
    Recur,
    Repeat,
    Rescale,
    Round,
    ScalarCode,
    Scale,
    Search,
    Select,
    Shuffle,
    Subtract,
)
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


def _enter(
    kind: type[Operation],
    source: str | Callable[[Any], str],
    calls: Callable[[SideCode, Any], list[str]],
    **room: Callable[[Program, Any], int],
) -> None:
    of = source if callable(source) else lambda _: f"operations/{source}.c"
    IN_C.add(kind)(InC(of, calls, **room))


def _call(function: str, *arguments: object) -> list[str]:
    return [f"lrac_{function}({', '.join(map(str, arguments))})"]


def _join(code: SideCode, op: Join) -> list[str]:
    x, window = code.program.values[op.reads[0]], code.program.values[op.writes]
    past = window.rows - x.rows
    source = "NULL" if op.reads[0] in code.in_windows else code.value(op.reads[0])
    places = code.value(op.writes), code.state(op.keeps), past, source
    return _call("join", *places, x.rows, x.columns, code.span(op.valid))


def _delay(code: SideCode, op: Delay) -> list[str]:
    x, kept = code.program.values[op.reads[0]], code.program.states[op.keeps[0]]
    held = kept.rows * kept.columns
    places = code.value(op.writes), code.state(op.keeps), held, code.value(op.reads[0])
    return _call("delay", *places, x.rows * x.columns)


def _convolve(code: SideCode, op: Convolve) -> list[str]:
    x, y = code.program.values[op.reads[0]], code.program.values[op.writes]
    run = x.columns // op.groups
    taps = op.kernel, op.dilation * x.columns, run
    if op.groups == op.dilation == 1:
        taps = 1, 0, op.kernel * run
    shape = Shape(y.rows, op.stride * x.columns, *taps, y.columns // op.groups, y.columns)
    weight = packed_convolution(code.program.constants[op.constants[0]], op.groups)
    start = f"{code.value(op.reads[0])} + {op.first * x.columns}"
    weights = code.weights(weight), code.constant(op.constants, 1)
    return _call("convolve", *weights, start, code.value(op.writes), op.groups, shape)


def _transposed(code: SideCode, op: ConvolveTransposed) -> list[str]:
    x, y = code.program.values[op.reads[0]], code.program.values[op.writes]
    maps, outputs = (1, op.kernel * y.columns) if op.groups == 1 else (op.kernel, y.columns)
    step = op.stride * y.columns
    run = x.columns // op.groups
    shape = Shape(x.rows, x.columns, 1, 0, run, outputs // op.groups, step, adds=1)
    weight = packed_transposed(code.program.constants[op.constants[0]], op.groups)
    places = code.value(op.reads[0]), code.value(op.writes), code.state(op.keeps)
    overlap = op.kernel - op.stride
    sizes = overlap, x.rows * op.stride, y.columns, maps, op.groups
    weights = code.weights(weight), code.constant(op.constants, 1)
    span = code.span(op.valid)
    return _call("convolve_transposed", *weights, *places, *sizes, span, shape)


def _overlap(program: Program, op: ConvolveTransposed) -> int:
    return (op.kernel - op.stride) * program.values[op.writes].columns


def _activate(code: SideCode, op: Activate) -> list[str]:
    x = code.program.values[op.reads[0]]
    places = code.value(op.writes), code.value(op.reads[0]), x.rows * x.columns
    values = [f"{float(value)!r}f" for _, value in op.parameters]
    learned = [
        text
        for which, name in enumerate(op.constants)
        for text in (code.constant(op.constants, which), code.program.constants[name].size)
    ]
    return _call(op.kind, *places, *values, *learned)


def _of_two(function: str) -> Callable[[SideCode, Operation], list[str]]:
    def calls(code: SideCode, op: Operation) -> list[str]:
        y = code.program.values[op.writes]
        reads = [code.value(name) for name in op.reads]
        return _call(function, code.value(op.writes), *reads, y.rows * y.columns)

    return calls


def _places(code: SideCode, op: Operation) -> list[object]:
    """Return the result, what is read, and its rows and columns, with which most calls begin."""
    x = code.program.values[op.reads[0]]
    return [code.value(op.writes), code.value(op.reads[0]), x.rows, x.columns]


def _scale(code: SideCode, op: Scale) -> list[str]:
    return _call("scale", *_places(code, op), code.constant(op.constants, 0))


def _normalise(code: SideCode, op: Normalise) -> list[str]:
    constants = code.constant(op.constants, 0), code.constant(op.constants, 1)
    return _call("normalise", *_places(code, op), *constants, f"{float(op.epsilon)!r}f")


def _gate(code: SideCode, op: Gate) -> list[str]:
    y = code.program.values[op.writes]
    return _call("gate", code.value(op.writes), code.value(op.reads[0]), y.rows, y.columns)


def _concatenate(code: SideCode, op: Concatenate) -> list[str]:
    y, first, calls = code.program.values[op.writes], 0, []
    for name in op.reads:
        columns = code.program.values[name].columns
        to = f"{code.value(op.writes)} + {first}"
        calls += _call("columns", to, y.columns, code.value(name), columns, y.rows, columns)
        first += columns
    return calls


def _select(code: SideCode, op: Select) -> list[str]:
    x, y = code.program.values[op.reads[0]], code.program.values[op.writes]
    start = f"{code.value(op.reads[0])} + {op.first}"
    return _call("columns", code.value(op.writes), y.columns, start, x.columns, y.rows, y.columns)


def _repeat(code: SideCode, op: Repeat) -> list[str]:
    return _call("repeat", *_places(code, op), op.factor)


def _to_rows(function: str, factor: str) -> Callable[[SideCode, Operation], list[str]]:
    def calls(code: SideCode, op: Operation) -> list[str]:
        x, y = code.program.values[op.reads[0]], code.program.values[op.writes]
        rows = min(x.rows, y.rows)
        places = code.value(op.writes), code.value(op.reads[0]), rows, y.columns
        return _call(function, *places, getattr(op, factor))

    return calls


def _recur(code: SideCode, op: Recur) -> list[str]:
    x, y = code.program.values[op.reads[0]], code.program.values[op.writes]
    states = [code.state((name,)) for name in op.keeps]
    places = code.value(op.writes), code.value(op.reads[0]), *states, code.workspace(op.writes)
    weights = [code.weights(packed(code.program.constants[name])) for name in op.constants[:2]]
    biases = code.constant(op.constants, 2), code.constant(op.constants, 3)
    sizes = y.rows, x.columns, y.columns, code.span(op.valid)
    return _call(op.kind, *places, *sizes, *weights, *biases)


def _gates(program: Program, op: Recur) -> int:
    """Return the floats of a recurrent layer's products with its input and with its state."""
    return 2 * int(program.constants[op.constants[0]].shape[0])


def _search(code: SideCode, op: Search) -> list[str]:
    codebook = code.program.constants[op.constants[0]]
    packs = code.weights(packed(codebook)), code.weights(halved_energies(codebook))
    return _call("search", *_places(code, op), len(codebook), *packs)


def _lookup(code: SideCode, op: Lookup) -> list[str]:
    y = code.program.values[op.writes]
    places = code.value(op.writes), code.value(op.reads[0]), y.rows, y.columns
    return _call("lookup", *places, code.constant(op.constants, 0))


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
        return _call(function, *places, _levels(code, op), int(op.signs))

    return calls


_enter(Join, "join", _join)
_enter(Delay, "delay", _delay)
_enter(Convolve, "convolve", _convolve)
_enter(ConvolveTransposed, "convolve_transposed", _transposed, room_behind=_overlap)
_enter(Activate, lambda op: f"activations/{op.kind}.c", _activate)
_enter(Add, "add", _of_two("add"))
_enter(Subtract, "subtract", _of_two("subtract"))
_enter(Scale, "scale", _scale)
_enter(Normalise, "normalise", _normalise)
_enter(Gate, "gate", _gate)
_enter(Concatenate, "columns", _concatenate)
_enter(Select, "columns", _select)
_enter(Repeat, "repeat", _repeat)
_enter(Shuffle, "shuffle", _to_rows("shuffle", "factor"))
_enter(Average, "average", _to_rows("average", "count"))
_enter(Recur, lambda op: f"operations/{op.kind}.c", _recur, working_space=_gates)
_enter(Search, "search", _search)
_enter(Round, "round", _scalar("round"))
_enter(Rescale, "rescale", _scalar("rescale"))
_enter(Lookup, "lookup", _lookup)
