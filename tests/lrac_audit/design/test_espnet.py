"""Importing recipes: expected designs are written out by hand from the recipe's constructors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lrac_audit import CodecDesign, InputError
from lrac_audit.design import espnet
from lrac_audit.design.formats import load_design
from lrac_audit.design.native import read_design, write_design
from lrac_audit.design.parts import (
    Activation,
    Conv,
    Decoder,
    DecoderBlock,
    DownConv,
    EdgeConv,
    Encoder,
    EncoderBlock,
    Quantizer,
    ResidualUnit,
    UpConv,
)
from lrac_audit.design.yaml_source import parse_yaml, read_yaml
from tests.conftest import ROOT

SAMPLE = ROOT / "tests" / "data" / "espnet_sample.yaml"

EXPECTED = CodecDesign(
    name="espnet_sample",
    limits="lrac-2025-track2",
    sample_rate_hz=16000,
    encoder=Encoder(
        activation=Activation("leaky_relu", (("negative_slope", 0.2),)),
        input=EdgeConv(channels=4, kernel=9, causal=False),
        blocks=(
            EncoderBlock(
                residual=(
                    ResidualUnit((Conv(3, 2), Conv(1, causal=False)), 2, learnable_skip=True),
                    ResidualUnit((Conv(5, 4, causal=False), Conv(3), Conv(1)), 2, True),
                ),
                down=DownConv(channels=6, kernel=4, stride=2),
            ),
            EncoderBlock((), DownConv(channels=8, kernel=7, stride=4, causal=False)),
        ),
        lstm_layers=2,
        output=EdgeConv(channels=12, kernel=3, causal=False),
    ),
    # 8 bits at 16000 / 8 = 2000 frames/s are 16 kbps a layer: 16 -> 1, 33 -> 2, 1000 -> all 4
    quantizer=Quantizer(layers=4, codebook_size=256, codebook_dim=5, modes=(1, 2, 4)),
    decoder=Decoder(
        activation=Activation("snake"),
        input=EdgeConv(channels=10, kernel=5, causal=False),
        lstm_layers=1,
        blocks=(
            # surplus 5: ceil(2.5) = 3 to the right, 2 to the left
            DecoderBlock(
                UpConv(channels=6, kernel=9, stride=4, trim_left=2),
                (ResidualUnit((Conv(3, 3), Conv(1))),),
            ),
            DecoderBlock(
                UpConv(channels=4, kernel=4, stride=2, trim_left=1),
                (ResidualUnit((Conv(7), Conv(1))),),
            ),
        ),
        output=Conv(11),
        final_activation=Activation("tanh"),
    ),
)

Edit = Callable[[Any], None]


def imported(edit: Edit = lambda tree: None) -> espnet.Import:
    tree: Any = read_yaml(SAMPLE)
    edit(tree)
    return espnet.read_recipe(tree, "recipe", "espnet_sample")


def encoder(tree: Any) -> dict[str, Any]:
    return tree["codec_conf"]["encoder_params"]


def decoder(tree: Any) -> dict[str, Any]:
    return tree["codec_conf"]["decoder_params"]


def quantizer(tree: Any) -> dict[str, Any]:
    return tree["codec_conf"]["quantizer_params"]


def problems(edit: Edit) -> list[str]:
    with pytest.raises(InputError) as caught:
        imported(edit)
    return [str(problem) for problem in caught.value.problems]


def test_every_key_arrives_in_the_design() -> None:
    assert imported().design == EXPECTED


def test_defaults_are_those_of_the_recipes_constructors() -> None:
    def minimal(tree: Any) -> None:
        conf = tree["codec_conf"]
        conf["encoder_params"] = {}
        conf["decoder_params"] = {"n_filters": [64, 32, 16, 8, 4]}

    found = imported(minimal).design
    unit = (Conv(5), Conv(5)), (Conv(5), Conv(5, 3)), (Conv(5), Conv(5, 9))
    units = tuple(ResidualUnit(convs) for convs in unit)
    sizes = ((16, 6, 3), (32, 8, 4), (64, 8, 4), (128, 10, 5))
    assert found.encoder == Encoder(
        input=EdgeConv(8, 7),
        blocks=tuple(EncoderBlock(units, DownConv(*size)) for size in sizes),
        output=EdgeConv(128, 7),
    )
    ups = ((32, 5, 5), (16, 4, 4), (8, 4, 4), (4, 3, 3))
    assert found.decoder == Decoder(
        input=EdgeConv(64, 7),
        blocks=tuple(DecoderBlock(UpConv(*size), units) for size in ups),
        output=Conv(7),
    )


def test_a_centred_transposed_convolution_is_trimmed_on_both_sides() -> None:
    def centred(tree: Any) -> None:
        decoder(tree).update(upsampling_causality_modes=[False, True], trim_right_ratio=1.0)

    up = imported(centred).design.decoder.blocks[0].up
    assert (up.trim_left, up.trim_right) == (3, 2)  # the odd one falls to the left


@pytest.mark.parametrize(("ratio", "left"), [(0.0, 5), (0.1, 4), (0.5, 2), (0.9, 0), (1, 0)])
def test_trim_right_ratio(ratio: float, left: int) -> None:
    found = imported(lambda tree: decoder(tree).update(trim_right_ratio=ratio))
    assert found.design.decoder.blocks[0].up.trim_left == left


def test_codebooks_as_wide_as_the_latent_have_no_projections() -> None:
    found = imported(lambda tree: quantizer(tree).update(quantizer_codebook_dim=12))
    assert not found.design.has_projections


def test_without_enhancement_the_limits_are_those_of_track_1() -> None:
    found = imported(lambda tree: tree["codec_conf"].pop("apply_enhancement"))
    assert found.design.limits == "lrac-2025-track1"


def test_ignored_keys_are_listed_with_reasons() -> None:
    ignored = dict(imported().ignored)
    for key in ("optim", "max_epoch", "rir_scp", "codec_conf.lambda_adv"):
        assert ignored[key]
    assert ignored["codec_conf.encoder_params.norm"] == (
        "folded into the weights of the trained codec"
    )
    # the layers are on, so their kernels count
    assert "codec_conf.encoder_params.output_kernel_size" not in ignored
    assert "codec_conf.decoder_params.input_kernel_size" not in ignored


def test_a_switched_off_layer_ignores_its_kernel() -> None:
    def off(tree: Any) -> None:
        encoder(tree).update(enable_output_layer=False, output_dimension=8)
        decoder(tree).update(enable_input_layer=False, input_dimension=8, n_filters=[8, 6, 4])

    found = imported(off)
    assert (found.design.encoder.output, found.design.decoder.input) == (None, None)
    ignored = dict(found.ignored)
    assert ignored["codec_conf.encoder_params.output_kernel_size"] == "its layer is switched off"
    assert ignored["codec_conf.decoder_params.input_layer_causal"] == "its layer is switched off"


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (
            lambda t: encoder(t).update(n_filters=[4, 6]),
            "codec_conf.encoder_params.n_filters: given 2 entries; allowed: 3 entries, one for "
            "each of strides and 1 more",
        ),
        (
            lambda t: encoder(t).update(residual_dilations=[[[2, 1]], []]),
            "codec_conf.encoder_params.residual_dilations[0]: given 1 entries; allowed: "
            "2 entries, one for each of residual_kernel_sizes[0]",
        ),
        (
            lambda t: decoder(t)["residual_causality_modes"][1][0].append(True),
            "codec_conf.decoder_params.residual_causality_modes[1][0]: given 3 entries; allowed: "
            "2 entries, one for each of residual_kernel_sizes[1][0]",
        ),
        (
            lambda t: decoder(t).update(strides=[4, 4]),
            "codec_conf.decoder_params.strides: given strides that multiply to 16; allowed: "
            "the encoder's hop, 8 samples",
        ),
        (
            lambda t: encoder(t)["residual_kernel_sizes"][0][1].__setitem__(1, 0),
            "codec_conf.encoder_params.residual_kernel_sizes[0][1][1]: given 0; allowed: a whole "
            "number from 1 to 1048576",
        ),
        (
            lambda t: encoder(t)["downsampling_kernel_sizes"].__setitem__(1, 3),
            "codec_conf.encoder_params.downsampling_kernel_sizes[1]: given 3, which reaches 3 "
            "samples; allowed: a kernel that reaches at least the stride, 4 samples",
        ),
        (
            lambda t: decoder(t).update(input_dimension=10),
            "codec_conf.decoder_params.input_dimension: given 10; allowed: 12, the encoder's "
            "output_dimension",
        ),
        (
            lambda t: decoder(t).update(output_dimension=2),
            "codec_conf.decoder_params.output_dimension: given 2; allowed: 1, the encoder's "
            "input_channels",
        ),
        (
            lambda t: encoder(t).update(enable_output_layer=False),
            "codec_conf.encoder_params.output_dimension: given 12; allowed: 8, the last of "
            "n_filters",
        ),
        (
            lambda t: encoder(t).update(norm="time_group_norm"),
            "codec_conf.encoder_params.norm: given 'time_group_norm'; allowed: a norm that folds "
            "into the weights: none, weight_norm, spectral_norm",
        ),
        (
            lambda t: encoder(t).update(kernel_size=7),
            "codec_conf.encoder_params.kernel_size: given an unknown key; allowed: one of ",
        ),
        (lambda t: t.update(wings=2), "wings: given an unknown key; allowed: one of codec"),
        (lambda t: t.update(codec="dac"), "codec: given 'dac'; allowed: one of lrac, "),
        (
            lambda t: quantizer(t).pop("quantizer_bins"),
            "codec_conf.quantizer_params.quantizer_bins: given nothing; allowed: a whole number",
        ),
        (
            lambda t: quantizer(t).update(quantizer_target_bandwidth=[1, -3]),
            "codec_conf.quantizer_params.quantizer_target_bandwidth[1]: given -3; allowed: a "
            "positive number of kbps",
        ),
        (
            lambda t: decoder(t).update(upsampling_causality_modes=[False, True]),
            "codec_conf.decoder_params.trim_right_ratio: given 0.5; allowed: 1 unless "
            "upsampling_causality_modes[0] is true",
        ),
        (
            lambda t: decoder(t).update(final_activation="Softmax"),
            "codec_conf.decoder_params.final_activation: given 'Softmax'; allowed: one of ELU",
        ),
        (
            lambda t: encoder(t).update(activation_params={"slope": 1}),
            "codec_conf.encoder_params.activation_params.slope: given 1; allowed: negative_slope "
            "for leaky_relu",
        ),
        (
            lambda t: encoder(t).update(residual_kernel_sizes=7),
            "codec_conf.encoder_params.residual_kernel_sizes: given 7; allowed: a list",
        ),
    ],
)
def test_bad_fields_are_named_as_the_recipe_names_them(edit: Edit, expected: str) -> None:
    found = problems(edit)
    assert len(found) == 1, found
    assert found[0].startswith(expected)


def test_all_problems_of_a_recipe_come_at_once() -> None:
    def spoil(tree: Any) -> None:
        encoder(tree)["strides"][0] = 0
        encoder(tree)["compress"] = -1
        decoder(tree)["lstm"] = "two"
        quantizer(tree)["quantizer_bins"] = 1
        tree["speed"] = 3

    fields = [line.partition(":")[0] for line in problems(spoil)]
    assert sorted(fields) == [
        "codec_conf.decoder_params.lstm",
        "codec_conf.encoder_params.compress",
        "codec_conf.encoder_params.strides[0]",
        "codec_conf.quantizer_params.quantizer_bins",
        "speed",
    ]


def test_converted_recipe_reads_back_equal() -> None:
    text = write_design(EXPECTED)
    assert read_design(parse_yaml(text, "text"), "text") == EXPECTED


def test_public_recipe_is_the_preset(public_recipe: tuple[str, Path]) -> None:
    track, path = public_recipe
    preset, recipe = load_design(track).design, load_design(path).design
    assert replace(recipe, name=preset.name) == preset
