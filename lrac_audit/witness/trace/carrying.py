"""Carry over what is known about values that an operator only moves, copies or reshapes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from typing import TypeVar

import torch

from lrac_audit.witness.trace.attention_masks import reshaped
from lrac_audit.witness.trace.formulas.ignored import CARRIES, WRITES
from lrac_audit.witness.trace.layout_moves import COPIES, copied, joined, moved
from lrac_audit.witness.trace.operator_call import OperatorCall
from lrac_audit.witness.trace.product_sums import Chain, ProductSum, distinct, product_sum
from lrac_audit.witness.trace.provenance import Provenance, distinct_values
from lrac_audit.witness.trace.recursions import direct

T = TypeVar("T")

MOST_JOINED = 1024
"""Chains that are kept of tensors put together."""

CHOOSES_STEPS = ("aten.select", "aten.unbind")
"""Views of single steps of an axis, which their results no longer have."""
JOINS = ("aten.cat", "aten.stack")


def carried(call: OperatorCall) -> Provenance:
    """Return the provenance of values that were only moved, copied or reshaped."""
    plain = call.plain
    if call.name not in CARRIES and call.name not in WRITES:
        return replace(plain, choices=call.choices) if call.choices else plain
    if not call.provenances:
        return plain
    found = _with_pattern(call, plain)
    if call.name in WRITES:
        return replace(found, products=_written_products(call))
    source = call.provenances[-1 if call.name == "aten.copy" else 0]
    origins = {each.origin for each in call.provenances if each.constant == plain.constant}
    is_view = not call.operator.is_fresh and call.name != "aten.copy"
    return replace(
        found,
        origin=origins.pop() if len(origins) == 1 else 0,
        memory=source.memory if is_view else 0,
        left_strides=_left_strides(call, source) if is_view else (),
        family=source.family if call.name in COPIES else None,
        distinct=_distinct(call, source) if len(call.provenances) == 1 else None,
        layout=copied(call, [each.layout for each in call.provenances]),
        products=None if plain.constant else _moved_products(call),
    )


def _left_strides(call: OperatorCall, source: Provenance) -> tuple[int, ...]:
    """Return the strides of the axes from which one step was chosen, now and before."""
    axis = call.argument("dim")
    if call.name not in CHOOSES_STEPS or not isinstance(axis, int):
        return source.left_strides
    return (*source.left_strides, call.tensors[0].stride(axis))


def _distinct(call: OperatorCall, source: Provenance) -> int | None:
    """Return how many values the result copies, if it may hold copies of fewer."""
    tensor = call.tensors[0]
    given = tensor if source.layout is None else source.layout
    distinct = min(distinct_values(given), source.distinct or tensor.numel())
    return distinct if call.outputs and distinct < call.outputs[0].numel() else None


def _with_pattern(call: OperatorCall, plain: Provenance) -> Provenance:
    """Return ``plain`` with the role of what was carried, and what it is part of."""
    if _turns_truths_to_numbers(call):
        plain = replace(plain, role="mask")
    if plain.constant:
        return plain
    given = call.provenances[1:] if call.name == "aten.copy" else call.provenances
    made = [each for each in given if each.role != "plain"]
    plain = replace(
        plain,
        distances=_union(each.distances for each in given),
        choices=_union(each.choices for each in given),
        packed=_union(each.packed for each in given),
    )
    if not made:
        return plain
    first = made[0]
    return replace(
        plain,
        role=first.role,
        record_indices=frozenset().union(*(each.record_indices for each in made)),
        allowed=reshaped(first.allowed, call.tensors[0], call.outputs),
        kept=reshaped(first.kept, call.tensors[0], call.outputs),
        share=first.share,
    )


def _turns_truths_to_numbers(call: OperatorCall) -> bool:
    if call.name not in ("aten._to_copy", "aten.copy") or not call.outputs:
        return False
    return call.tensors[-1].dtype == torch.bool and call.outputs[0].is_floating_point()


def _union(groups: Iterable[tuple[T, ...]]) -> tuple[T, ...]:
    """Return the distinct members of several tuples, in order."""
    return tuple(dict.fromkeys(each for group in groups for each in group))


def _moved_products(call: OperatorCall) -> ProductSum | None:
    """Return the products in values that were moved."""
    if not any(each.products for each in call.provenances) or not call.outputs:
        return None
    if call.name in JOINS:
        return _joined_products(call)
    at = -1 if call.name == "aten.copy" else 0
    products = direct(call.provenances[at].products, call.tensors[at], call.outputs[0])
    return None if products is None else products.changed(lambda layout: moved(layout, call))


def _written_products(call: OperatorCall) -> ProductSum | None:
    """Return the products in a tensor and in what is written into a part of it."""
    products = product_sum(None, [each.products for each in call.provenances])
    return None if products is None else products.fitted(call.outputs[0].shape)


def _joined_products(call: OperatorCall) -> ProductSum | None:
    """Return the products in tensors that were put together."""
    sums = [each.products for each in call.provenances if each.products is not None]
    chains = distinct([chain for each in sums for chain in each.chains])[-MOST_JOINED:]
    related = any(_are_related(first, second) for first, second in pairwise(chains))
    pure = all(
        each.constant or (each.products is not None and each.products.pure)
        for each in call.provenances
    )
    return ProductSum(tuple(_joined_chain(chain, call, not related) for chain in chains), pure)


def _are_related(first: Chain, second: Chain) -> bool:
    """Return whether a sum of both would be a filter or a dot product."""
    pairs = [(p, q) for p in first for q in second]
    return any(p.is_filter_with(q, pure=True) or p.is_dot_with(q) for p, q in pairs)


def _joined_chain(chain: Chain, call: OperatorCall, alike: bool) -> Chain:
    return tuple(product.changed(lambda layout: joined([layout], call, alike)) for product in chain)
