"""Operations of layers that each code what the layers before them left over."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from torch import nn

from reference_models.export.layers.convolutions import PARAMETERS, mapped
from reference_models.export.lowering import Builder
from reference_models.export.operations.pointwise import Add, Subtract
from reference_models.export.operations.quantizers import Lookup, Search
from reference_models.export.signal import Signal
from reference_models.nn.quantizers.rvq import Layer, ReceiveLayer, TransmitLayer


def search_layers(
    builder: Builder, path: str, layers: Iterable[Layer], latent: Signal, first: int = 0
) -> list[str]:
    """Lower layers in their order, the first of which has the number ``first``.

    Returns:
        The index of each.
    """
    indices = []
    for i, layer in enumerate(layers):
        with builder.in_layer(first + i):
            name = f"{path}.layers.{i}"
            index, values = searched(builder, name, cast(TransmitLayer, layer), latent)
            latent = difference(builder, f"{name}.subtract", latent, values)
        indices.append(index.name)
    return indices


def searched(builder: Builder, path: str, layer: TransmitLayer, x: Signal) -> tuple[Signal, Signal]:
    """Lower the choice of a codeword for each step of ``x``; return the index and its values."""
    y = x
    if layer.project_in is not None:
        y = projected(builder, f"{path}.project_in", layer.project_in, x)
    row = f"{path}.search"
    table = codebook = builder.constant(f"{row}.codebook", layer.search.embed)
    index = index_value(builder, row, y)
    builder.run(Search(row=row, reads=(y.name,), writes=row, constants=(codebook,)))
    if layer.lookup is not None:
        table = builder.constant(f"{path}.lookup.table", layer.lookup.values)
    return index, looked_up(builder, f"{path}.lookup", index, table)


def sum_layers(
    builder: Builder, path: str, layers: Iterable[Layer], steps: Signal, first: int = 0
) -> tuple[list[str], Signal]:
    """Lower the sum of the entries of all ``layers``, whose indices it enters.

    Returns:
        The indices, and the sum.
    """
    indices, total = [], None
    for i, layer in enumerate(layers):
        name = f"{path}.layers.{i}"
        index, entry = entries(builder, name, layer, steps, first + i)
        indices.append(index.name)
        total = entry if total is None else plus(builder, f"{name}.add", total, entry)
    assert total is not None, "a quantizer has a layer"
    return indices, total


def entries(
    builder: Builder, path: str, layer: Layer, steps: Signal, number: int
) -> tuple[Signal, Signal]:
    """Lower the lookup of one layer; return the index, which it enters, and the values."""
    index = index_value(builder, f"{path}.index", steps)
    table = builder.constant(f"{path}.lookup.table", cast(ReceiveLayer, layer).lookup.values)
    with builder.in_layer(number):
        return index, looked_up(builder, f"{path}.lookup", index, table)


def index_value(builder: Builder, name: str, steps: Signal) -> Signal:
    """Enter a value of one index for each of the ``steps``."""
    builder.value(name, steps.rows, 1, is_index=True)
    return steps.of(name, 1)


def looked_up(builder: Builder, row: str, index: Signal, table: str) -> Signal:
    """Lower the lookup of entries of ``table``."""
    y = index.of(row, builder.constants[table].shape[1])
    return builder.write(Lookup(row=row, reads=(index.name,), writes=row, constants=(table,)), y)


def projected(builder: Builder, path: str, linear: nn.Linear, x: Signal) -> Signal:
    """Lower a projection."""
    return mapped(builder, path, builder.parameters(path, linear, PARAMETERS), x)


def difference(builder: Builder, row: str, x: Signal, values: Signal) -> Signal:
    """Lower a subtraction."""
    return builder.write(Subtract(row=row, reads=(x.name, values.name), writes=row), x.of(row))


def plus(builder: Builder, row: str, x: Signal, values: Signal) -> Signal:
    """Lower an addition."""
    return builder.write(Add(row=row, reads=(x.name, values.name), writes=row), x.of(row))
