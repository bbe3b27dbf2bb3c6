"""Rules for operators that only move elements: the steps are moved in the same way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from lrac_audit.witness.dependency.registry import NoRuleError, RuleCall, rule
from lrac_audit.witness.dependency.steps import ZERO, compact, joined_over
from lrac_audit.witness.dispatch import map_tensors
from lrac_audit.witness.trace.formulas.formula_table import words

OPTIONS = ("memory_format", "dtype", "layout", "device", "pin_memory", "non_blocking", "copy")
"""Arguments that say nothing about where elements go."""


@rule(
    *words(
        "permute transpose t slice select unsqueeze squeeze split split_with_sizes unsafe_split "
        "unbind diagonal unfold roll slice_scatter select_scatter diagonal_scatter expand"
    )
)
def move_elements(call: RuleCall) -> Any:
    """Return what the operator itself makes of the steps."""
    arguments = {
        name: map_tensors(call.steps, value)
        for name, value in call.arguments.items()
        if name not in OPTIONS
    }
    return call.func(arguments.pop("self"), **arguments)  # older torch takes no such keyword


@rule("diag_embed")
def embed_diagonal(call: RuleCall) -> Tensor:
    """Return the steps on a diagonal, and zero elsewhere."""
    options = {name: call[name] for name in ("offset", "dim1", "dim2")}
    placed: Tensor = call.func(call.steps(call["self"]) - ZERO, **options)
    return placed + ZERO


@rule("flip")
def flip(call: RuleCall) -> Tensor:
    """Return the steps in reverse order along some axes."""
    return compact(call.steps(call["self"])).flip(call["dims"])


@rule("repeat")
def repeat(call: RuleCall) -> Tensor:
    """Return the steps repeated along the axes where they vary."""
    steps, repeats = compact(call.steps(call["self"])), list(call["repeats"])
    steps = steps.reshape([1] * (len(repeats) - steps.dim()) + list(steps.shape))
    sizes = zip(steps.shape, repeats, strict=True)
    return steps.repeat([times if size != 1 else 1 for size, times in sizes])


@rule("view", "_unsafe_view", "_reshape_alias", "view_copy", "_reshape_copy")
def view(call: RuleCall) -> Tensor:
    """Return the steps in a new shape; axes that do not vary stay apart from those that do."""
    if call.first("dtype") is not None:
        raise NoRuleError
    old = call.steps(call["self"])
    return reshaped(old, call.shapes[0])


def reshaped(steps: Tensor, shape: Sequence[int]) -> Tensor:
    """Return ``steps`` in a new shape, compact along all axes that come from constant ones."""
    if 0 in shape:
        return steps.reshape(shape)
    varying, sizes, kept = compact(steps), list(compact(steps).shape), []
    for old_axes, new_axes in axis_groups(steps.shape, shape):
        if all(varying.size(axis) == 1 for axis in old_axes):
            kept += [1] * len(new_axes)
            continue
        for axis in old_axes:
            sizes[axis] = steps.size(axis)
        kept += [shape[axis] for axis in new_axes]
    return varying.expand(sizes).reshape(kept)


def axis_groups(old: Sequence[int], new: Sequence[int]) -> Iterator[tuple[range, range]]:
    """Yield the smallest groups of old and new axes that hold equally many elements."""
    i = j = 0
    while i < len(old) or j < len(new):
        old_start, new_start = i, j
        before, after = 1, 1
        if i < len(old):
            before, i = old[i], i + 1
        if j < len(new):
            after, j = new[j], j + 1
        while before != after:
            if before < after:
                before, i = before * old[i], i + 1
            else:
                after, j = after * new[j], j + 1
        yield range(old_start, i), range(new_start, j)


@rule("as_strided")
def as_strided(call: RuleCall) -> Tensor:
    """Return the steps of the elements of the storage that are seen."""
    geometry = (list(call["size"]), list(call["stride"]), call["storage_offset"])
    return call.reader.strided(call["self"], geometry, call.kind)


@rule("view_as_real")
def view_as_real(call: RuleCall) -> Tensor:
    """Return the steps of complex elements for their real and imaginary parts."""
    return call.steps(call["self"]).unsqueeze(-1).expand(call.shapes[0])


@rule("view_as_complex")
def view_as_complex(call: RuleCall) -> Tensor:
    """Return the join of the steps of real and imaginary parts."""
    return joined_over(call.steps(call["self"]), [-1], keepdim=False)


@rule("cat")
def concatenate(call: RuleCall) -> Tensor:
    """Return the steps one after the other."""
    dims = len(call.shapes[0])
    parts = [call.steps(t) for t in call["tensors"] if t.dim() == dims]
    return side_by_side(parts, call["dim"])


@rule("stack")
def stack(call: RuleCall) -> Tensor:
    """Return the steps along a new axis."""
    axis = call["dim"] % len(call.shapes[0])
    return side_by_side([call.steps(t).unsqueeze(axis) for t in call["tensors"]], axis)


def side_by_side(parts: Sequence[Tensor], axis: int) -> Tensor:
    """Return ``parts`` one after the other, compact along the axes where none of them varies."""
    compacts = [compact(part) for part in parts]
    axis %= parts[0].dim()
    sizes = [max(part.size(k) for part in compacts) for k in range(parts[0].dim())]
    whole = []
    for part, varying in zip(parts, compacts, strict=True):
        own = [part.size(k) if k == axis else size for k, size in enumerate(sizes)]
        whole.append(varying.expand(own))
    return torch.cat(whole, axis)
