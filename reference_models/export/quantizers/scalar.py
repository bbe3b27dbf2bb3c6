"""Operations of scalar quantizers, which round each value by itself."""

from __future__ import annotations

from typing import Any, cast

from lrac_audit.design.quantizers.fsq import Fsq
from lrac_audit.design.quantizers.lookup_free import LookupFree
from reference_models.export.lowering import QUANTIZERS, Builder, QuantizerLowering
from reference_models.export.operations.quantizers import Rescale, Round
from reference_models.export.quantizers.residual import difference, index_value, plus, projected
from reference_models.export.signal import Signal
from reference_models.nn.quantizers.scalar import Levels, ScalarQuantizer, Signs


def transmit(builder: Builder, latent: Signal, layers: int) -> tuple[str, ...]:
    """Lower the rounding of the first ``layers``; return their indices."""
    quantizer, indices = _quantizer(builder), []
    if quantizer.project_in is not None:
        latent = projected(builder, "quantizer.project_in", quantizer.project_in, latent)
    for i, layer in enumerate(quantizer.first(layers)):
        path, last = f"quantizer.layers.{i}", i == layers - 1
        with builder.in_layer(i):
            index = index_value(builder, f"{path}.round", latent)
            levels, row = _levels(layer), index.name
            builder.run(Round(row=row, reads=(latent.name,), writes=row, **levels))
        indices.append(index.name)
        if not last:
            with builder.in_layer(i + 1):
                values = latent.of(f"{path}.values")
                row = f"{path}.subtract"
                again = Rescale(row=row, reads=(index.name,), writes=values.name, **levels)
                latent = difference(builder, row, latent, builder.write(again, values))
    return tuple(indices)


def receive(builder: Builder, frame: Signal, layers: int) -> tuple[tuple[str, ...], Signal]:
    """Lower the sum of the values of all layers; return the indices and the latent."""
    quantizer, indices, total = _quantizer(builder), [], None
    for i, layer in enumerate(quantizer.first(layers)):
        path, levels = f"quantizer.layers.{i}", _levels(layer)
        index = index_value(builder, f"{path}.index", frame)
        values = frame.of(f"{path}.rescale", len(levels["counts"]))
        with builder.in_layer(i):
            row = values.name
            rescale = Rescale(row=row, reads=(index.name,), writes=row, **levels)
            builder.write(rescale, values)
        total = values if total is None else plus(builder, f"{path}.add", total, values)
        indices.append(index.name)
    assert total is not None, "a quantizer has a layer"
    if quantizer.project_out is not None:
        total = projected(builder, "quantizer.project_out", quantizer.project_out, total)
    return tuple(indices), total


def _quantizer(builder: Builder) -> ScalarQuantizer:
    return cast(ScalarQuantizer, builder.codec.quantizer)


def _levels(layer: Levels) -> dict[str, Any]:
    """Return the fields of an operation on the levels of ``layer``."""
    signs = isinstance(layer, Signs)
    finer = (layer.scale,) * len(layer.levels) if isinstance(layer, Signs) else layer.finer
    ones = (1.0,) * len(layer.levels)
    return {"counts": layer.levels, "finer": finer or ones, "signs": signs}


QUANTIZERS.add(Fsq, LookupFree)(QuantizerLowering(transmit, receive))
