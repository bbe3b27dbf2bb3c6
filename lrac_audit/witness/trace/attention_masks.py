"""Determine which pairs of a query and a key an attention mask lets through."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

import torch
from torch import Tensor
from torch.utils.weak import WeakIdKeyDictionary

from lrac_audit.witness.trace.operator_call import OperatorCall
from lrac_audit.witness.trace.provenance import Provenance

MASKED_BELOW = -500.0
"""A score as low as this has been excluded by a mask: its exponential is zero."""
ADDED_BELOW, FADING_BELOW = -80.0, -30.0
"""A mask that is added excludes what is below the first bound. If anything lies between the two, it
is a bias that fades with the distance, and only what is below :data:`FADED_BELOW` is excluded."""
FADED_BELOW = -1e4

MASKING = ("aten.add", "aten.sub", "aten.masked_fill", "aten.where")
ZEROING = ("aten.mul", "aten.masked_fill", "aten.where")


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
    """Return the first input that can be a mask: two axes or more, and no large parameter in it."""
    for tensor, provenance in zip(call.tensors, call.provenances, strict=True):
        is_large = provenance.value is None and provenance.stored_ids
        fixed = provenance.constant and not is_large
        if tensor.dim() >= 2 and (fixed or provenance.role == "mask"):
            return provenance
    return None


def zeroed(call: OperatorCall, weights: Provenance) -> Tensor | None:
    """Return which products or weights a pointwise operation does not set to zero; None for all."""
    if weights.role not in ("product", "attention") or not call.outputs:
        return None
    before = reshaped(weights.kept, call.tensors[0], call.outputs)
    mask = _mask_among(call) if call.name in ZEROING else None
    if mask is None or mask.value is None:
        return before
    now = _not_zeroed(call, mask.value)
    if now is None or (weights.role == "attention" and not _is_switch(mask.value)):
        return before
    if bool(now.all()):
        return before
    return now if before is None else now & before


def _is_switch(mask: Tensor) -> bool:
    """Return whether a mask holds nothing but zeros and ones."""
    return bool(((mask == 0) | (mask == 1)).all())


def _not_zeroed(call: OperatorCall, mask: Tensor) -> Tensor | None:
    """Return what one of the operators :data:`ZEROING` leaves; None if it sets nothing to zero."""
    if call.name == "aten.mul":
        return _not_zero(mask)
    if call.name == "aten.masked_fill":
        return ~mask if _fill(call, 2) == 0 else None
    if not isinstance(call.args[1], Tensor) or call.provenance_of(call.args[1]).constant:
        return ~mask if _fill(call, 1) == 0 else None
    return mask if _fill(call, 2) == 0 else None


def _let_through(call: OperatorCall, mask: Tensor) -> Tensor:
    """Return what one of the operators :data:`MASKING` with ``mask`` lets through."""
    if call.name in ("aten.add", "aten.sub"):
        return _added(-mask if call.name == "aten.sub" else mask)
    if call.name == "aten.masked_fill":
        return ~mask if _is_low(call, 2) else torch.ones_like(mask)
    if isinstance(call.args[1], Tensor) and call.provenance_of(call.args[1]).role == "product":
        return mask if _is_low(call, 2) else torch.ones_like(mask)
    return ~mask if _is_low(call, 1) else torch.ones_like(mask)


def _remembered(function: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    """Return a function of a mask that is computed once for each mask: layers often share one."""
    results = WeakIdKeyDictionary()

    @wraps(function)
    def computed_once(mask: Tensor) -> Tensor:
        if mask.is_inference():  # such tensors do not tell whether they were changed
            return function(mask)
        found: tuple[int, Tensor] | None = results.get(mask)  # type: ignore[no-untyped-call]
        if found is None or found[0] != mask._version:
            found = mask._version, function(mask)
            results[mask] = found
        return found[1]

    return computed_once


@_remembered
def _not_zero(mask: Tensor) -> Tensor:
    return mask != 0


@_remembered
def _added(mask: Tensor) -> Tensor:
    """Return what a mask that is added to the scores lets through."""
    fades = bool(((mask > ADDED_BELOW) & (mask < FADING_BELOW)).any())
    return mask > (FADED_BELOW if fades else ADDED_BELOW)


def _is_low(call: OperatorCall, index: int) -> bool:
    """Return whether an argument, a number or a known constant, excludes scores."""
    fill = _fill(call, index)
    return fill is not None and fill <= ADDED_BELOW


def _fill(call: OperatorCall, index: int) -> float | None:
    """Return the largest value of a number or constant that is filled in; None for a signal.

    Raises:
        MaskUnknown: it is a constant without a known value.
    """
    given = call.args[index]
    if isinstance(given, Tensor):
        provenance = call.provenance_of(given)
        if not provenance.constant:
            return None
        if provenance.value is None:
            raise MaskUnknown("what a mask fills in depends on values")
        given = float(provenance.value.max())
    return given if isinstance(given, int | float) else None


def added_mask(call: OperatorCall) -> Tensor | None:
    """Return what the mask that a matrix product is added to lets through; None means all."""
    added = call.provenances[0]
    if call.name != "aten.baddbmm" or not added.constant or added.value is None:
        return None
    allowed = _added(added.value)
    return None if bool(allowed.all()) else allowed.expand(call.outputs[0].shape)


def share_of_scores(scores: Tensor, allowed: Tensor | None) -> tuple[int, int]:
    """Return how many of how many products reach a softmax."""
    if not scores.is_meta:
        return int((scores > MASKED_BELOW).sum()), scores.numel()
    return share_of(allowed)


def share_of(allowed: Tensor | None) -> tuple[int, int]:
    """Return how many of how many products are let through, in each of the axes that it has."""
    return (1, 1) if allowed is None else (int(allowed.sum()), allowed.numel())


def share_of_fused(call: OperatorCall) -> tuple[int, int]:
    """Return how many of how many pairs fused attention computes.

    Raises:
        MaskUnknown: that depends on values that are not known.
    """
    query, key = call.args[:2]
    scores = *query.shape[:-1], key.shape[-2]
    mask = call.argument("attn_mask", "attn_bias")
    if mask is not None:
        allowed = _allowed(call, mask)
        return share_of(_whole(allowed, scores))
    if call.argument("is_causal"):
        steps, keys = scores[-2:]
        return sum(min(step + 1, keys) for step in range(steps)), steps * keys
    return 1, 1


def _allowed(call: OperatorCall, mask: Tensor) -> Tensor:
    """Return a mask of either kind, boolean or added, as booleans."""
    value = call.provenance_of(mask).value if mask.is_meta else mask
    if value is None:
        raise MaskUnknown("a mask of attention depends on values")
    return value if value.dtype == torch.bool else _added(value)


def _whole(allowed: Tensor, scores: tuple[int, ...]) -> Tensor:
    """Return a mask with all its queries and keys, also where it is the same for each."""
    return allowed.expand(*allowed.shape[:-2], *scores[-2:])
