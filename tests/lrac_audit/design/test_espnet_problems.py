"""Every field of a recipe is named as the recipe names it, and every ignored key has its reason."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from typing import Any

import pytest

from lrac_audit.design import espnet
from lrac_audit.design.espnet import keys
from lrac_audit.design.parts import Decoder, DecoderBlock, Encoder, EncoderBlock, UpConv
from lrac_audit.design.yaml_source import parse_yaml
from lrac_audit.errors import InputError
from tests.lrac_audit.design.test_espnet import (
    EXPECTED,
    SAMPLE,
    Edit,
    decoder,
    encoder,
    imported,
    problems,
    quantizer,
)

SIZE = "a whole number from 1 to 1048576"
COUNT = "a whole number from 0 to 64"
E = "codec_conf.encoder_params."
D = "codec_conf.decoder_params."
Q = "codec_conf.quantizer_params."
NAMES = "ELU, ReLU, LeakyReLU, PReLU, GELU, SiLU, Tanh, Sigmoid, Snake"


def put(where: Callable[[Any], Any], key: str, value: object, *index: int) -> Edit:
    """An edit that puts ``value`` at ``key``, or at an index of the list there."""

    def edit(tree: Any) -> None:
        part: Any = where(tree)
        steps = [key, *index]
        for step in steps[:-1]:
            part = part[step]
        part[steps[-1]] = value

    return edit


def conf(tree: Any) -> Any:
    return tree["codec_conf"]


PER_BLOCK = "2 entries, one for each of strides"
FLAG = "true or false"
PADS = "one of constant, zero, zeros, reflect, replicate"
NORMS = "a norm that folds into the weights: none, weight_norm, spectral_norm"
RATIO = "a number from 0 to 1"
KBPS = "a positive number of kbps"
ENCODER_PROBLEMS: list[tuple[str, object, tuple[int, ...], str]] = [
    ("n_filters", 0, (0,), f"given 0; allowed: {SIZE}"),
    ("n_filters", 0, (1,), f"given 0; allowed: {SIZE}"),
    ("n_filters", 7, (), "given 7; allowed: a list"),
    ("strides", 1.5, (0,), f"given 1.5; allowed: {SIZE}"),
    ("strides", 7, (), "given 7; allowed: a list"),
    ("downsampling_kernel_sizes", "x", (1,), f"given 'x'; allowed: {SIZE}"),
    ("downsampling_kernel_sizes", [4], (), f"given 1 entries; allowed: {PER_BLOCK}"),
    ("downsampling_causality_modes", 1, (0,), f"given 1; allowed: {FLAG}"),
    ("downsampling_causality_modes", [True] * 3, (), f"given 3 entries; allowed: {PER_BLOCK}"),
    ("residual_dilations", [[]], (), f"given 1 entries; allowed: {PER_BLOCK}"),
    ("residual_causality_modes", [], (), f"given 0 entries; allowed: {PER_BLOCK}"),
    (
        *("residual_dilations", [[1]], (1,)),
        "given 1 entries; allowed: 0 entries, one for each of residual_kernel_sizes[1]",
    ),
    (
        *("residual_causality_modes", [[True, False]], (0,)),
        "given 1 entries; allowed: 2 entries, one for each of residual_kernel_sizes[0]",
    ),
    (
        *("residual_dilations", [2], (0, 0)),
        "given 1 entries; allowed: 2 entries, one for each of residual_kernel_sizes[0][0]",
    ),
    ("residual_causality_modes", 3, (0,), "given 3; allowed: a list"),
    ("residual_kernel_sizes", 3, (0, 1), "given 3; allowed: a list"),
    ("residual_dilations", 0, (0, 0, 0), f"given 0; allowed: {SIZE}"),
    ("residual_causality_modes", "no", (0, 1, 2), f"given 'no'; allowed: {FLAG}"),
    ("input_kernel_size", 0, (), f"given 0; allowed: {SIZE}"),
    ("input_layer_causal", 0, (), f"given 0; allowed: {FLAG}"),
    ("output_kernel_size", 0, (), f"given 0; allowed: {SIZE}"),
    ("output_layer_causal", 0, (), f"given 0; allowed: {FLAG}"),
    ("compress", 5, (), "given 5; allowed: at most the 4 channels of its block"),
    ("lstm", -1, (), f"given -1; allowed: {COUNT}"),
    ("true_skip", 1, (), f"given 1; allowed: {FLAG}"),
    ("pad_mode", "circular", (), f"given 'circular'; allowed: {PADS}"),
    ("norm", 3, (), f"given 3; allowed: {NORMS}"),
    ("activation", "Softmax", (), f"given 'Softmax'; allowed: one of {NAMES}"),
    ("activation", 3, (), f"given 3; allowed: one of {NAMES}"),
    ("activation_params", [1], (), "given [1]; allowed: a mapping"),
]
DECODER_PROBLEMS: list[tuple[str, object, tuple[int, ...], str]] = [
    ("n_filters", 0, (0,), f"given 0; allowed: {SIZE}"),
    ("n_filters", 0, (2,), f"given 0; allowed: {SIZE}"),
    (
        *("n_filters", [10, 6, 4, 2], ()),
        "given 4 entries; allowed: 3 entries, one for each of strides and 1 more",
    ),
    ("strides", 0, (0,), f"given 0; allowed: {SIZE}"),
    ("upsampling_kernel_sizes", "x", (1,), f"given 'x'; allowed: {SIZE}"),
    ("upsampling_kernel_sizes", 3, (0,), "given 3; allowed: at least the stride, 4"),
    ("upsampling_kernel_sizes", [9], (), f"given 1 entries; allowed: {PER_BLOCK}"),
    ("upsampling_causality_modes", [True], (), f"given 1 entries; allowed: {PER_BLOCK}"),
    ("trim_right_ratio", 1.5, (), f"given 1.5; allowed: {RATIO}"),
    ("trim_right_ratio", -0.1, (), f"given -0.1; allowed: {RATIO}"),
    ("trim_right_ratio", True, (), f"given True; allowed: {RATIO}"),
    ("output_kernel_size", 0, (), f"given 0; allowed: {SIZE}"),
    ("output_layer_causal", 0, (), f"given 0; allowed: {FLAG}"),
    ("input_kernel_size", 0, (), f"given 0; allowed: {SIZE}"),
    ("input_layer_causal", 0, (), f"given 0; allowed: {FLAG}"),
    ("lstm", 65, (), f"given 65; allowed: {COUNT}"),
    ("true_skip", "no", (), f"given 'no'; allowed: {FLAG}"),
    ("pad_mode", 0, (), f"given 0; allowed: {PADS}"),
    ("final_activation_params", 5, (), "given 5; allowed: a mapping"),
    ("input_dimension", 10, (), "given 10; allowed: 12, the encoder's output_dimension"),
    ("output_dimension", 2, (), "given 2; allowed: 1, the encoder's input_channels"),
]
QUANTIZER_PROBLEMS: list[tuple[str, object, tuple[int, ...], str]] = [
    ("quantizer_n_q", 0, (), "given 0; allowed: a whole number from 1 to 64"),
    ("quantizer_codebook_dim", 0, (), f"given 0; allowed: {SIZE}"),
    ("quantizer_target_bandwidth", 6, (), "given 6; allowed: a list"),
    ("quantizer_target_bandwidth", 0, (0,), f"given 0; allowed: {KBPS}"),
    ("quantizer_target_bandwidth", float("inf"), (1,), f"given inf; allowed: {KBPS}"),
    ("quantizer_target_bandwidth", True, (0,), f"given True; allowed: {KBPS}"),
]
CONF_PROBLEMS: list[tuple[str, object, tuple[int, ...], str]] = [
    ("sampling_rate", 0, (), "given 0; allowed: a whole number from 1 to 10000000"),
    ("apply_enhancement", 1, (), f"given 1; allowed: {FLAG}"),
    ("quantizer_params", 1, (), "given 1; allowed: a mapping"),
    ("decoder_params", [2], (), "given [2]; allowed: a mapping"),
]
PROBLEMS = [
    (put(where, key, value, *index), prefix + key + "".join(f"[{i}]" for i in index), expected)
    for where, prefix, found in (
        (encoder, E, ENCODER_PROBLEMS),
        (decoder, D, DECODER_PROBLEMS),
        (quantizer, Q, QUANTIZER_PROBLEMS),
        (conf, "codec_conf.", CONF_PROBLEMS),
    )
    for key, value, index, expected in found
]


@pytest.mark.parametrize(("edit", "field", "expected"), PROBLEMS)
def test_a_bad_field_is_named(edit: Edit, field: str, expected: str) -> None:
    assert problems(edit) == [f"{field}: {expected}"]


def test_a_field_that_another_one_is_compared_with() -> None:
    assert problems(put(encoder, "input_channels", 2)) == [
        f"{D}output_dimension: given 1; allowed: 2, the encoder's input_channels"
    ]
    assert problems(put(encoder, "activation_params", {"negative_slope": "x"})) == [
        f"{E}activation_params.negative_slope: given 'x'; allowed: a finite number"
    ]


def test_several_problems_of_one_field() -> None:
    """A switch that is no truth value counts as off; the layer's widths then have to meet."""
    assert problems(put(encoder, "enable_output_layer", "yes")) == [
        f"{E}enable_output_layer: given 'yes'; allowed: true or false",
        f"{E}output_dimension: given 12; allowed: 8, the last of n_filters",
    ]
    assert problems(put(decoder, "enable_input_layer", 1)) == [
        f"{D}enable_input_layer: given 1; allowed: true or false",
        f"{D}n_filters[0]: given 10; allowed: 12, the encoder's output_dimension",
    ]
    assert problems(put(decoder, "upsampling_causality_modes", "no", 1)) == [
        f"{D}upsampling_causality_modes[1]: given 'no'; allowed: true or false",
        f"{D}trim_right_ratio: given 0.5; allowed: 1 unless upsampling_causality_modes[1] is true",
    ]
    assert problems(put(encoder, "input_channels", 0)) == [
        f"{D}output_dimension: given 1; allowed: 0, the encoder's input_channels",
        f"{E}input_channels: given 0; allowed: a whole number from 1 to 64",
    ]


