"""Rules for reading and writing at indices, which may be constants or depend on the input."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from lrac_audit.witness.dependency.registry import RuleCall, rule
from lrac_audit.witness.dependency.steps import (
    compact,
    joined,
    joined_over,
    joined_whole,
    nothing,
    plain,
)


@rule("index_select")
def index_select(call: RuleCall) -> Tensor:
    """Return the steps of the chosen elements, or of all with those of the index."""
    tensor, index = call["self"], call["index"]
    steps, axis = compact(call.steps(tensor)), call["dim"] % tensor.dim()
    if not call.depends(index):
        return steps if steps.size(axis) == 1 else steps.index_select(axis, index)
    along = [1] * tensor.dim()
    along[axis] = -1
    return joined([joined_over(steps, [axis]), call.plain(index).reshape(along)])


@rule("gather")
def gather(call: RuleCall) -> Tensor:
    """Return the steps of the chosen elements, or of all along the axis with those of the index."""
    tensor, index, axis = call["self"], call["index"], call["dim"]
    steps = call.steps(tensor)
    if not call.depends(index):
        return steps.gather(axis, index)
    if not call.depends(tensor):
        return call.plain(index)
    along = joined_over(steps, [axis]).expand(_with_size(steps.shape, axis, 1))
    seen = along[_corner(_with_size(index.shape, axis, 1))]
    return joined([seen, call.steps(index)])


def _with_size(shape: tuple[int, ...], axis: int, size: int) -> list[int]:
    sizes = list(shape)
    sizes[axis] = size
    return sizes


def _corner(shape: list[int] | torch.Size) -> tuple[slice, ...]:
    """Return the index of the first elements along each axis."""
    return tuple(slice(0, size) for size in shape)


@rule("index", "_unsafe_index")
def index_elements(call: RuleCall) -> Tensor:
    """Return the steps of the chosen elements, or of all with those of the indices."""
    tensor, indices = call["self"], list(call["indices"])
    dependent = [index for index in indices if call.depends(index)]
    axes = [axis for axis, index in enumerate(indices) if index is not None]
    steps = compact(call.steps(tensor))
    if any(index.dtype in (torch.bool, torch.uint8) for index in dependent):
        return joined(joined_whole(call.steps(t)) for t in (tensor, *dependent))
    if not dependent:
        sizes = [tensor.size(k) if k in axes else size for k, size in enumerate(steps.shape)]
        chosen: Tensor = torch.ops.aten.index(steps.expand(sizes), indices)
        return chosen
    shape = torch.broadcast_shapes(*(indices[axis].shape for axis in axes))  # type: ignore[no-untyped-call]
    adjacent = axes == list(range(axes[0], axes[-1] + 1))
    front = axes[0] if adjacent else 0
    kept = [steps.size(axis) for axis in range(tensor.dim()) if axis not in axes]
    by_index = joined(call.steps(index) for index in dependent)
    by_index = by_index.reshape(*by_index.shape, *[1] * (len(kept) - front))
    if not call.depends(tensor):
        return by_index
    seen = joined_over(steps, axes).reshape(*kept[:front], *[1] * len(shape), *kept[front:])
    return joined([seen, by_index])


@rule("embedding")
def embed(call: RuleCall) -> Tensor:
    """Return the steps of the index, with those of the table where it depends on the input."""
    index, table = call["indices"], call["weight"]
    steps = [call.plain(index).unsqueeze(-1)]
    if call.depends(table):
        steps.append(joined_over(call.steps(table), [0]))
    return joined(steps)


@rule("index_put", "_unsafe_index_put", "_index_put_impl")
def index_put(call: RuleCall) -> Tensor:
    """Return the steps of the tensor, with those of the values at constant indices."""
    tensor, indices, values = call["self"], list(call["indices"]), call["values"]
    steps = plain(call.steps(tensor)).expand(tensor.shape)
    if any(call.depends(index) for index in indices):
        return _put_anywhere(call, steps, indices, values)
    places = torch.arange(tensor.numel()).reshape(tensor.shape)
    places = torch.ops.aten.index(places, indices)
    flat = steps.reshape(-1).clone()
    new = plain(call.steps(values)).expand(places.shape)
    if not call["accumulate"]:
        flat[places.flatten()] = NO_STEPS
    flat.scatter_reduce_(0, places.flatten(), new.flatten(), "amax")
    return flat.reshape(tensor.shape)


NO_STEPS = int(nothing())


def _put_anywhere(call: RuleCall, steps: Tensor, indices: list[Any], values: Tensor) -> Tensor:
    """Return the join of the tensor with what may be written anywhere, or where a mask is set."""
    mask = indices[0]
    if len(indices) != 1 or mask.dtype != torch.bool or values.numel() != 1:
        dependent = [index for index in indices if call.depends(index)]
        return joined([steps, *(joined_whole(call.steps(t)) for t in (values, *dependent))])
    by_mask = call.plain(mask)
    by_mask = by_mask.reshape(*by_mask.shape, *[1] * (steps.dim() - mask.dim()))
    return joined([steps, by_mask, joined_whole(call.steps(values))])


@rule("scatter", "scatter_add", "scatter_reduce")
def scatter(call: RuleCall) -> Tensor:
    """Return the steps of the tensor, joined with those of what is written into it."""
    tensor, index, axis = call["self"], call["index"], call["dim"]
    source = call.first("src", "value")
    steps = plain(call.steps(tensor)).expand(tensor.shape).clone()
    written = call.plain(source)
    if isinstance(source, Tensor):
        written = written.expand(source.shape)[_corner(index.shape)]
    written = written.expand(index.shape)
    if not call.depends(index):
        return steps.scatter_reduce(axis, index, written, "amax")
    anywhere = joined_over(joined([written, call.steps(index)]), [axis])
    corner = list(_corner(index.shape))
    corner[axis] = slice(None)
    steps[tuple(corner)] = torch.maximum(steps[tuple(corner)], anywhere)
    return steps


@rule("index_add", "index_copy")
def write_at_index(call: RuleCall) -> Tensor:
    """Return the steps of the tensor, joined with those of the slices written into it."""
    tensor, index, axis = call["self"], call["index"], call["dim"]
    steps = plain(call.steps(tensor)).expand(tensor.shape).clone()
    source = plain(call.steps(call["source"])).expand(call["source"].shape)
    if call.depends(index):
        along = [1] * tensor.dim()
        along[axis] = -1
        by_index = joined([source, call.plain(index).reshape(along)])
        return joined([steps, joined_over(by_index, [axis])])
    if call.func._schema.name.startswith("aten::index_copy"):
        return steps.index_copy(axis, index, source.contiguous())
    along = [1] * tensor.dim()
    along[axis] = -1
    places = index.reshape(along).expand(source.shape)
    return steps.scatter_reduce(axis, places, source, "amax")


@rule("index_fill")
def fill_at_index(call: RuleCall) -> Tensor:
    """Return the steps of the tensor, with those of the value along the chosen slices."""
    steps, index = call.plain(call["self"]), call["index"]
    value = joined_whole(call.steps(call["value"]))
    if call.depends(index):
        return joined([steps, joined_whole(call.steps(index)), value])
    return steps.expand(call["self"].shape).index_fill(call["dim"], index, int(value))
