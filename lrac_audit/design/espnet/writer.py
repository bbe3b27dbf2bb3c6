"""Writer of the recipe's keys for a design that they can express.

The recipe has one activation and one ``compress`` for a coder, and its convolutions are neither
grouped nor, but in residual units, dilated. Whatever else a design has is a problem of its own, and
what is written is read back before it is returned.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import yaml

from lrac_audit.design.activations import ACTIVATIONS, Activation
from lrac_audit.design.espnet.quantizer_writers import QUANTIZER_WRITERS, quantizer_problems, stated
from lrac_audit.design.espnet.recipe import CODEC_KEY, ENHANCEMENT_LIMITS, read_recipe
from lrac_audit.design.parts import CodecDesign, Decoder, Encoder, ResidualUnit, UpConv
from lrac_audit.design.trim import TRIM_BOTH, trimmed_left
from lrac_audit.errors import InputError, Problem, shown

Coder = Encoder | Decoder


def write_recipe(design: CodecDesign) -> str:
    """Return the part of a ``train.yaml`` that makes the codec of ``design``.

    Raises:
        InputError: the recipe's keys cannot express it; with everything that they cannot.
    """
    problems = [*_problems(design)]
    if problems:
        raise InputError(design.name, problems)
    tree = _tree(design)
    found = read_recipe(tree, design.name, design.name).design
    if replace(found, limits=design.limits) != stated(design):
        given = "a design that the recipe's reader takes for another one"
        raise InputError(design.name, [Problem("", given, "one that its keys can express")])
    return yaml.safe_dump(tree, sort_keys=False, default_flow_style=None, width=100)


def _problems(design: CodecDesign) -> Iterator[Problem]:
    for side, coder in (("encoder", design.encoder), ("decoder", design.decoder)):
        if isinstance(coder, Encoder | Decoder):
            yield from _coder_problems(side, coder)
        else:
            yield Problem(f"{side}.layers", "a list of layers", "blocks of the recipe's kind")
    yield from quantizer_problems(design.quantizer)
    if isinstance(design.encoder, Encoder) and design.encoder.input is None:
        yield Problem("encoder.input", "none", "a convolution: the recipe always has one")
    if isinstance(design.decoder, Decoder):
        yield from _decoder_problems(design.decoder)


def _coder_problems(side: str, coder: Coder) -> Iterator[Problem]:
    units = [unit for block in coder.blocks for unit in block.residual]
    for field in ("compress", "learnable_skip"):
        values = sorted({getattr(unit, field) for unit in units})
        if len(values) > 1:
            allowed = "one value for all residual units of a coder"
            yield Problem(f"{side}.blocks", f"{field} of {shown(values)}", allowed)
    for path, conv in _convolutions(side, coder):
        if conv.groups != 1:
            yield Problem(f"{path}.groups", shown(conv.groups), "1: the recipe groups no channels")
        if ".residual" not in path and getattr(conv, "dilation", 1) != 1:
            allowed = "1: the recipe dilates residual units only"
            yield Problem(f"{path}.dilation", shown(conv.dilation), allowed)


def _convolutions(side: str, coder: Coder) -> Iterator[tuple[str, Any]]:
    """Yield every convolution with its field."""
    for name in ("input", "output"):
        if getattr(coder, name) is not None:
            yield f"{side}.{name}", getattr(coder, name)
    blocks: tuple[Any, ...] = coder.blocks
    for i, block in enumerate(blocks):
        name = "down" if isinstance(coder, Encoder) else "up"
        yield f"{side}.blocks[{i}].{name}", getattr(block, name)
        for j, unit in enumerate(block.residual):
            for k, conv in enumerate(unit.convs):
                yield f"{side}.blocks[{i}].residual[{j}].convs[{k}]", conv


def _decoder_problems(decoder: Decoder) -> Iterator[Problem]:
    if decoder.output is None:
        yield Problem("decoder.output", "none", "a convolution: the recipe always has one")
    ratios = {_trim(block.up) for block in decoder.blocks}
    for i, block in enumerate(decoder.blocks):
        trim = _trim(block.up)
        if trim is None:
            given = f"{block.up.trim_left} samples on the left"
            allowed = "all surplus samples on one side, or half on each"
            yield Problem(f"decoder.blocks[{i}].up.trim", given, allowed)
    if "left" in ratios and len(ratios - {"none"}) > 1:
        allowed = "left of all layers or of none: the recipe has one trim_right_ratio"
        yield Problem("decoder.blocks", "trims on the left and elsewhere", allowed)


def _trim(up: UpConv) -> str | None:
    """Return the side of a trim that the recipe can express."""
    surplus = up.kernel - up.stride
    if not surplus:
        return "none"
    sides = {trimmed_left(TRIM_BOTH, surplus): "both", 0: "right", surplus: "left"}
    return sides.get(up.trim_left)


def _tree(design: CodecDesign) -> dict[str, Any]:
    encoder, decoder = design.encoder, design.decoder
    assert isinstance(encoder, Encoder) and isinstance(decoder, Decoder)
    codec, quantizer = QUANTIZER_WRITERS[type(design.quantizer)](design)
    conf = {
        "sampling_rate": design.sample_rate_hz,
        "encoder_params": _encoder(encoder, design),
        "decoder_params": _decoder(decoder, design),
        "quantizer_params": quantizer,
    }
    if design.limits == ENHANCEMENT_LIMITS:
        conf["apply_enhancement"] = True
    return {"codec": codec, CODEC_KEY: conf}


def _encoder(encoder: Encoder, design: CodecDesign) -> dict[str, Any]:
    downs = [block.down for block in encoder.blocks]
    assert encoder.input is not None
    return {
        "input_channels": design.audio_channels,
        "output_dimension": design.latent_dim,
        "enable_output_layer": encoder.output is not None,
        "n_filters": [encoder.input.channels, *(down.channels for down in downs)],
        "strides": [down.stride for down in downs],
        "downsampling_kernel_sizes": [down.kernel for down in downs],
        "downsampling_causality_modes": [down.causal for down in downs],
        **_shared(encoder),
    }


def _decoder(decoder: Decoder, design: CodecDesign) -> dict[str, Any]:
    ups = [block.up for block in decoder.blocks]
    first = design.latent_dim if decoder.input is None else decoder.input.channels
    sides = [_trim(up) for up in ups]
    tree = {
        "input_dimension": design.latent_dim,
        "output_dimension": design.audio_channels,
        "enable_input_layer": decoder.input is not None,
        "n_filters": [first, *(up.channels for up in ups)],
        "strides": [up.stride for up in ups],
        "upsampling_kernel_sizes": [up.kernel for up in ups],
        "upsampling_causality_modes": [side != "both" for side in sides],
        "trim_right_ratio": 0.0 if "left" in sides else 1.0,
        **_shared(decoder),
    }
    if decoder.final_activation is not None:
        tree |= _activation("final_activation", decoder.final_activation)
    return tree


def _shared(coder: Coder) -> dict[str, Any]:
    units = [[*block.residual] for block in coder.blocks]
    every = [unit for block in units for unit in block]
    tree = {
        "residual_kernel_sizes": _lists(units, "kernel"),
        "residual_dilations": _lists(units, "dilation"),
        "residual_causality_modes": _lists(units, "causal"),
        "true_skip": not (every and every[0].learnable_skip),
        "compress": every[0].compress if every else 1,
        "lstm": coder.lstm_layers,
        **_activation("activation", coder.activation),
    }
    for name in ("input", "output"):
        if getattr(coder, name) is not None:
            tree[f"{name}_kernel_size"] = getattr(coder, name).kernel
            tree[f"{name}_layer_causal"] = getattr(coder, name).causal
    return tree


def _lists(blocks: Iterable[list[ResidualUnit]], field: str) -> list[list[list[Any]]]:
    return [[[getattr(conv, field) for conv in unit.convs] for unit in units] for units in blocks]


def _activation(key: str, activation: Activation) -> dict[str, Any]:
    name = ACTIVATIONS[activation.name].torch_name
    return {key: name, f"{key}_params": dict(activation.parameters)}
