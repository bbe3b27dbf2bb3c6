"""Calls of convolutions and of what they keep."""

from __future__ import annotations

from reference_models.export.c.code import Shape, SideCode
from reference_models.export.c.kinds.registry import call, enter
from reference_models.export.c.packing import matrices_of_convolution, matrices_of_transposed
from reference_models.export.operations.convolutions import Convolve, ConvolveTransposed
from reference_models.export.operations.rows import Delay, Join
from reference_models.export.program import Program


def _join(code: SideCode, op: Join) -> list[str]:
    x, window = code.program.values[op.reads[0]], code.program.values[op.writes]
    past = window.rows - x.rows
    source = "NULL" if op.reads[0] in code.in_windows else code.value(op.reads[0])
    places = code.value(op.writes), code.state(op.keeps), past, source
    return call("join", *places, x.rows, x.columns, code.span(op.valid))


def _delay(code: SideCode, op: Delay) -> list[str]:
    x, kept = code.program.values[op.reads[0]], code.program.states[op.keeps[0]]
    held = kept.rows * kept.columns
    places = code.value(op.writes), code.state(op.keeps), held, code.value(op.reads[0])
    return call("delay", *places, x.rows * x.columns)


def _convolve(code: SideCode, op: Convolve) -> list[str]:
    x, y = code.program.values[op.reads[0]], code.program.values[op.writes]
    run = x.columns // op.groups
    taps = op.kernel, op.dilation * x.columns, run
    if op.groups == op.dilation == 1:
        taps = 1, 0, op.kernel * run
    outputs, is_int8 = y.columns // op.groups, int(code.is_int8)
    shape = Shape(y.rows, op.stride * x.columns, *taps, outputs, y.columns, 0, is_int8)
    matrices = matrices_of_convolution(code.program.constants[op.constants[0]], op.groups)
    start = f"{code.value(op.reads[0])} + {op.first * x.columns}"
    lost = code.lost(op.reads[0], matrices, op.groups)
    weights = code.products(matrices), code.bias(op.constants, lost)
    return call("convolve", *weights, start, code.value(op.writes), op.groups, shape)


def _transposed(code: SideCode, op: ConvolveTransposed) -> list[str]:
    x, y = code.program.values[op.reads[0]], code.program.values[op.writes]
    maps, outputs = (1, op.kernel * y.columns) if op.groups == 1 else (op.kernel, y.columns)
    step = op.stride * y.columns
    run = x.columns // op.groups
    shape = Shape(x.rows, x.columns, 1, 0, run, outputs // op.groups, step, 1, int(code.is_int8))
    matrices = matrices_of_transposed(code.program.constants[op.constants[0]], op.groups)
    places = code.value(op.reads[0]), code.value(op.writes), code.state(op.keeps)
    overlap = op.kernel - op.stride
    sizes = overlap, x.rows * op.stride, y.columns, maps, op.groups
    lost = code.lost(op.reads[0], matrices, op.groups).reshape(op.kernel, y.columns)
    weights = code.products(matrices), code.bias(op.constants, lost.sum(0) / op.stride)
    span = code.span(op.valid)
    return call("convolve_transposed", *weights, *places, *sizes, span, shape)


def _overlap(program: Program, op: ConvolveTransposed) -> int:
    return (op.kernel - op.stride) * program.values[op.writes].columns


enter(Join, "join", _join)
enter(Delay, "delay", _delay)
enter(Convolve, "convolve", _convolve)
enter(ConvolveTransposed, "convolve_transposed", _transposed, room_behind=_overlap)
