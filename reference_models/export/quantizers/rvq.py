"""Operations of residual vector quantizers: plain, in groups, and split; in their absorbed form."""

from __future__ import annotations

from typing import cast

from lrac_audit.design import parts
from lrac_audit.design.quantizers.grouped_rvq import GroupedRvq
from lrac_audit.design.quantizers.split_rvq import SplitRvq
from reference_models.export.lowering import QUANTIZERS, Builder, QuantizerLowering
from reference_models.export.operations.rows import Concatenate, Select
from reference_models.export.quantizers.residual import (
    plus,
    projected,
    search_layers,
    sum_layers,
)
from reference_models.export.signal import Signal
from reference_models.nn.quantizers.grouped_rvq import GroupedQuantizer
from reference_models.nn.quantizers.rvq import ResidualQuantizer
from reference_models.nn.quantizers.split_rvq import SplitQuantizer

Received = tuple[tuple[str, ...], Signal]


def transmit(builder: Builder, latent: Signal, layers: int) -> tuple[str, ...]:
    """Lower the search of the first ``layers``; return their indices."""
    quantizer = cast(ResidualQuantizer, builder.codec.quantizer)
    return tuple(search_layers(builder, "quantizer", quantizer.active(layers), latent))


def receive(builder: Builder, frame: Signal, layers: int) -> Received:
    """Lower the sum of the tables' entries; return the indices and the latent."""
    quantizer = cast(ResidualQuantizer, builder.codec.quantizer)
    indices, latent = sum_layers(builder, "quantizer", quantizer.active(layers), frame)
    return tuple(indices), latent


def transmit_groups(builder: Builder, latent: Signal, layers: int) -> tuple[str, ...]:
    """Lower the search in each group's part of the latent."""
    groups = cast(GroupedQuantizer, builder.codec.quantizer).each()
    width, by_group = latent.columns // len(groups), []
    for i, group in enumerate(groups):
        path = f"quantizer.groups.{i}"
        part = latent.of(f"{path}.latent", width)
        row = f"{path}.layers.0.{'search' if _searches_latent(group) else 'project_in'}"
        select = Select(row=row, reads=(latent.name,), writes=part.name, first=i * width)
        active = cast(ResidualQuantizer, group).active(layers)
        by_group.append(search_layers(builder, path, active, builder.write(select, part)))
    return _layer_by_layer(by_group)


def receive_groups(builder: Builder, frame: Signal, layers: int) -> Received:
    """Lower the sums of all groups, side by side."""
    groups = cast(GroupedQuantizer, builder.codec.quantizer).each()
    by_group, sums = [], []
    for i, group in enumerate(groups):
        active = cast(ResidualQuantizer, group).active(layers)
        indices, total = sum_layers(builder, f"quantizer.groups.{i}", active, frame)
        by_group.append(indices)
        sums.append(total)
    latent = frame.of("quantizer.latent", sum(each.columns for each in sums))
    reads = tuple(each.name for each in sums)
    row = "quantizer.groups.0.layers.0.lookup"
    joined = builder.write(Concatenate(row=row, reads=reads, writes=latent.name), latent)
    return _layer_by_layer(by_group), joined


def _searches_latent(group: object) -> bool:
    return cast(ResidualQuantizer, group).active(1)[0].project_in is None


def _layer_by_layer(by_group: list[list[str]]) -> tuple[str, ...]:
    """Return the indices of all groups in the order of a frame."""
    return tuple(index for layer in zip(*by_group, strict=True) for index in layer)


def transmit_split(builder: Builder, latent: Signal, layers: int) -> tuple[str, ...]:
    """Lower the search of each part, which codes the whole latent."""
    indices: list[str] = []
    for i, (part, count) in enumerate(cast(SplitQuantizer, builder.codec.quantizer).active(layers)):
        path, first, x = f"quantizer.parts.{i}", len(indices), latent
        if part.project_in is not None:
            with builder.in_layer(first):
                x = projected(builder, f"{path}.project_in", part.project_in, latent)
        indices += search_layers(builder, path, part.active(count), x, first)
    return tuple(indices)


def receive_split(builder: Builder, frame: Signal, layers: int) -> Received:
    """Lower the sum of both parts."""
    indices: list[str] = []
    sums = []
    for i, (part, count) in enumerate(cast(SplitQuantizer, builder.codec.quantizer).active(layers)):
        path = f"quantizer.parts.{i}"
        found, total = sum_layers(builder, path, part.active(count), frame, len(indices))
        indices += found
        sums.append(total)
    latent = sums[0] if len(sums) == 1 else plus(builder, "quantizer.add", *sums)
    return tuple(indices), latent


QUANTIZERS.add(parts.Quantizer)(QuantizerLowering(transmit, receive))
QUANTIZERS.add(GroupedRvq)(QuantizerLowering(transmit_groups, receive_groups))
QUANTIZERS.add(SplitRvq)(QuantizerLowering(transmit_split, receive_split))
