"""Calls of recurrent layers."""

from __future__ import annotations

from reference_models.export.c.code import SideCode
from reference_models.export.c.kinds.registry import call, enter
from reference_models.export.operations.recurrent import Recur
from reference_models.export.program import Program


def _recur(code: SideCode, op: Recur) -> list[str]:
    x, y = code.program.values[op.reads[0]], code.program.values[op.writes]
    states = [code.state((name,)) for name in op.keeps]
    places = code.value(op.writes), code.value(op.reads[0]), *states, code.workspace(op.writes)
    weights = [code.products([code.program.constants[name]]) for name in op.constants[:2]]
    biases = code.constant(op.constants, 2), code.constant(op.constants, 3)
    sizes = y.rows, x.columns, y.columns, code.span(op.valid)
    return call(op.kind, *places, *sizes, *weights, *biases, int(code.is_int8))


def _gates(program: Program, op: Recur) -> int:
    """Return the floats of a recurrent layer's products with its input and with its state."""
    return 2 * int(program.constants[op.constants[0]].shape[0])


enter(Recur, lambda op: f"operations/{op.kind}.c", _recur, working_space=_gates)
