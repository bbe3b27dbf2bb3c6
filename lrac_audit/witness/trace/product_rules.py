"""Follow products through the operations on them."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from lrac_audit.witness.trace.factors import Factor, macs_per_value
from lrac_audit.witness.trace.formulas.formula_table import words
from lrac_audit.witness.trace.layouts import expanded, layout_of, partial_axes, varies
from lrac_audit.witness.trace.operator_call import OperatorCall
from lrac_audit.witness.trace.product_sums import Addition, ProductSum, added, product_sum
from lrac_audit.witness.trace.products import Product
from lrac_audit.witness.trace.provenance import Family, own_family

POOLS = ("aten.avg_pool", "aten.adaptive_avg_pool", "aten._adaptive_avg_pool")
ADDITIONS = frozenset({"aten.add", "aten.sub", "aten.rsub", "aten.addcmul"})
SCALED = frozenset(f"aten.{n}" for n in words("neg where masked_fill conj_physical positive"))


def summed_axes(call: OperatorCall) -> list[int]:
    """Return the axes of the first tensor that a sum runs over."""
    count = call.tensors[0].dim()
    if call.name.startswith(POOLS):
        spatial = int(call.name[-2]) if call.name[-2].isdigit() else 1
        return list(range(count - spatial, count))
    given = call.argument("dim")
    if given is None or given == []:
        return list(range(count))
    axes = given if isinstance(given, list | tuple) else [given]
    return [axis % max(count, 1) for axis in axes if count]


def reduced(given: ProductSum | None, call: OperatorCall, axes: Sequence[int]) -> ProductSum | None:
    """Return what is left of products after a sum over axes along which a factor repeats."""
    out = call.outputs[0]
    if given is None or not axes or call.tensors[0].dim() - out.dim() not in (0, len(axes)):
        return None
    keeps = out.dim() == call.tensors[0].dim()
    if keeps and any(out.shape[axis] != 1 for axis in axes):
        return None

    def change(layout: Tensor) -> Tensor:
        for axis in sorted(axes, reverse=True):
            layout = layout.narrow(axis, 0, 1) if keeps else layout.select(axis, 0)
        return layout

    return given.changed(change)


def family_of(call: OperatorCall) -> Family | None:
    """Return the tensor, or the two, that the result is a function of, value by value.

    None if there are more.
    """
    pairs = list(zip(call.tensors, call.provenances, strict=True))
    families = [own_family(*pair) for pair in pairs]
    signals = {
        family: tensor.shape
        for family, (tensor, provenance) in zip(families, pairs, strict=True)
        if not provenance.constant
    }
    if len(signals) == 1 and call.outputs[0].shape in signals.values():
        return next(iter(signals))
    if len(pairs) == 2 and not any(provenance.family for _, provenance in pairs):
        return (call.name, *families)
    return None


def addition_of(call: OperatorCall, index: int) -> Addition | None:
    """Return the sum of two sums of products, if this call, with record ``index``, is one."""
    if call.name not in ADDITIONS or len(call.outputs) != 1:
        return None
    first = _summand(call, call.args[0])
    if call.name == "aten.addcmul":
        second = _multiplied(call, index, call.args[1], call.args[2])
        constants = [_is_constant(call, call.args[0]), False]
        plain = call.args[:1]
    else:
        alpha, other = call.argument("alpha"), call.args[1]
        scaled = alpha not in (None, 1, -1) and isinstance(other, Tensor)
        second = _multiplied(call, index, other, alpha) if scaled else _summand(call, other)
        constants = [_is_constant(call, each) for each in (call.args[0], other)]
        plain = call.args[: 1 if scaled else 2]
    pure = all(
        constant or each is not None
        for constant, each in zip(constants, (first, second), strict=True)
    )
    addition = added(first, second, pure)
    parts = [each for each in plain if isinstance(each, Tensor) and _is_part(each)]
    if addition is not None and parts:
        addition = addition.told_apart({axis for part in parts for axis in partial_axes(part)})
    if first is None or second is None or addition is None or not _are_alike(call.tensors):
        return addition
    return addition._replace(taps=[*addition.taps, *first.parts_beside(second)])


def _are_alike(tensors: Sequence[Tensor]) -> bool:
    """Return whether these are two tensors of one shape, such as parts of one tensor have."""
    if len(tensors) != 2 or tensors[0] is tensors[1]:
        return False
    return tensors[0].shape == tensors[1].shape


def _is_part(tensor: Tensor) -> bool:
    """Return whether a tensor shows a part of its memory, as where frames are added into a clip."""
    return tensor.numel() * tensor.element_size() < tensor.untyped_storage().nbytes()


def product_of(call: OperatorCall, index: int) -> ProductSum | None:
    """Return the products in the result of any other pointwise call, with record ``index``."""
    if len(call.outputs) != 1:
        return None
    if call.name == "aten.mul":
        return _multiplied(call, index, call.args[0], call.args[1])
    if call.name == "aten.div" and call.argument("rounding_mode") is None:
        if _is_constant(call, call.args[1]):
            return _multiplied(call, index, call.args[0], call.args[1])
        return _summand(call, call.args[0])
    if call.name not in SCALED:
        return None
    sums = [_summand(call, tensor) for tensor in call.tensors]
    return product_sum(None, sums)


def _multiplied(call: OperatorCall, index: int, first: object, second: object) -> ProductSum | None:
    """Return the product of two arguments, with those that went into them in its chains."""
    out = call.outputs[0]
    sums = [_summand(call, each) for each in (first, second)]
    constants = [_is_constant(call, each) for each in (first, second)]
    if all(constants) or not (out.is_floating_point() or out.is_complex()):
        return None
    if not any(constants) and _are_one_family(call, first, second):
        return None  # an energy, or a gate of the tensor itself, of which no sum is linear
    factors = [_factor(call, each) for each in (first, second)]
    share = next((p.share for p in call.provenances if p.role == "attention"), None)
    macs = macs_per_value(first, second)
    signal, other = factors if constants[1] else factors[::-1]
    fans_out = any(constants) and signal.meets_several(other)
    whole = any(each is not None and each.is_whole for each in sums)
    count, left, right = out.numel(), *factors
    product = Product(index, count, macs, left, right, share, out.dim(), fans_out, whole)
    return product_sum(product, sums)


def _summand(call: OperatorCall, given: object) -> ProductSum | None:
    """Return the products in one argument, broadcast to the result."""
    if not isinstance(given, Tensor):
        return None
    products = call.provenance_of(given).products
    return None if products is None else products.broadcast(call.outputs[0].shape, given.shape)


def _is_constant(call: OperatorCall, given: object) -> bool:
    return not isinstance(given, Tensor) or call.provenance_of(given).constant


def _are_one_family(call: OperatorCall, first: object, second: object) -> bool:
    """Return whether both are the same tensor, or functions of the same, value by value."""
    families = [
        own_family(each, call.provenance_of(each))
        for each in (first, second)
        if isinstance(each, Tensor)
    ]
    return families[0] == families[-1]


def _factor(call: OperatorCall, given: object) -> Factor:
    """Return one argument of a product as a factor."""
    if not isinstance(given, Tensor):
        return Factor(constant=True)
    provenance = call.provenance_of(given)
    layout = layout_of(given, provenance.layout)
    return Factor(
        constant=provenance.constant,
        axes=tuple(axis for axis in range(-layout.dim(), 0) if varies(layout, axis)),
        strides=given.stride(),
        sizes=tuple(given.shape),
        left_strides=provenance.left_strides,
        layout=expanded(layout, call.outputs[0].shape),
        origin=provenance.origin,
        piece=(provenance.memory, int(given.storage_offset()), given.numel()),
        value=provenance.value,
        copies=provenance.distinct is not None and provenance.distinct < given.numel(),
        chosen=given.dtype == torch.bool or provenance.role == "mask",
    )
