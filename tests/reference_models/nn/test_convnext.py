"""ConvNeXt blocks: their rows by hand, their witnesses, their streams and their rules."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from lrac_audit.errors import InputError
from lrac_audit.ledger.row import Kind
from reference_models.nn.build import build_untrained
from tests.reference_models.nn.listed import (
    STEP_SAMPLES,
    WIDTH,
    assert_stream_equals_whole,
    assert_witnesses_agree,
    listed,
    rows_of,
)

BLOCK = {"kernel": 5, "dilation": 2, "look_ahead": 3, "expansion": 3, "scale": True}
PATH = "encoder.layers.1.convnext"


@pytest.fixture
def design(tmp_path):
    plain = {"convnext": {"kernel": 3, "bias": False}}
    return listed(tmp_path, [{"convnext": BLOCK}], [plain])


def test_its_rows_are_those_derived_by_hand(design):
    rows = rows_of(design, PATH)
    assert list(rows) == ["depthwise", "norm", "up", "activation", "down", "scale", "add"]
    # 15 steps of 16 samples in a frame, 8 channels, 24 between the maps.
    depthwise = rows["depthwise"]
    assert depthwise.work == {Kind.CONV: 15 * 5 * 8, Kind.BIAS: 15 * 8}
    assert depthwise.stored_values == 5 * 8 + 8
    # It reaches (5 - 1) * 2 = 8 steps, 3 of them ahead.
    assert (depthwise.past_samples, depthwise.delay_samples) == (5 * 16, 3 * 16)
    assert depthwise.state_values == 8 * WIDTH
    assert rows["up"].work == {Kind.LINEAR: 15 * 8 * 24, Kind.BIAS: 15 * 24}
    assert rows["down"].work == {Kind.LINEAR: 15 * 24 * 8, Kind.BIAS: 15 * 8}
    assert [rows[name].stored_values for name in ("norm", "up", "down", "scale")] == [
        *(2 * 8, 8 * 24 + 24, 24 * 8 + 8, 8)
    ]
    assert rows["scale"].work == {Kind.POINTWISE: 15 * 8}
    assert rows["add"].held_values == 3 * WIDTH
    assert sum(row.delay_samples for row in rows.values()) == 3 * STEP_SAMPLES


def test_without_scale_and_bias_it_has_neither(design):
    rows = rows_of(design, "decoder.layers.0.convnext")
    assert "scale" not in rows
    assert all(Kind.BIAS not in row.work for row in rows.values())
    # One step a frame: 3 taps, two maps of 8 by 4 * 8, and the norm's scale and shift.
    assert sum(row.stored_values for row in rows.values()) == 3 * 8 + 2 * 8 * 32 + 2 * 8


def test_the_witnesses_agree(design):
    assert_witnesses_agree(design)


def test_a_stream_gives_what_the_whole_gives(design):
    assert_stream_equals_whole(design, PATH)
    assert_stream_equals_whole(design, "decoder.layers.0.convnext")


def test_it_computes_what_torch_computes_of_its_definition(design):
    module = build_untrained(design, seed=1).double().get_submodule(PATH)
    for parameter in module.parameters():
        nn.init.normal_(parameter)
    x = torch.randn(1, WIDTH, 30).double()
    named = dict(module.named_children())
    conv = next(m for m in named["depthwise"].modules() if isinstance(m, nn.Conv1d))
    y = nn.functional.conv1d(
        nn.functional.pad(x, (5, 3)), conv.weight, conv.bias, dilation=2, groups=WIDTH
    ).transpose(1, 2)
    y = nn.functional.layer_norm(y, (WIDTH,), named["norm"].weight, named["norm"].bias)
    y = nn.functional.gelu(y @ named["up"].weight.T + named["up"].bias)
    y = (y @ named["down"].weight.T + named["down"].bias) * named["scale"].weight
    assert torch.allclose(module(x), x + y.transpose(1, 2), rtol=0, atol=1e-10)


@pytest.mark.parametrize(
    ("block", "message"),
    [
        (
            BLOCK | {"look_ahead": 9},
            r"convnext\.look_ahead: given 9; allowed: at most the padding, 8 steps",
        ),
        (BLOCK | {"kernel": 0}, r"convnext\.kernel: given 0; allowed: a whole number from 1"),
        (BLOCK | {"expansion": 0}, r"convnext\.expansion: given 0; allowed: a whole number from 1"),
    ],
)
def test_bad_input_is_one_problem_with_its_field(tmp_path, block, message):
    with pytest.raises(InputError, match=r"encoder\.layers\[1\]\." + message) as caught:
        listed(tmp_path, [{"convnext": block}], [])
    assert len(caught.value.problems) == 1


def test_a_bad_width_before_it_is_one_problem(tmp_path):
    # Behind the block, the groups would not divide what stands in for the bad width.
    behind = {"conv": {"kernel": 1, "groups": 3, "channels": 9}}
    with pytest.raises(InputError, match=r"layers\[0\]\.linear\.channels: given 0") as caught:
        listed(tmp_path, [], [{"linear": {"channels": 0}}, {"convnext": {"kernel": 3}}, behind])
    assert len(caught.value.problems) == 1
