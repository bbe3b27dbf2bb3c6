"""Operations of the residual vector quantizer, in its absorbed form."""

from __future__ import annotations

from typing import cast

from lrac_audit.design import parts
from lrac_audit.design.parts import CodecDesign
from reference_models.export.layers.convolutions import PARAMETERS, mapped
from reference_models.export.lowering import QUANTIZERS, Builder, QuantizerLowering
from reference_models.export.operations import Add, Lookup, Search, Subtract
from reference_models.export.signal import Signal
from reference_models.nn.quantizers.rvq import ReceiveLayer, ResidualQuantizer, TransmitLayer


def transmit(builder: Builder, latent: Signal, layers: int) -> tuple[str, ...]:
    """Lower the search of the first ``layers``; return their indices."""
    quantizer = cast(ResidualQuantizer, builder.codec.quantizer)
    indices = []
    for number, layer in enumerate(quantizer.active(layers)):
        with builder.in_layer(number):
            index, latent = _search(builder, number, cast(TransmitLayer, layer), latent)
        indices.append(index)
    return tuple(indices)


def _search(
    builder: Builder, number: int, layer: TransmitLayer, residual: Signal
) -> tuple[str, Signal]:
    """Lower a layer; return its index and what it leaves of the ``residual``."""
    path, x = f"quantizer.layers.{number}", residual
    if layer.project_in is not None:
        name = f"{path}.project_in"
        x = mapped(builder, name, builder.parameters(name, layer.project_in, PARAMETERS), x)
    row = f"{path}.search"
    table = codebook = builder.constant(f"{row}.codebook", layer.search.embed)
    index = builder.value(row, x.rows, 1, is_index=True)
    builder.run(Search(row=row, reads=(x.name,), writes=index, constants=(codebook,)))
    if layer.lookup is not None:
        table = builder.constant(f"{path}.lookup.table", layer.lookup.values)
    values = _looked_up(builder, f"{path}.lookup", index, table, residual)
    rest = residual.of(f"{path}.subtract")
    writes = builder.value(rest.name, rest.rows, rest.columns)
    builder.run(Subtract(row=rest.name, reads=(residual.name, values.name), writes=writes))
    return index, rest


def receive(builder: Builder, design: CodecDesign, layers: int) -> tuple[tuple[str, ...], Signal]:
    """Lower the sum of the tables' entries; return the indices and the latent."""
    quantizer = cast(ResidualQuantizer, builder.codec.quantizer)
    latent = Signal("", 1, design.latent_dim, 0, ())
    indices = []
    for number, layer in enumerate(quantizer.active(layers)):
        path = f"quantizer.layers.{number}"
        indices.append(builder.value(f"{path}.index", latent.rows, 1, is_index=True))
        values = cast(ReceiveLayer, layer).lookup.values
        table = builder.constant(f"{path}.lookup.table", values)
        with builder.in_layer(number):
            entry = _looked_up(builder, f"{path}.lookup", indices[-1], table, latent)
        latent = _summed(builder, f"{path}.add", latent, entry) if number else entry
    return tuple(indices), latent


def _looked_up(builder: Builder, row: str, index: str, table: str, like: Signal) -> Signal:
    writes = builder.value(row, like.rows, like.columns)
    builder.run(Lookup(row=row, reads=(index,), writes=writes, constants=(table,)))
    return like.of(row)


def _summed(builder: Builder, row: str, latent: Signal, entry: Signal) -> Signal:
    writes = builder.value(row, latent.rows, latent.columns)
    builder.run(Add(row=row, reads=(latent.name, entry.name), writes=writes))
    return latent.of(row)


QUANTIZERS.add(parts.Quantizer)(QuantizerLowering(transmit, receive))