def test_too_many_of_a_kind() -> None:
    def units(tree: Any) -> None:
        for key, value in (("kernel_sizes", 1), ("dilations", 1), ("causality_modes", True)):
            encoder(tree)[f"residual_{key}"][1] = [[value]] * 65

    assert problems(units) == [
        f"{E}residual_kernel_sizes[1]: given 65 entries; allowed: 0 to 64 entries"
    ]

    def convs(tree: Any) -> None:
        for key in ("kernel_sizes", "dilations", "causality_modes"):
            encoder(tree)[f"residual_{key}"][1] = [[]]

    assert problems(convs) == [
        f"{E}residual_kernel_sizes[1][0]: given 0 entries; allowed: 1 to 64 entries"
    ]

    def blocks(tree: Any) -> None:
        encoder(tree).update(
            n_filters=[4], strides=[], downsampling_kernel_sizes=[], residual_kernel_sizes=[],
            residual_dilations=[], residual_causality_modes=[], downsampling_causality_modes=[],
        )  # fmt: skip

    assert problems(blocks) == [f"{E}strides: given 0 entries; allowed: 1 to 64 entries"]


def test_an_empty_list_of_widths() -> None:
    expected = (
        f"{E}n_filters: given 0 entries; allowed: 3 entries, one for each of strides and 1 more"
    )
    assert problems(put(encoder, "n_filters", [])) == [expected]
    expected = expected.replace(E, D)
    assert problems(put(decoder, "n_filters", [])) == [expected]


