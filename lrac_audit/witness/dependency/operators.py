"""The schemas of torch's operators, as far as the propagation needs them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import torch
from torch import Tensor

from lrac_audit.witness.dispatch import tensors_in
from lrac_audit.witness.torch_versions import is_pointwise
from lrac_audit.witness.trace.formulas.formula_table import words


class Operator(NamedTuple):
    """The schema of one overload."""

    name: str
    """Such as ``add`` for ``aten::add_.Tensor``; other namespaces are kept: ``mine::add``."""
    parameters: tuple[tuple[str, Any], ...]
    """Names and defaults, in the order of the schema."""
    written: tuple[str, ...]
    """The arguments that it changes in place."""
    is_view: bool
    """Whether its results share memory with its inputs, which it does not change."""
    is_random: bool
    is_pointwise: bool
    changes_shape: bool
    """Whether it changes the shape or the strides of its input in place."""


@cache
def operator_of(func: Any) -> Operator:
    """Return the schema of an operator; torch takes so long to read one that it is cached."""
    schema = func._schema
    namespace, name = schema.name.split("::")
    written = tuple(
        argument.name
        for argument in schema.arguments
        if argument.alias_info is not None and argument.alias_info.is_write
    )
    if name.endswith("_") and not name.endswith("__") and written:
        name = name[:-1]
    return Operator(
        name if namespace == "aten" else f"{namespace}::{name}",
        tuple((argument.name, argument.default_value) for argument in schema.arguments),
        written,
        not written and any(result.alias_info is not None for result in schema.returns),
        torch.Tag.nondeterministic_seeded in func.tags,
        is_pointwise(func),
        torch.Tag.inplace_view in func.tags,
    )


@dataclass(frozen=True)
class OperatorCall:
    """One call of an operator."""

    func: Any
    operator: Operator
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    arguments: dict[str, Any]
    """All arguments by name, defaults filled in."""
    tensors: list[Tensor]
    """All input tensors, in order."""
    is_random: bool
    """Whether it draws random numbers: a dropout that drops nothing does not."""

    @classmethod
    def of(cls, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> OperatorCall:
        """Return the call of ``func`` with these arguments."""
        func = PHYSICAL.get(func, func)
        operator = operator_of(func)
        names = (name for name, _ in operator.parameters)
        arguments = {**dict(operator.parameters), **kwargs, **dict(zip(names, args, strict=False))}
        tensors = list(tensors_in((args, kwargs)))
        return cls(func, operator, args, kwargs, arguments, tensors, _draws(operator, arguments))


def _draws(operator: Operator, arguments: dict[str, Any]) -> bool:
    if not operator.is_random:
        return False
    chance = arguments.get("dropout_p", arguments.get("p"))
    is_dropout = "dropout" in operator.name or "attention" in operator.name
    return not (is_dropout and chance == 0)


PHYSICAL = {
    torch.ops.aten._conj.default: torch.ops.aten.conj_physical.default,
    torch.ops.aten._neg_view.default: torch.ops.aten.neg.default,
}
"""What stands for operators that only set a flag, which a dependent tensor does not have."""

FACTORIES = frozenset(
    words(
        "ones_like zeros_like full_like empty_like new_zeros new_ones new_full new_empty "
        "new_empty_strided"
    )
)
"""Operators that take only shape and dtype from a tensor: their results are constants."""

VALUE_READERS = frozenset(words("_local_scalar_dense equal is_nonzero allclose"))
"""Operators that hand values out of torch, mostly to steer control flow."""

INDEXED = frozenset(words("index _unsafe_index index_put _unsafe_index_put _index_put_impl"))
"""Operators whose second argument is a list of indices, each of which may be a mask."""


def with_positions(args: tuple[Any, ...], depends: Callable[[Tensor], bool]) -> tuple[Any, ...]:
    """Return the arguments of an indexed operator with positions in place of constant masks."""
    indices: list[Any] = []
    for index in args[1]:
        if _is_mask(index) and not depends(index):
            indices += index.nonzero(as_tuple=True)
        else:
            indices.append(index)
    return (args[0], indices, *args[2:])


def _is_mask(index: Any) -> bool:
    return isinstance(index, Tensor) and index.dtype in (torch.bool, torch.uint8)


def shape_depends_on_values(call: OperatorCall, depends: Callable[[Tensor], bool]) -> bool:
    """Return whether the shape of the result follows from values that depend on the input."""
    if torch.Tag.dynamic_output_shape not in call.func.tags:
        return False
    if "indices" in call.arguments:
        return any(_is_mask(index) and depends(index) for index in call.arguments["indices"])
    return any(depends(tensor) for tensor in call.tensors)
