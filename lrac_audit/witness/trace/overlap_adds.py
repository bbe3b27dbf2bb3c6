"""Follow products into values that are added where they overlap.

A transposed convolution may be written as products of each sample with all taps, which are added
where they overlap: by ``fold``, ``index_add``, ``scatter_add``, or by writing with ``accumulate``.
Frames that only a window multiplied, and that are then added the same way, hold no
multiply-accumulates: each of their values met one value of the window.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from lrac_audit.witness.trace.layouts import EVERYWHERE
from lrac_audit.witness.trace.operator_call import OperatorCall
from lrac_audit.witness.trace.product_sums import ProductSum, added
from lrac_audit.witness.trace.products import Product

FOLDS = frozenset({"aten.col2im", "aten.unfold_backward"})
INDEXED = frozenset({"aten.index_add", "aten.scatter_add", "aten.scatter_reduce", "aten.scatter"})
PUTS = frozenset({"aten.index_put", "aten._index_put_impl", "aten._unsafe_index_put", "aten.put"})


class OverlapAdd(NamedTuple):
    """Products in values that a call adds where they overlap."""

    taps: list[Product]
    """Products that it shows to be multiply-accumulates."""
    left: ProductSum | None
    """The products in the result, which a later call may show to be such."""


def is_overlap_add(call: OperatorCall) -> bool:
    """Return whether a call adds values where several of them meet."""
    if call.name in PUTS:
        return bool(call.argument("accumulate"))
    if call.name in INDEXED:
        return call.argument("reduce") in (None, "add", "sum", "mean") and (
            call.name != "aten.scatter" or call.argument("reduce") is not None
        )
    return call.name in FOLDS


def overlap_add_of(call: OperatorCall) -> OverlapAdd:
    """Return the products in a call for which :func:`is_overlap_add` holds."""
    source = _source(call)
    given = None if source is None else call.provenance_of(source).products
    if source is None or given is None:
        return OverlapAdd([], _into(call))
    axis = _axis(call, source)
    meets = call.name not in INDEXED or axis is not None
    taps = given.overlapped(axis, source.dim()) if meets else []
    if call.name in FOLDS:
        return OverlapAdd(taps, given.changed(lambda _: EVERYWHERE))
    fitted = given.fitted(call.outputs[0].shape)
    addition = added(_into(call), fitted, pure=call.provenances[0].constant)
    if addition is None:
        return OverlapAdd(taps, fitted)
    every = {each.index: each for each in (*taps, *addition.taps)}
    return OverlapAdd(list(every.values()), addition.total)


def _source(call: OperatorCall) -> Tensor | None:
    """Return the values that are added; None where that is a number."""
    source = call.args[0] if call.name in FOLDS else call.argument("source", "src", "values")
    return source if isinstance(source, Tensor) else None


def _into(call: OperatorCall) -> ProductSum | None:
    """Return the products in the tensor to which values are added."""
    if call.name in FOLDS:
        return None
    return call.provenance_of(call.args[0]).products


def _axis(call: OperatorCall, source: Tensor) -> int | None:
    """Return the axis along which values of one call meet; None if they do not, or along many."""
    axis, index = call.argument("dim"), call.argument("index")
    if not isinstance(axis, int) or not isinstance(index, Tensor) or not source.dim():
        return None
    axis %= source.dim()
    known = call.provenance_of(index).value
    if known is None:
        return axis
    line = known if known.dim() < 2 else known.movedim(axis, -1).reshape(-1, known.shape[axis])[0]
    return axis if len(torch.unique(line)) < line.numel() else None
