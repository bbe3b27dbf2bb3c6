"""Absorption: folding the output projections of a trained quantizer into tables of the latent.

``table[k] = W_out e_k + b_out`` for each layer. The receiver then only looks up; the transmitter
searches the codebook as before and subtracts the table's entry. Except for rounding, the codes
are the same.
"""

from __future__ import annotations

from copy import deepcopy
from typing import NamedTuple

import torch
from torch import nn

from lrac_audit.design.parts import CodecDesign, unlike_rvq
from reference_models.nn.build import build_decoder, build_encoder
from reference_models.nn.codebook import trained_codebooks
from reference_models.nn.codec import Codec, first_values, receive_side, transmit_side
from reference_models.nn.conv import folded_state
from reference_models.nn.fingerprint import weights_fingerprint
from reference_models.nn.quantizer import Quantizer
from reference_models.nn.quantizers.grouped_rvq import GroupedQuantizer
from reference_models.nn.quantizers.multi_scale import MultiScaleQuantizer
from reference_models.nn.quantizers.rvq import (
    ReceiveLayer,
    ResidualQuantizer,
    Table,
    TrainedLayer,
    TransmitLayer,
    trained_layers,
)
from reference_models.nn.quantizers.split_rvq import Part, SplitQuantizer


class Absorbed(NamedTuple):
    """The two halves of an absorbed codec."""

    transmit: Codec
    receive: Codec


def deployed(codec: Codec) -> Absorbed:
    """Return the two sides of a trained ``codec`` as they are deployed.

    They are absorbed, unless the quantizer has no codebooks; then both are the codec itself.
    """
    return absorb(codec) if trained_codebooks(codec) else Absorbed(codec, codec)


@torch.no_grad()
def absorb(codec: Codec) -> Absorbed:
    """Return the transmit and the receive side of a trained ``codec``, which is not changed.

    Raises:
        InputError: its quantizer has no codebooks.
    """
    if codec.variant != "trained":
        raise ValueError(f"given a codec of the variant {codec.variant}; allowed: trained")
    encoder, decoder = build_encoder(codec.design), build_decoder(codec.design)
    encoder.load_state_dict(folded_state(transmit_side(codec)), assign=True)
    decoder.load_state_dict(folded_state(receive_side(codec)), assign=True)
    for coder in (encoder, decoder):  # tables that follow from the design are no part of a state
        coder.to(first_values(codec))
    to_search, to_look_up = _absorbed(codec.quantizer, codec.design)
    transmit = Codec(codec.design, "absorbed-transmit", encoder, to_search, None)
    receive = Codec(codec.design, "absorbed-receive", None, to_look_up, decoder)
    for half in (transmit, receive):
        half.origin_fingerprint = weights_fingerprint(codec)
        half.eval()
    return Absorbed(transmit, receive)


def _absorbed(quantizer: Quantizer, design: CodecDesign) -> tuple[Quantizer, Quantizer]:
    """Return the quantizers of the transmit and the receive side."""
    if isinstance(quantizer, GroupedQuantizer):
        halves = [_absorbed(group, design) for group in quantizer.each()]
        to_search, to_look_up = zip(*halves, strict=True)
        return GroupedQuantizer(to_search), GroupedQuantizer(to_look_up)
    if isinstance(quantizer, SplitQuantizer):
        return _absorbed_split(quantizer)
    if not isinstance(quantizer, ResidualQuantizer):
        raise unlike_rvq(design, "tables to fold output projections into")
    layers = trained_layers(quantizer)
    senders = [_transmit_layer(layer) for layer in layers]
    receivers = [ReceiveLayer(_table(layer, layer.project_out)) for layer in layers]
    if isinstance(quantizer, MultiScaleQuantizer):
        strides = quantizer.strides
        return MultiScaleQuantizer(senders, strides), MultiScaleQuantizer(receivers, strides)
    return ResidualQuantizer(senders), ResidualQuantizer(receivers)


def _absorbed_split(quantizer: SplitQuantizer) -> tuple[SplitQuantizer, SplitQuantizer]:
    """Return the halves of a split quantizer, whose layers share the projections of their part."""
    to_search, to_look_up = [], []
    for part in quantizer.each():
        layers = trained_layers(part)
        searching = [_transmit_layer(layer) for layer in layers]
        tables = [_table(layer, part.project_out, first=i == 0) for i, layer in enumerate(layers)]
        to_search.append(Part(deepcopy(part.project_in), searching, None))
        to_look_up.append(Part(None, map(ReceiveLayer, tables), None))
    split = quantizer.split
    return SplitQuantizer(split, to_search), SplitQuantizer(split, to_look_up)


def _transmit_layer(layer: TrainedLayer) -> TransmitLayer:
    size, dim = layer.search.embed.shape
    table = None if layer.project_out is None else _table(layer, layer.project_out)
    transmit = TransmitLayer(deepcopy(layer.project_in), size, dim, table)
    transmit.search.embed = layer.search.embed.clone()
    return transmit


def _table(layer: TrainedLayer, project_out: nn.Linear | None, first: bool = True) -> Table:
    """Return the table of a layer, summed in double precision and rounded once.

    Of the layers that share ``project_out``, the ``first`` one alone adds its bias.
    """
    codewords, values = layer.search.embed, layer.search.embed
    if project_out is not None:
        projected = codewords.double() @ project_out.weight.double().t()
        if first and project_out.bias is not None:
            projected = projected + project_out.bias.double()
        values = projected.to(codewords.dtype)
    table = Table(*values.shape)
    table.values = values.clone()
    return table
