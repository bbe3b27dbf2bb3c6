"""Rules for operators whose results take their shape from values: everything is joined."""

from __future__ import annotations

from torch import Tensor

from lrac_audit.witness.dependency.registry import RuleCall, rule
from lrac_audit.witness.dependency.steps import joined, joined_whole
from lrac_audit.witness.dispatch import tensors_in


@rule("nonzero", "masked_select", "_unique2", "unique_dim", "unique_consecutive", "bincount")
def join_everything(call: RuleCall) -> list[Tensor]:
    """Return the join of all that goes in."""
    tensors = tensors_in(list(call.arguments.values()))
    whole = joined(joined_whole(call.steps(t)) for t in tensors if call.depends(t))
    return [whole] * len(call.shapes)
