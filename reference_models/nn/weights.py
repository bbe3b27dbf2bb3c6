"""Files of codecs: safetensors, with the design and the variant in the metadata.

All values are float32. A ``trained`` file holds the whole codec with weight norm folded, and the
moving averages of its codebooks, so that training can go on. ``absorbed-transmit`` holds encoder,
input projections, codebooks and tables; ``absorbed-receive`` holds tables and decoder only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

import torch
from torch import nn

from lrac_audit.design.native import read_design, write_design
from lrac_audit.design.parts import CodecDesign, Quantizer, the_rvq
from lrac_audit.design.quantizers.grouped_rvq import GroupedRvq
from lrac_audit.design.quantizers.multi_scale import MultiScaleRvq
from lrac_audit.design.quantizers.split_rvq import SplitRvq
from lrac_audit.design.yaml_source import parse_yaml
from lrac_audit.errors import InputError, Problem, shown
from reference_models.nn import quantizer as nn_quantizer
from reference_models.nn.build import build_decoder, build_encoder, build_quantizer
from reference_models.nn.codec import VARIANTS, Codec, Variant
from reference_models.nn.conv import folded_state
from reference_models.nn.fingerprint import HEX_DIGITS, design_fingerprint, weights_fingerprint
from reference_models.nn.quantizers.grouped_rvq import GroupedQuantizer
from reference_models.nn.quantizers.multi_scale import MultiScaleQuantizer
from reference_models.nn.quantizers.rvq import (
    Layer,
    ReceiveLayer,
    ResidualQuantizer,
    Table,
    TransmitLayer,
)
from reference_models.nn.quantizers.split_rvq import Part, SplitQuantizer, projections, split_of
from reference_models.nn.tensor_file import read_tensor_file, write_tensor_file

__all__ = ["Side", "design_fingerprint", "load_codec", "save_codec", "weights_fingerprint"]

FORMAT, VERSION = "lrac-codec", "1"

Side = Literal["transmit", "receive"]


def save_codec(codec: Codec, path: Path) -> None:
    """Write ``codec`` to ``path``; weight norm is folded in the file, not in ``codec``.

    Raises:
        InputError: the file cannot be written; an old one is untouched.
    """
    metadata = {
        "format": FORMAT,
        "version": VERSION,
        "variant": codec.variant,
        "design": write_design(codec.design),
        "fingerprint": weights_fingerprint(codec),
    }
    tensors = {name: value.float() for name, value in folded_state(codec).items()}
    write_tensor_file(path, tensors, metadata)


def load_codec(path: Path, side: Side | None = None) -> Codec:
    """Return the codec in the file at ``path``, with weight norm folded and in evaluation mode.

    Raises:
        InputError: the file cannot be read, is no codec, or lacks the ``side``; with every tensor
            that is missing, unexpected or of another shape.
    """
    source = str(path)
    file = read_tensor_file(path)
    codec = _empty(file.metadata, source)
    missing_side = {"absorbed-transmit": "receive", "absorbed-receive": "transmit"}
    if side is not None and missing_side.get(codec.variant) == side:
        raise _refused(source, f"a codec of the variant {codec.variant}", f"one that can {side}")
    problems = list(file.misfits(codec.state_dict()))
    if problems:
        raise InputError(source, problems)
    codec.load_state_dict(file.tensors, assign=True)
    return codec.eval()


def _refused(source: str, given: str, allowed: str, field: str = "") -> InputError:
    return InputError(source, [Problem(field, given, allowed)])


def _empty(metadata: Mapping[str, str], source: str) -> Codec:
    """Return the codec that the metadata describes, its tensors on the meta device."""
    if metadata.get("format") != FORMAT:
        allowed = f"{FORMAT}; `lrac-codec export-weights` takes it out of a training run"
        raise _refused(source, shown(metadata.get("format")), allowed, "format")
    if metadata.get("version") != VERSION:
        allowed = f"{VERSION}, the version that this program reads"
        raise _refused(source, shown(metadata.get("version")), allowed, "version")
    given = metadata.get("variant")
    variant = next((variant for variant in VARIANTS if variant == given), None)
    if variant is None:
        raise _refused(source, shown(given), "one of " + ", ".join(VARIANTS), "variant")
    fingerprint = metadata.get("fingerprint", "")
    if len(fingerprint) != HEX_DIGITS or not set(fingerprint) <= set("0123456789abcdef"):
        raise _refused(source, shown(fingerprint), f"{HEX_DIGITS} hex digits", "fingerprint")
    design = read_design(parse_yaml(metadata.get("design", ""), source), source)
    with torch.device("meta"):
        codec = _skeleton(design, variant)
    if variant != "trained":
        codec.origin_fingerprint = fingerprint
    return codec


def _skeleton(design: CodecDesign, variant: Variant) -> Codec:
    if variant == "trained":
        trained = build_quantizer(design)
        return Codec(design, variant, build_encoder(design), trained, build_decoder(design))
    quantizer = _absorbed(design, variant)
    if variant == "absorbed-receive":
        return Codec(design, variant, None, quantizer, build_decoder(design))
    return Codec(design, variant, build_encoder(design), quantizer, None)


def _absorbed(design: CodecDesign, variant: Variant) -> nn_quantizer.Quantizer:
    """Return the quantizer of one side of an absorbed codec, whatever it is made of."""
    layer = _receive_layer if variant == "absorbed-receive" else _transmit_layer

    def layers(rvq: Quantizer, width: int) -> Iterator[Layer]:
        dim, sizes = rvq.code_dim(width), rvq.index_sizes(rvq.layers)
        return (layer(width, dim, size) for size in sizes)

    kind, latent = design.quantizer, design.latent_dim
    if isinstance(kind, SplitRvq):
        return _absorbed_split(design, variant)
    if isinstance(kind, GroupedRvq):
        halves = (layers(kind.each, latent // kind.groups) for _ in range(kind.groups))
        return GroupedQuantizer(map(ResidualQuantizer, halves))
    if isinstance(kind, MultiScaleRvq):
        return MultiScaleQuantizer(layers(kind.each, latent), kind.strides)
    return ResidualQuantizer(layers(the_rvq(design, f"the variant {variant}"), latent))


def _absorbed_split(design: CodecDesign, variant: Variant) -> SplitQuantizer:
    """Return a split quantizer of one side of an absorbed codec."""
    split, latent, dim = split_of(design), design.latent_dim, design.codebook_dim

    def half(rvq: Quantizer) -> Part:
        sizes = rvq.index_sizes(rvq.layers)
        if variant == "absorbed-receive":
            return Part(None, [_receive_layer(latent, dim, size) for size in sizes], None)
        project_in, _ = projections(design)
        return Part(project_in, [_transmit_layer(dim, dim, size) for size in sizes], None)

    return SplitQuantizer(split, map(half, split.parts))


def _receive_layer(latent_dim: int, dim: int, size: int) -> Layer:
    return ReceiveLayer(Table(size, latent_dim))


def _transmit_layer(latent_dim: int, dim: int, size: int) -> Layer:
    if dim == latent_dim:
        return TransmitLayer(None, size, dim, None)
    return TransmitLayer(nn.Linear(latent_dim, dim), size, dim, Table(size, latent_dim))
