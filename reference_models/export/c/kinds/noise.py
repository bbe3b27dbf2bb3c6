"""Calls of added noise."""

from __future__ import annotations

from reference_models.export.c.code import SideCode
from reference_models.export.c.kinds.registry import call, enter
from reference_models.export.operations.noise import AddNoise


def _add_noise(code: SideCode, op: AddNoise) -> list[str]:
    y = code.program.values[op.writes]
    places = [code.value(op.writes), *map(code.value, op.reads), code.state(op.keeps)]
    return call("add_noise", *places, y.rows, y.columns, f"{op.seed}u", code.span(op.valid))


enter(AddNoise, "add_noise", _add_noise)
