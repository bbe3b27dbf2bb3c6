"""Calls of attention."""

from __future__ import annotations

from reference_models.export.c.code import SideCode
from reference_models.export.c.kinds.registry import call, enter
from reference_models.export.operations.attention import Attend
from reference_models.export.program import Program


def _attend(code: SideCode, op: Attend) -> list[str]:
    y, valid = code.program.values[op.writes], op.valid
    states = [
        code.state((name,)) if name in op.keeps else "NULL"
        for name in (f"{op.row}.{kept}" for kept in ("keys", "values", "queries"))
    ]
    pairs = y.columns // op.heads // 2
    turns = [repr(10_000.0 ** -(pair / pairs)) for pair in range(pairs)] if op.rotary else []
    frequencies = code.table("double", turns) if op.rotary else "NULL"
    places = code.value(op.writes), code.value(op.reads[0]), *states, code.workspace(op.writes)
    past = op.window - 1 + op.look_ahead
    step = f"(int64_t)at->frames * {valid.rows} - {valid.lag}"
    numbers = y.rows, y.columns, op.heads, past, op.look_ahead
    shape = f"&(const lrac_attention){{{', '.join(map(str, numbers))}}}"
    position = code.constant(op.constants, 0)
    return call("attend", *places, position, frequencies, step, code.span(valid, past), shape)


def _known(program: Program, op: Attend) -> int:
    """Return the floats of the keys, values and queries, kept and new, and of the scores."""
    y, past = program.values[op.writes], op.window - 1 + op.look_ahead
    return (2 * (past + y.rows) + op.look_ahead + y.rows) * y.columns + past + 1


enter(Attend, "attend", _attend, working_space=_known)
