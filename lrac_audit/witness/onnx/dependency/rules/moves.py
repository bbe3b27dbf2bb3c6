"""Rules of operators that only move values."""

from __future__ import annotations

import numpy as np

from lrac_audit.witness.onnx.dependency.registry import NoRuleError, RuleCall, rule
from lrac_audit.witness.onnx.dependency.steps import (
    NOTHING,
    Steps,
    compact,
    expanded,
    larger,
    over_axes,
)
from lrac_audit.witness.onnx.graph_model import Array, words


@rule("Identity", "Cast", "CastLike", "Dropout")
def same(call: RuleCall) -> list[Steps]:
    """Return the steps of the first input."""
    return [call.steps(0)] * len(call.outputs)


@rule(
    *words("""
Compress DepthToSpace Expand Flatten Reshape ReverseSequence Slice SpaceToDepth Split Squeeze Tile
Transpose Trilu Unsqueeze""")
)
def moved(call: RuleCall) -> list[Steps]:
    """Return the steps of the first input, moved by known shapes, axes and indices."""
    return _run(call, (0,))


@rule("Concat")
def joined(call: RuleCall) -> list[Steps]:
    """Return the steps of all inputs, one after the other."""
    return _run(call, tuple(range(len(call.inputs))))


@rule("Pad", "ScatterElements", "ScatterND")
def written(call: RuleCall) -> list[Steps]:
    """Return the steps of the first input and of what is put into it or around it."""
    if call.attributes.get("reduction", "none") != "none":
        raise NoRuleError("values are summed")
    return _run(call, (0, 2))


@rule("Gather", "GatherElements", "GatherND")
def chosen(call: RuleCall) -> list[Steps]:
    """Return the steps of what is read; of any entry where the indices are not known."""
    if call.known(1) is not None:
        return _run(call, (0,))
    if len(call.outputs[0]) != len(call.shapes[0]) + len(call.shapes[1]) - 1:
        raise NoRuleError("entries that are no rows")
    axis = call.attributes.get("axis", 0) % len(call.shapes[0])
    table = over_axes(call.steps(0), [axis])
    places = (*table.shape[:axis], *(1,) * len(call.shapes[1]), *table.shape[axis + 1 :])
    indices = call.steps(1)
    after = len(call.shapes[0]) - 1 - axis
    return [larger([table.reshape(places), indices.reshape(indices.shape + (1,) * after)])]


def _run(call: RuleCall, data: tuple[int, ...]) -> list[Steps]:
    """Return what the operator makes of the steps of the inputs ``data``.

    They are counted from no dependence as 0, which is also what padding brings.
    """
    given: list[Array | None] = []
    for at, steps in enumerate(call.inputs):
        if at in data and steps is not None:
            given.append(np.ascontiguousarray(expanded(steps - NOTHING, call.shapes[at])))
        elif steps is not None and call.known(at) is None:
            raise NoRuleError("shapes, axes or indices are not known")
        else:
            given.append(call.known(at))
    return [compact(found + NOTHING) for found in call.moved(given)]
