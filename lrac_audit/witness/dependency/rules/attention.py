"""The rule for attention that comes as one operator."""

from __future__ import annotations

import torch
from torch import Tensor

from lrac_audit.witness.dependency.registry import RuleCall, rule
from lrac_audit.witness.dependency.rules.matrix_products import product_steps
from lrac_audit.witness.dependency.rules.normalisations import softmax_steps
from lrac_audit.witness.dependency.steps import (
    ZERO,
    compact,
    covered,
    is_covered,
    joined,
    joined_over,
    nothing,
)


@rule("scaled_dot_product_attention", "_scaled_dot_product_flash_attention_for_cpu")
def attend(call: RuleCall) -> list[Tensor]:
    """Return the join over the keys and values that the mask lets through."""
    queries, keys, values = call["query"], call["key"], call["value"]
    scores = joined(
        [call.joined_over(queries, [-1]), call.joined_over(keys, [-1]).transpose(-1, -2)]
    )
    hidden, added = _mask(call)
    scores = joined([scores, added])
    sizes = torch.broadcast_shapes(scores.shape, hidden.shape)  # type: ignore[no-untyped-call]
    scores = torch.where(hidden, covered(scores), scores)
    sizes = (*sizes[:-2], *_full(sizes[-2:], queries.shape[-2], keys.shape[-2]))
    weights = softmax_steps(scores.expand(sizes).contiguous(), -1)
    result = product_steps(weights, compact(call.steps(values)))
    row = joined_over(result, [-1], keepdim=False)
    return [result, *[row] * (len(call.shapes) - 1)]


def _full(sizes: torch.Size, queries: int, keys: int) -> tuple[int, int]:
    """Return sizes of scores that are compact only where that changes nothing."""
    return sizes[0] if sizes[0] == 1 else queries, sizes[1] if sizes[1] == 1 else keys


def _mask(call: RuleCall) -> tuple[Tensor, Tensor]:
    """Return where keys are hidden from queries, and the steps of a mask that varies."""
    queries, keys = call["query"].shape[-2], call["key"].shape[-2]
    hidden, added = torch.zeros(1, 1, dtype=torch.bool), nothing()
    if call.first("is_causal"):
        hidden = ~torch.ones(queries, keys, dtype=torch.bool).tril()
    mask = call.first("attn_mask", "attn_bias")
    if mask is not None and call.depends(mask):
        added = call.plain(mask)
        hidden = hidden | is_covered(compact(call.steps(mask)))
    elif mask is not None:
        codes = compact(call.steps(mask))
        hidden = hidden | ((codes == ZERO) if mask.dtype == torch.bool else is_covered(codes))
    return hidden, added
