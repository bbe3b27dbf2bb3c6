"""Names of rows, their fields, and the trees that are made from them."""

from __future__ import annotations

from typing import Any

import pytest

from lrac_audit.design import parts
from lrac_audit.design.sheet.layers import (
    SHEET_LAYERS,
    declared_kind,
    expected_names,
    input_fields,
    is_layer_name,
    plant,
)
from lrac_audit.design.sheet.layers_page import whole
from lrac_audit.design.steps import LstmLayer, SkipConv, Sum


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("encoder.input", True),
        ("decoder.blocks.12.residual.0.convs.1", True),
        ("encoder.final_activation", True),
        ("encoder", False),
        ("encoder.", False),
        ("quantizer.0", False),
        ("encoder.blocks.123", False),
        ("encoder.Blocks", False),
        ("encoder.input ", False),
        (" encoder.input", False),
        (5, False),
        (None, False),
    ],
)
def test_the_form_of_a_name(name: object, is_one: bool) -> None:
    assert is_layer_name(name) is is_one


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("encoder.input", parts.EdgeConv, "channels kernel dilation groups causal"),
        ("decoder.output", parts.Conv, "kernel dilation groups causal"),
        ("encoder.blocks.1.down", parts.DownConv, "channels kernel stride dilation groups causal"),
        ("decoder.blocks.0.up", parts.UpConv, "channels kernel stride groups trim"),
        ("encoder.lstm.0", LstmLayer, ""),
        ("encoder.lstm.add", Sum, ""),
        ("encoder.blocks.0.activation", parts.Activation, ""),
        ("encoder.blocks.0.residual.0.skip", SkipConv, ""),
    ],
)
def test_the_inputs_of_a_row(name: str, kind: type, expected: str) -> None:
    field = {"encoder.blocks.1.down": "encoder.blocks[1].down"}.get(
        name, name.replace("blocks.0", "blocks[0]")
    )
    assert input_fields(name, kind) == {key: f"{field}.{key}" for key in expected.split()}


def test_the_first_convolution_of_a_unit_holds_its_compression() -> None:
    first = input_fields("encoder.blocks.3.residual.1.convs.0", parts.Conv)
    assert first == {
        "kernel": "encoder.blocks[3].residual[1].convs[0].kernel",
        "dilation": "encoder.blocks[3].residual[1].convs[0].dilation",
        "groups": "encoder.blocks[3].residual[1].convs[0].groups",
        "causal": "encoder.blocks[3].residual[1].convs[0].causal",
        "compress": "encoder.blocks[3].residual[1].compress",
    }
    assert "compress" not in input_fields("encoder.blocks.3.residual.1.convs.1", parts.Conv)


@pytest.mark.parametrize(
    ("kind", "operation"),
    [
        (parts.Conv, "conv"),
        (parts.EdgeConv, "conv"),
        (parts.DownConv, "conv"),
        (parts.UpConv, "transposed_conv"),
        (SkipConv, "conv"),
        (LstmLayer, "lstm"),
        (Sum, "add"),
        (parts.Activation, ""),
    ],
)
def test_the_operation_of_each_kind(kind: type, operation: str) -> None:
    assert SHEET_LAYERS.of_kind("path", kind).operation == operation


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("encoder.input", parts.EdgeConv),
        ("encoder.output", parts.EdgeConv),
        ("decoder.output", parts.Conv),
        ("decoder.final_activation", parts.Activation),
        ("encoder.blocks.0", parts.EncoderBlock),
        ("encoder.blocks.7.down", parts.DownConv),
        ("decoder.blocks.0.up", parts.UpConv),
        ("encoder.blocks.0.residual.2", parts.ResidualUnit),
        ("encoder.blocks.0.residual.2.convs.1", parts.Conv),
        ("encoder.blocks.0.down.kernel.0", None),
        ("encoder.blocks.0.activation", None),
        ("encoder.lstm.0", None),
        ("encoder.wings.up", None),
        ("encoder.0", None),
        ("0", None),
    ],
)
def test_the_class_that_a_design_declares(name: str, kind: type | None) -> None:
    assert declared_kind(name) is kind


