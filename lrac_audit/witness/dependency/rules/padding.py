"""Rules for padding."""

from __future__ import annotations

import torch
from torch import Tensor

from lrac_audit.witness.dependency.registry import RuleCall, rule
from lrac_audit.witness.dependency.steps import compact, number_steps
from lrac_audit.witness.trace.formulas.formula_table import words


@rule("constant_pad_nd")
def pad_with_constant(call: RuleCall) -> Tensor:
    """Return the steps with the code of the constant around them."""
    pad = list(call["pad"])
    code = int(number_steps(call["value"]))
    padded: Tensor = torch.ops.aten.constant_pad_nd(_padded_axes(call, pad), pad, code)
    return padded


@rule(
    *words(
        "reflection_pad1d reflection_pad2d reflection_pad3d replication_pad1d replication_pad2d "
        "replication_pad3d"
    )
)
def pad_with_copies(call: RuleCall) -> Tensor:
    """Return the steps of the elements that are copied; as doubles, which torch can pad."""
    pad = list(call["padding"])
    padded: Tensor = call.func(_padded_axes(call, pad).double(), pad)
    return padded.int()


def _padded_axes(call: RuleCall, pad: list[int]) -> Tensor:
    """Return the steps of the input, in compact form along axes that are not padded."""
    steps = call.steps(call["self"])
    sizes = list(compact(steps).shape)
    for pair in range(len(pad) // 2):
        if pad[2 * pair] or pad[2 * pair + 1]:
            sizes[-1 - pair] = steps.size(-1 - pair)
    return compact(steps).expand(sizes)
