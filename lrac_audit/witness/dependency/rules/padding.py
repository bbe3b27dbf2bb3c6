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
    steps, pad = call.steps(call["self"]), list(call["pad"])
    sizes = list(compact(steps).shape)
    for pair in range(len(pad) // 2):
        if pad[2 * pair] or pad[2 * pair + 1]:
            sizes[-1 - pair] = steps.size(-1 - pair)
    code = int(number_steps(call["value"]))
    return torch.ops.aten.constant_pad_nd(compact(steps).expand(sizes), pad, code)


@rule(
    *words(
        "reflection_pad1d reflection_pad2d reflection_pad3d replication_pad1d replication_pad2d "
        "replication_pad3d"
    )
)
def pad_with_copies(call: RuleCall) -> Tensor:
    """Return the steps of the elements that are copied; as doubles, which torch can pad."""
    padded: Tensor = call.func(call.steps(call["self"]).double(), call["padding"])
    return padded.int()