def test_planting_grows_the_tree() -> None:
    tree: dict[str, Any] = {}
    plant(tree, "kernel", 5)
    assert tree == {"kernel": 5}
    plant(tree, "blocks[1].down.stride", 4)
    assert tree == {"kernel": 5, "blocks": [{}, {"down": {"stride": 4}}]}
    plant(tree, "blocks[1].down.kernel", 8)
    plant(tree, "blocks[0].residual[0].convs[1].kernel", 3)
    plant(tree, "blocks[12].up", True)
    assert tree["blocks"][1] == {"down": {"stride": 4, "kernel": 8}}
    assert tree["blocks"][0] == {"residual": [{"convs": [{}, {"kernel": 3}]}]}
    assert tree["blocks"][2:] == [{}] * 10 + [{"up": True}]
    assert tree["kernel"] == 5


def test_planting_a_value_over_another() -> None:
    tree: dict[str, Any] = {"modes": [1, 2]}
    plant(tree, "modes[0]", 3)
    plant(tree, "modes[2]", 6)
    assert tree == {"modes": [3, 2, 6]}


ENCODER: dict[str, Any] = {
    "input": {},
    "lstm_layers": 1,
    "blocks": [
        {"down": {}, "residual": [{"convs": [{}, {}], "learnable_skip": True}]},
        {"down": {}},
    ],
    "output": {},
}
ENCODER_NAMES = [
    "encoder.input",
    "encoder.blocks.0.residual.0.acts.0",
    "encoder.blocks.0.residual.0.convs.0",
    "encoder.blocks.0.residual.0.acts.1",
    "encoder.blocks.0.residual.0.convs.1",
    "encoder.blocks.0.residual.0.skip",
    "encoder.blocks.0.residual.0.add",
    "encoder.blocks.0.activation",
    "encoder.blocks.0.down",
    "encoder.blocks.1.activation",
    "encoder.blocks.1.down",
    "encoder.lstm.0",
    "encoder.lstm.add",
    "encoder.output_activation",
    "encoder.output",
]
DECODER: dict[str, Any] = {
    "input": {},
    "lstm_layers": 2,
    "blocks": [{"up": {}, "residual": [{"convs": [{}]}]}],
    "output": {},
    "final_activation": "tanh",
}
DECODER_NAMES = [
    "decoder.input",
    "decoder.lstm.0",
    "decoder.lstm.1",
    "decoder.lstm.add",
    "decoder.blocks.0.activation",
    "decoder.blocks.0.up",
    "decoder.blocks.0.residual.0.acts.0",
    "decoder.blocks.0.residual.0.convs.0",
    "decoder.blocks.0.residual.0.add",
    "decoder.output_activation",
    "decoder.output",
    "decoder.final_activation",
]


def test_the_rows_of_an_encoder() -> None:
    assert expected_names("encoder", ENCODER) == ENCODER_NAMES
    without: dict[str, Any] = {"blocks": [{}]}
    assert expected_names("encoder", without) == ENCODER_NAMES[7:9]
    assert expected_names("encoder", {}) == []
    assert expected_names("encoder", {"blocks": [{"residual": [{}]}]})[0] == (
        "encoder.blocks.0.residual.0.add"
    )


def test_the_rows_of_a_decoder() -> None:
    assert expected_names("decoder", DECODER) == DECODER_NAMES
    assert expected_names("decoder", {"blocks": [{}]}) == DECODER_NAMES[4:6]
    assert expected_names("decoder", {}) == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *[(5, 5), (5.0, 5), (-3.0, -3), (0, 0), (5.5, None), (True, None), ("5", None)],
        *[(None, None), (float("inf"), None), (float("nan"), None)],
    ],
)
def test_whole_numbers(value: object, expected: int | None) -> None:
    found = whole(value)
    assert found == expected
    assert type(found) is type(expected)
