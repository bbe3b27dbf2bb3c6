"""Nodes of operations on complex spectra, whose real and imaginary parts lie side by side."""

from __future__ import annotations

from collections.abc import Sequence
from math import pi

from reference_models.export.onnx.body import NODES, Body, Layout
from reference_models.export.operations.transforms import FromPolar, Magnitude, OnSpectra, ToPolar

_NO_ZERO = 1e-30
"""What a phase is divided by in place of zero, which gives a right angle."""
_ROUNDING = 1e-12
"""Slopes up to this are rounding of a real number, whose phase is 0 or pi."""


@NODES.add(Magnitude)
def magnitude(body: Body, op: Magnitude) -> None:
    """Write magnitudes or their logarithms."""
    real, imaginary = _parts(body, op)
    energy = _energy(body, op, real, imaginary)
    result = _logarithm(body, energy) if op.is_logarithmic else body.node("Sqrt", [energy], "root")
    _write(body, op, [result])


@NODES.add(ToPolar)
def to_polar(body: Body, op: ToPolar) -> None:
    """Write logarithms of magnitudes, and phases."""
    real, imaginary = _parts(body, op)
    logarithm = _logarithm(body, _energy(body, op, real, imaginary))
    _write(body, op, [logarithm, _phase(body, real, imaginary)])


@NODES.add(FromPolar)
def from_polar(body: Body, op: FromPolar) -> None:
    """Write complex spectra."""
    logarithm, phase = _parts(body, op)
    exponential = body.node("Exp", [logarithm], "exponential")
    bounded = body.node("Min", [exponential, body.constants.number(op.ceiling)], "magnitude")
    turns = [body.node(kind, [phase], kind.lower()) for kind in ("Cos", "Sin")]
    _write(body, op, [body.node("Mul", [bounded, turn], "part") for turn in turns])


def _parts(body: Body, op: OnSpectra) -> list[str]:
    """Return the two halves of each spectrum, ``[spectra, 1, bins]``."""
    rows, columns = body.program.values[op.reads[0]][:2]
    shape = body.constants.ints(rows * op.spectra, 2, columns // op.spectra // 2)
    x = body.node("Reshape", [body.read(op.reads[0], Layout.ROWS), shape], "halves")
    return body.node_of("Split", [x], "half", 2, axis=1, num_outputs=2)


def _write(body: Body, op: OnSpectra, halves: Sequence[str]) -> None:
    (x, *more), shape = halves, body.program.values[op.writes][:2]
    if more:
        x = body.node("Concat", halves, "both_halves", axis=1)
    x = body.node("Reshape", [x, body.constants.ints(*shape)], "values")
    body.write(op.writes, x, Layout.ROWS)


def _energy(body: Body, op: Magnitude | ToPolar, real: str, imaginary: str) -> str:
    squares = [body.node("Mul", [part, part], "square") for part in (real, imaginary)]
    energy = body.node("Add", squares, "energy")
    return body.node("Max", [energy, body.constants.number(op.floor)], "bounded_energy")


def _logarithm(body: Body, energy: str) -> str:
    logarithm = body.node("Log", [energy], "logarithm")
    return body.node("Mul", [logarithm, body.constants.number(0.5)], "of_magnitude")


def _phase(body: Body, real: str, imaginary: str) -> str:
    """Return phases by arc tangents of slopes, moved by half a turn left of the imaginary axis."""
    number, zero = body.constants.number, body.constants.zero
    is_zero = body.node("Equal", [real, zero], "is_zero")
    divisor = body.node("Where", [is_zero, number(_NO_ZERO), real], "divisor")
    slope = body.node("Div", [imaginary, divisor], "slope")
    is_below = body.node("Greater", [slope, number(_ROUNDING)], "is_below")
    half_turn = body.node("Where", [is_below, number(-pi), number(pi)], "half_turn")
    is_left = body.node("Less", [real, zero], "is_left")
    move = body.node("Where", [is_left, half_turn, zero], "move")
    return body.node("Add", [body.node("Atan", [slope], "angle"), move], "phase")