def test_a_mode_that_compares_wrong_values_is_left_out() -> None:
    def edit(tree: Any) -> None:
        encoder(tree)["strides"][0] = 0
        quantizer(tree)["quantizer_target_bandwidth"] = [1, 2, 3]

    assert problems(edit) == [f"{E}strides[0]: given 0; allowed: {SIZE}"]


def test_the_name_comes_from_the_file() -> None:
    tree: Any = parse_yaml(SAMPLE.read_text(), "recipe")
    with pytest.raises(InputError) as caught:
        espnet.read_recipe(tree, "recipe", "")
    assert caught.value.source == "recipe"
    (problem,) = caught.value.problems
    assert str(problem) == "the file's name: given ''; allowed: 1 to 200 printable characters"


def test_problems_have_the_lines_of_their_fields() -> None:
    text = SAMPLE.read_text()
    lines = text.splitlines()

    def found(old: str, new: str) -> list[int | None]:
        with pytest.raises(InputError) as caught:
            espnet.read_recipe(parse_yaml(text.replace(old, new, 1), "recipe"), "recipe", "x")
        return [problem.line for problem in caught.value.problems]

    at = lines.index("        strides: [2, 4]") + 1
    assert found("strides: [2, 4]", "strides: [2, 0]") == [at]
    assert found("strides: [2, 4]", "strides: 7") == [at]
    at = lines.index("        pad_mode: reflect") + 1
    assert found("pad_mode: reflect", "pad_mode: circular") == [at]


