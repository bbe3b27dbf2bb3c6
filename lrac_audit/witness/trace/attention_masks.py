"""Determine which pairs of a query and a key an attention mask lets through."""

from __future__ import annotations

import torch
from torch import Tensor

from lrac_audit.witness.trace.operator_call import OperatorCall
from lrac_audit.witness.trace.provenance import Provenance

MASKED_BELOW = -1e4
"""A score as low as this has been excluded by a mask."""

MASKING = ("aten.add", "aten.masked_fill", "aten.where")


class MaskUnknown(RuntimeError):  # noqa: N818
    """Which pairs a mask lets through depends on values, and the run has none."""


def reshaped(allowed: Tensor | None, before: Tensor, outputs: list[Tensor]) -> Tensor | None:
    """Return the mask for scores that have been given another shape.

    Raises:
        MaskUnknown: they are not the same scores.
    """
    if allowed is None or not outputs:
        return None
    after = outputs[0].shape
    if after == before.shape:
        return allowed
    full = allowed.expand(before.shape)
    if full.numel() == outputs[0].numel():
        return full.reshape(after)
    raise MaskUnknown("masked scores are cut to another shape")


def masked(call: OperatorCall, scores: Provenance) -> Tensor | None:
    """Return which products are still let through after a pointwise operation; None means all.

    Raises:
        MaskUnknown: that depends on values that are not known.
    """
    outputs = call.outputs
    if scores.role != "product" or not outputs or not outputs[0].is_meta:
        return None
    before = reshaped(scores.allowed, call.tensors[0], outputs)
    mask = _mask_among(call)
    if mask is None or call.name not in MASKING:
        return before
    if mask.value is None:
        raise MaskUnknown("a mask of attention depends on values")
    now = _let_through(call, mask.value)
    if bool(now.all()):  # such as the zeros that a layer starts from
        return before
    return now if before is None else now & before


def _mask_among(call: OperatorCall) -> Provenance | None:
    """Return the first input that can be a mask: two axes or more, and no parameter in it."""
    for tensor, provenance in zip(call.tensors, call.provenances, strict=True):
        fixed = provenance.constant and not provenance.stored_ids
        if tensor.dim() >= 2 and (fixed or provenance.role == "mask"):
            return provenance
    return None


def _let_through(call: OperatorCall, mask: Tensor) -> Tensor:
    """Return what one of the operators :data:`MASKING` with ``mask`` lets through."""
    if call.name == "aten.add":
        return mask > MASKED_BELOW
    if call.name == "aten.masked_fill":
        return ~mask if _is_low(call, 2) else torch.ones_like(mask)
    if call.provenance_of(call.args[1]).role == "product":
        return mask if _is_low(call, 2) else torch.ones_like(mask)
    return ~mask if _is_low(call, 1) else torch.ones_like(mask)


def _is_low(call: OperatorCall, index: int) -> bool:
    """Return whether an argument, a number or a known constant, excludes scores."""
    given = call.args[index]
    if isinstance(given, Tensor):
        value = call.provenance_of(given).value
        if value is None:
            raise MaskUnknown("what a mask fills in depends on values")
        given = float(value.max())
    return isinstance(given, int | float) and given <= MASKED_BELOW


def added_mask(call: OperatorCall) -> Tensor | None:
    """Return what the mask that a matrix product is added to lets through; None means all."""
    added = call.provenances[0]
    fixed = added.constant and not added.stored_ids
    if call.name != "aten.baddbmm" or not fixed or added.value is None:
        return None
    return (added.value > MASKED_BELOW).expand(call.outputs[0].shape)


def share_of_scores(scores: Tensor, allowed: Tensor | None) -> tuple[int, int]:
    """Return how many of how many products reach a softmax."""
    if not scores.is_meta:
        return int((scores > MASKED_BELOW).sum()), scores.numel()
    if allowed is not None:
        return int(allowed.expand(scores.shape).sum()), scores.numel()
    return 1, 1


def share_of_fused(call: OperatorCall) -> tuple[int, int]:
    """Return how many of how many pairs fused attention computes.

    Raises:
        MaskUnknown: that depends on values that are not known.
    """
    query, key = call.args[:2]
    scores = *query.shape[:-1], key.shape[-2]
    mask = call.argument("attn_mask", "attn_bias")
    if mask is not None:
        allowed = _allowed(call, mask).expand(scores)
        return int(allowed.sum()), allowed.numel()
    if call.argument("is_causal"):
        steps, keys = scores[-2:]
        return sum(min(step + 1, keys) for step in range(steps)), steps * keys
    return 1, 1


def _allowed(call: OperatorCall, mask: Tensor) -> Tensor:
    """Return a mask of either kind, boolean or added, as booleans."""
    value = call.provenance_of(mask).value if mask.is_meta else mask
    if value is None:
        raise MaskUnknown("a mask of attention depends on values")
    return value if value.dtype == torch.bool else value > MASKED_BELOW
