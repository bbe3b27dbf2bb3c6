"""Mistakes in a list of layers: one message each, with the field and the line."""

from __future__ import annotations

import pytest

from lrac_audit import InputError
from lrac_audit.design.formats import load_design, read_design_data
from tests.lrac_audit.list_design import LISTS, write_lists

ENCODER, DECODER = "encoder.layers", "decoder.layers"
BAD_WIDTH = "- lstm: {width: a}\n    - transposed_conv: {"
"""A width on which the groups of the next layer depend."""
INNER = f"{ENCODER}[1].residual.layers"
# What is replaced in the design, by what, and the field and the words of the only problem.
MISTAKES = {
    "a residual that ends with other channels": (
        ("- linear: {channels: 6}", "- linear: {channels: 7}"),
        INNER,
        "layers that end with 7; allowed: layers that end with the 6 channels before them",
    ),
    "a residual that changes the rate": (
        ("- conv: {kernel: 1, channels: 8}", "- conv: {kernel: 2, stride: 2, channels: 8}"),
        INNER,
        "layers that change the rate; allowed: layers that keep it",
    ),
    "groups that do not divide": (
        (
            "{kernel: 24, stride: 12, channels: 8}",
            "{kernel: 24, stride: 12, channels: 8, groups: 4}",
        ),
        f"{ENCODER}[2].conv.groups",
        "4; allowed: a divisor of the channels before and after it, 6 and 8",
    ),
    "a pixel shuffle that does not divide": (
        ("{kernel: 5, channels: 9}", "{kernel: 5, channels: 10}"),
        f"{DECODER}[5].pixel_shuffle.factor",
        "3; allowed: a divisor of the 10 channels before it",
    ),
    "a pixel shuffle that does not divide, before groups": (
        (
            "- conv: {kernel: 3, channels: 1, bias: false}",
            "- pixel_shuffle: {factor: 2}\n    - conv: {kernel: 3, channels: 1, groups: 2}",
        ),
        f"{DECODER}[6].pixel_shuffle.factor",
        "2; allowed: a divisor of the 3 channels before it",
    ),
    "a look-ahead beyond the padding": (
        ("look_ahead: 2", "look_ahead: 5"),
        f"{INNER}[1].depthwise_conv.look_ahead",
        "5; allowed: at most the padding, 4 steps",
    ),
    "a kernel below its stride": (
        ("kernel: 24, stride: 12", "kernel: 11, stride: 12"),
        f"{ENCODER}[2].conv.kernel",
        "11, which reaches 11 steps; allowed: a kernel that reaches at least the stride, 12 steps",
    ),
    "an encoder that raises the rate": (
        ("- rms_norm", "- repeat: {factor: 2}"),
        f"{ENCODER}[5]",
        "repeat, which raises the rate; allowed: layers of the encoder that do not",
    ),
    "a decoder that lowers the rate": (
        (
            "- conv: {kernel: 3, channels: 1, bias: false}",
            "- conv: {kernel: 3, channels: 1, stride: 2}",
        ),
        f"{DECODER}[6]",
        "conv, which lowers the rate; allowed: layers of the decoder that do not",
    ),
    "an unknown kind": (
        ("- gru: {width: 10}", "- gruu: {width: 10}"),
        f"{ENCODER}[4]",
        "did you mean gru?",
    ),
    "an unknown kind alone": (
        ("- layer_norm", "- layer_nrm"),
        f"{INNER}[2]",
        "did you mean layer_norm?",
    ),
    "two keys in one layer": (
        ("- gru: {width: 10}", "- {gru: {width: 10}, lstm: {}}"),
        f"{ENCODER}[4]",
        "allowed: one kind: one of",
    ),
    "a bad field in a residual": (
        ("- linear: {channels: 6}", "- linear: {channels: 0}"),
        f"{INNER}[5].linear.channels",
        "0; allowed: a whole number from 1",
    ),
    "an unknown field": (
        ("- gru: {width: 10}", "- gru: {widht: 10}"),
        f"{ENCODER}[4].gru.widht",
        "did you mean width?",
    ),
    "a decoder that does not end with the audio": (
        ("channels: 1, bias: false", "channels: 2, bias: false"),
        DECODER,
        "layers that end with 2 channels; allowed: layers that end with the 1 audio channels",
    ),
    "another hop": (
        ("- repeat: {factor: 4}", "- repeat: {factor: 5}"),
        DECODER,
        "strides that multiply to 300; allowed: the encoder's hop, 240 samples",
    ),
    "a bad width, and what follows from it": (
        ("- lstm: {width: 8}\n    - transposed_conv: {", f"{BAD_WIDTH}groups: 4, "),
        f"{DECODER}[0].lstm.width",
        "'a'; allowed: a whole number from 1",
    ),
    "a block in a list": (
        ("quantizer:", "  blocks: []\nquantizer:"),
        "encoder.blocks",
        "an unknown key; allowed: one of layers",
    ),
}


def problem_of(tmp_path, text):
    path = write_lists(tmp_path, text)
    with pytest.raises(InputError) as caught:
        load_design(path)
    (problem,) = caught.value.problems
    return path, problem, str(caught.value)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_message_with_its_field_and_line(tmp_path, mistake):
    (before, after), field, words = MISTAKES[mistake]
    assert LISTS.count(before) == 1
    path, problem, message = problem_of(tmp_path, LISTS.replace(before, after))
    assert problem.field == field
    assert message.startswith(f"{path}:{problem.line}: {field}: given ")
    assert problem.line is not None
    assert words in message


@pytest.mark.parametrize("layers", ["[]", "", "3"])
def test_a_list_without_layers(tmp_path, layers):
    head, tail = LISTS.split("encoder:\n")[0], LISTS[LISTS.index("quantizer:") :]
    _, problem, _ = problem_of(tmp_path, f"{head}encoder:\n  layers: {layers}\n{tail}")
    assert problem.field == ENCODER
    assert problem.line == 5


def test_the_line_is_that_of_the_layer(tmp_path):
    text = LISTS.replace("look_ahead: 2", "look_ahead: 5")
    _, problem, _ = problem_of(tmp_path, text)
    assert "look_ahead" in text.splitlines()[problem.line - 1]


WITHOUT_ENCODER = """
lrac_audit_design: 1
name: Without an encoder
sample_rate_hz: 24000
encoder: {KIND}
quantizer: {grouped_rvq: {groups: 3, layers: 2, codebook_size: 8, codebook_dim: 2}}
decoder:
  layers:
    - transposed_conv: {kernel: 4, stride: 2, channels: 6, groups: 3}
    - linear: {channels: 1}
"""


@pytest.mark.parametrize(
    ("encoder", "field"),
    [("null", "encoder"), ("{}", "encoder"), ("{layers: 5}", "encoder.layers")],
)
def test_the_width_of_a_latent_that_nothing_sets_is_compared_with_nothing(encoder, field):
    """Groups of the quantizer and of the decoder divide whatever the encoder will end with."""
    with pytest.raises(InputError) as caught:
        read_design_data(WITHOUT_ENCODER.replace("{KIND}", encoder))
    assert all(problem.field.startswith(field) for problem in caught.value.problems)