def test_defaults_of_the_whole_recipe() -> None:
    def edit(tree: Any) -> None:
        del tree["codec"], conf(tree)["sampling_rate"], conf(tree)["apply_enhancement"]
        quantizer(tree)["quantizer_target_bandwidth"] = [48.0, 71.9, 72]

    found = imported(edit).design
    assert (found.sample_rate_hz, found.limits) == (24_000, "lrac-2025-track1")
    # 24,000 / 8 frames of 8 bits a second are 24 kbps for each layer
    assert found.quantizer.modes == (2, 3)


@pytest.mark.parametrize(
    ("bandwidths", "size", "modes"),
    [
        ([0.001], 256, (1,)),
        ([15.999, 16], 256, (1,)),
        ([32, 31.999], 256, (1, 2)),
        ([64, 48, 48], 256, (3, 4)),
        ([1e6], 2, (4,)),
        ([2], 2, (1,)),
        ([4], 2, (2,)),
        ([], 256, ()),
    ],
)
def test_a_target_bandwidth_becomes_the_layers_that_fit_in_it(
    bandwidths: list[float], size: int, modes: tuple[int, ...]
) -> None:
    """At 2,000 frames a second a layer of 8 bits takes 16 kbps, and one of 1 bit 2 kbps."""

    def edit(tree: Any) -> None:
        quantizer(tree).update(quantizer_target_bandwidth=bandwidths, quantizer_bins=size)

    assert imported(edit).design.quantizer.modes == modes


def test_frames_are_counted_in_whole_numbers() -> None:
    """16,001 samples of a hop of 8 begin 2,001 frames a second, 16.008 kbps for each layer."""

    def edit(tree: Any) -> None:
        conf(tree)["sampling_rate"] = 16_001
        quantizer(tree)["quantizer_target_bandwidth"] = [32.01, 48.024]

    assert imported(edit).design.quantizer.modes == (1, 3)


def test_a_stride_of_one_keeps_the_modes() -> None:
    def edit(tree: Any) -> None:
        encoder(tree).update(strides=[1, 8], downsampling_kernel_sizes=[4, 8])
        quantizer(tree)["quantizer_target_bandwidth"] = [33]

    assert imported(edit).design.quantizer.modes == (2,)


