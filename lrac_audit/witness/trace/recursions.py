"""Find the taps of recursive filters, which multiply past results.

``y = f + a * y`` in a loop over steps is a filter where the values ``f`` of each step are new. In a
loop over layers, ``x = f(x) + a * x``, what is added is a function of the past result, and the
factor is a scale of a residual.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from torch import Tensor

from lrac_audit.witness.trace.operator_call import OperatorCall
from lrac_audit.witness.trace.product_sums import Addition, Chain, ProductSum
from lrac_audit.witness.trace.products import Product
from lrac_audit.witness.trace.work_record import WorkRecord


def sums_behind(call: OperatorCall) -> frozenset[int]:
    """Return the places in the code of the sums of products that a call's inputs depend on."""
    found = {each.sums for each in call.provenances if each.sums}
    return next(iter(found)) if len(found) == 1 else frozenset().union(*found)


def with_recursion(
    call: OperatorCall, addition: Addition, records: Sequence[WorkRecord], site: int
) -> Addition:
    """Return an addition, at a place in the code, with the taps of the recursion that it is of."""
    heads = [chain[0] for chain in addition.total.chains if _is_fed_back(chain, records)]
    if not heads:
        return addition
    if not (
        addition.total.is_recursive
        or _takes_new_values(call, site)
        or _is_written_beside(call, heads)
    ):
        return addition
    fed = [chain[0] for chain in addition.total.chains if _is_tap_beside(chain[0], heads)]
    total = replace(addition.total, is_recursive=True)
    return addition._replace(total=total, taps=[*addition.taps, *fed])


def _takes_new_values(call: OperatorCall, site: int) -> bool:
    """Return whether past results are added to values of the signal that do not depend on them."""
    pairs = zip(call.tensors, call.provenances, strict=True)
    known = [each for tensor, each in pairs if not each.constant and tensor.is_floating_point()]
    return len({site in each.sums for each in known}) == 2


def _is_written_beside(call: OperatorCall, heads: Sequence[Product]) -> bool:
    """Return whether past results are added in place to other steps of the tensor that has them.

    There the new values are those that the tensor held before.
    """
    memories = {call.provenance_of(tensor).memory for tensor in call.written}
    return any(head.signal.piece[0] in memories for head in heads)


def _is_fed_back(chain: Chain, records: Sequence[WorkRecord]) -> bool:
    """Return whether a factor multiplies what it was part of before, one step earlier."""
    site = records[chain[0].index].site
    is_again = any(records[each.index].site == site for each in chain[1:])
    return is_again and chain[0].may_feed_back


def _is_tap_beside(product: Product, heads: Sequence[Product]) -> bool:
    """Return whether a product that is added to those fed back is a tap of their filter."""
    tap = product.tap
    return tap is not None and any(tap.axes in ((), each.weight.axes) for each in heads)


def direct(products: ProductSum | None, given: Tensor, result: Tensor) -> ProductSum | None:
    """Return the products in a view or copy of a tensor, which may be a part of it."""
    if products is None or given.numel() == result.numel():
        return products
    return replace(products, is_whole=False)
