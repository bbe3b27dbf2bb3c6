"""Derive the layout of a result from those of the tensors that were moved or copied into it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor

from lrac_audit.witness.dispatch import tensors_in
from lrac_audit.witness.trace.formulas.formula_table import words
from lrac_audit.witness.trace.layouts import layout_of, of_axes, pairs_of, repeats, varies
from lrac_audit.witness.trace.operator_call import OperatorCall

COPIES = frozenset(
    f"aten.{name}"
    for name in words("""
clone copy _to_copy contiguous detach alias lift_fresh dropout _conj _neg_view resolve_conj
resolve_neg""")
)
"""Operators that keep shape and order; the conjugate of a value is as good as the value."""

VIEWS = frozenset(
    f"aten.{name}"
    for name in words("""
squeeze unsqueeze transpose t permute expand select slice narrow split unsafe_split
split_with_sizes chunk unbind unfold diagonal movedim""")
)
"""Operators that torch itself applies to a layout."""


def moved(layout: Tensor, call: OperatorCall) -> Tensor:
    """Return the layout of the first result of a call that moves values of such a layout."""
    shape = call.outputs[0].shape
    try:
        found = _moved(layout, call)
    except (RuntimeError, IndexError):  # the layout of a part of another size
        found = None
    return torch.empty(shape, device="meta") if found is None else found


def _moved(layout: Tensor, call: OperatorCall) -> Tensor | None:
    """Return the layout after the call; None where it is not known."""
    after = call.outputs[0]
    if call.name in COPIES:
        return layout if layout.shape == after.shape else None
    if call.name == "aten.view_as_real":
        return layout[..., None].expand(after.shape)
    if call.name == "aten.view_as_complex":
        return layout[..., 0]
    if call.name in VIEWS:
        return next(tensors_in(call.func(*_with_first(call.args, layout), **call.kwargs)))
    if call.name == "aten.repeat" or layout.numel() != after.numel():
        return _resized(layout, after.shape)
    return layout.reshape(after.shape)


def _with_first(args: tuple[Any, ...], layout: Tensor) -> tuple[Any, ...]:
    return (layout, *args[1:])


def _resized(layout: Tensor, shape: Sequence[int]) -> Tensor:
    """Return a layout of another shape: of equal axes, those that repeat still do."""
    missing = len(shape) - layout.dim()
    if missing < 0:
        return torch.empty(shape, device="meta")
    before = [(1, 0)] * missing + pairs_of(layout)
    different = [
        (step != 0 and old > 1) or (old > 1 and old != new)
        for (old, step), new in zip(before, shape, strict=True)
    ]
    return of_axes(shape, different)


def joined(layouts: Sequence[Tensor], call: OperatorCall, alike: bool) -> Tensor:
    """Return the layout of layouts put together by ``cat`` or ``stack``.

    ``alike`` says that all of them have the same values.
    """
    shape = call.outputs[0].shape
    axis = call.args[1] if len(call.args) > 1 else call.kwargs.get("dim", 0)
    axis = axis % len(shape)
    own = [[varies(layout, at) for at in range(layout.dim())] for layout in layouts]
    different = [any(flags) for flags in zip(*own, strict=True)]
    if call.name == "aten.stack":
        different.insert(axis, not alike)
    else:
        different[axis] = not alike or different[axis]
    return of_axes(shape, different)


def copied(call: OperatorCall, kept: Sequence[Tensor | None]) -> Tensor | None:
    """Return the layout to keep for the result of a call that moves or copies values.

    None where the strides of the result say as much.
    """
    if not call.tensors or len(call.outputs) != 1:
        return None
    if call.name in ("aten.cat", "aten.stack"):
        if any(first is not second for first, second in pairwise(call.tensors)):
            return None
        found = joined([layout_of(call.tensors[0], kept[0])], call, alike=True)
        return found if repeats(found) else None
    source = -1 if call.name == "aten.copy" else 0
    layout = layout_of(call.tensors[source], kept[source])
    if kept[source] is None and call.name != "aten.repeat" and not repeats(layout):
        return None
    found = moved(layout, call)
    return found if repeats(found) else None