def test_every_ignored_key_of_a_codec_has_its_reason() -> None:
    def off(tree: Any) -> None:
        encoder(tree).update(enable_output_layer=False, output_dimension=8)
        decoder(tree).update(enable_input_layer=False, input_dimension=8, n_filters=[8, 6, 4])

    folded = "folded into the weights of the trained codec"
    padding = "changes the first and last samples of a clip, not the cost or delay of a stream"
    unused = "its layer is switched off"
    training = "training only: the trained codec runs the same"
    loss = "a training loss: the trained codec does not compute it"
    assert dict(imported(off).ignored) == {
        f"{E}norm": folded,
        f"{E}norm_params": folded,
        f"{E}pad_mode": padding,
        f"{E}output_kernel_size": unused,
        f"{E}output_layer_causal": unused,
        f"{D}norm": folded,
        f"{D}norm_params": folded,
        f"{D}pad_mode": padding,
        f"{D}input_kernel_size": unused,
        f"{D}input_layer_causal": unused,
        "codec_conf.lambda_adv": loss,
        "codec_conf.use_mel_loss": loss,
        "codec_conf.cache_generator_outputs": training,
        f"{Q}quantizer_decay": training,
        f"{Q}quantizer_kmeans_init": training,
        f"{Q}quantizer_kmeans_iters": training,
        f"{Q}quantizer_threshold_ema_dead_code": training,
        f"{Q}quantizer_dropout": training,
        "optim": training,
        "max_epoch": training,
        "rir_scp": "data preparation only: the trained codec runs the same",
    }


def test_the_tables_of_ignored_keys() -> None:
    """They are made while their module is imported, so the module is run anew here."""
    tables = runpy.run_path(keys.__file__, run_name=keys.__name__)
    top = tables["TOP_KEYS"]
    assert len(top) == len({*top}) > 100
    assert top["optim"] == "training only: the trained codec runs the same"
    assert top["iterator_type"] == "data preparation only: the trained codec runs the same"
    assert top["log_level"] == "logging and bookkeeping only"
    assert top["ngpu"] == "hardware and framework settings of the training run only"
    assert tables["CODEC_KEYS"]["lambda_mel"] == (
        "a training loss: the trained codec does not compute it"
    )
    assert tables["CODEC_KEYS"]["cache_generator_outputs"] == top["optim"]
    assert {*tables["QUANTIZER_KEYS"].values()} == {top["optim"]}
    assert "quantizer_dropout" in tables["QUANTIZER_KEYS"]


def test_a_kernel_as_long_as_its_stride_has_nothing_to_trim() -> None:
    def edit(tree: Any) -> None:
        decoder(tree).update(upsampling_kernel_sizes=[4, 2], trim_right_ratio=0.0)

    ups = [block.up for block in imported(edit).design.decoder.blocks]
    assert [up.trim_left for up in ups] == [0, 0]


def test_an_import_without_optional_layers() -> None:
    """One block on each side, and no list for anything that is left to a default."""

    def edit(tree: Any) -> None:
        one = dict(strides=[8], residual_kernel_sizes=[[]], residual_dilations=[[]])  # noqa: C408
        one |= {"residual_causality_modes": [[]], "lstm": 0}
        encoder(tree).update(one, n_filters=[4, 8], downsampling_kernel_sizes=[8])
        encoder(tree).update(downsampling_causality_modes=[True])
        decoder(tree).update(one, n_filters=[10, 4], upsampling_kernel_sizes=[8])
        decoder(tree).update(upsampling_causality_modes=[True], final_activation=None)

    found = imported(edit).design
    down = found.encoder.blocks[0].down
    assert found.encoder == Encoder(
        activation=EXPECTED.encoder.activation,
        input=EXPECTED.encoder.input,
        blocks=(EncoderBlock((), down),),
        output=EXPECTED.encoder.output,
    )
    assert (down.channels, down.kernel, down.stride, down.causal) == (8, 8, 8, True)
    assert found.decoder == Decoder(
        activation=EXPECTED.decoder.activation,
        input=EXPECTED.decoder.input,
        blocks=(DecoderBlock(UpConv(channels=4, kernel=8, stride=8), ()),),
        output=EXPECTED.decoder.output,
    )
