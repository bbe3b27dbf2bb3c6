"""Operations of the multi-scale quantizer, whose layers code the mean of several latent steps."""

from __future__ import annotations

from typing import cast

from lrac_audit.design.quantizers.multi_scale import MultiScaleRvq
from reference_models.export.lowering import QUANTIZERS, Builder, QuantizerLowering
from reference_models.export.operations.rows import Average, Delay, Join, Repeat
from reference_models.export.program import State
from reference_models.export.quantizers.residual import difference, entries, plus, searched
from reference_models.export.signal import Signal
from reference_models.nn.quantizers.multi_scale import MultiScaleQuantizer
from reference_models.nn.quantizers.rvq import Layer, TransmitLayer


def transmit(builder: Builder, latent: Signal, layers: int) -> tuple[str, ...]:
    """Lower the search of the first ``layers``; return their indices."""
    residual, indices = _whole_frames(builder, latent), []
    for i, (layer, stride) in enumerate(_scales(builder, layers)):
        path = f"quantizer.layers.{i}"
        with builder.in_layer(i):
            mean = _mean(builder, i, residual, stride)
            index, values = searched(builder, path, cast(TransmitLayer, layer), mean)
            spread = _spread(builder, path, values, stride, residual)
            residual = difference(builder, f"{path}.subtract", residual, spread)
        indices.append(index.name)
    return tuple(indices)


def receive(builder: Builder, frame: Signal, layers: int) -> tuple[tuple[str, ...], Signal]:
    """Lower the sum of the entries of all layers, each at all of its latent steps."""
    indices, total = [], None
    for i, (layer, stride) in enumerate(_scales(builder, layers)):
        path = f"quantizer.layers.{i}"
        steps = frame._replace(rows=frame.rows // stride)
        index, values = entries(builder, path, layer, steps, i)
        spread = _spread(builder, path, values, stride, frame)
        total = spread if total is None else plus(builder, f"{path}.add", total, spread)
        indices.append(index.name)
    assert total is not None, "a quantizer has a layer"
    return tuple(indices), total


def _scales(builder: Builder, layers: int) -> list[tuple[Layer, int]]:
    """Return the first ``layers``, each with its stride."""
    quantizer = cast(MultiScaleQuantizer, builder.codec.quantizer)
    return list(zip(quantizer.active(layers), quantizer.strides, strict=False))


def _whole_frames(builder: Builder, latent: Signal) -> Signal:
    """Hold the latent back until a frame begins with its first row; zeros complete the last one."""
    row = "quantizer.layers.0.subtract"
    inside = latent.of("quantizer.latent")
    zeroed = Join(row=row, reads=(latent.name,), writes=inside.name, valid=latent.valid)
    builder.write(zeroed, inside)
    waiting = -latent.lag % latent.rows
    if not waiting:
        return inside
    keeps = builder.state("quantizer", State(waiting, latent.columns, waiting_rows=waiting))
    y = inside.of("quantizer.frame")._replace(lag=latent.lag + waiting)
    return builder.write(Delay(row=row, reads=(inside.name,), writes=y.name, keeps=keeps), y)


def _mean(builder: Builder, number: int, x: Signal, stride: int) -> Signal:
    if stride == 1:
        return x
    row = f"quantizer.pools.{number}"
    y = x.slower(row, x.columns, stride, x.lag // stride)
    return builder.write(Average(row=row, reads=(x.name,), writes=row, count=stride), y)


def _spread(builder: Builder, path: str, values: Signal, stride: int, like: Signal) -> Signal:
    """Lower the values of a layer at all of their latent steps."""
    if stride == 1:
        return values
    y = like.of(f"{path}.spread", values.columns)
    row = f"{path}.lookup"
    return builder.write(Repeat(row=row, reads=(values.name,), writes=y.name, factor=stride), y)


QUANTIZERS.add(MultiScaleRvq)(QuantizerLowering(transmit, receive))
