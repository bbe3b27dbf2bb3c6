"""Branches beside each other: rows by hand, witnesses, streams, and the rules between branches."""

from __future__ import annotations

import pytest
import torch

from lrac_audit import audit
from lrac_audit.errors import InputError
from lrac_audit.ledger.latency import context, latency
from lrac_audit.ledger.row import Kind
from reference_models.nn.build import build_untrained
from tests.reference_models.nn.listed import (
    HOP_SAMPLES,
    STEP_SAMPLES,
    WIDTH,
    assert_stream_equals_whole,
    assert_witnesses_agree,
    listed,
    rows_of,
)

SUM = {
    "parallel": {
        "branches": [
            [{"depthwise_conv": {"kernel": 9, "look_ahead": 1}}, {"linear": {"channels": 6}}],
            [{"conv": {"kernel": 7, "look_ahead": 4, "channels": 6}}],
        ]
    }
}
CONCAT = {
    "parallel": {
        "branches": [
            [{"conv": {"kernel": 3, "look_ahead": 2, "channels": 5}}],
            ["layer_norm", {"convnext": {"kernel": 5, "look_ahead": 2}}],
            [{"activation": "elu"}],
        ],
        "join": "concat",
    }
}
INNER = {"parallel": {"branches": [["layer_norm"], [{"depthwise_conv": {"kernel": 3}}], ["gru"]]}}
NESTED = {
    "parallel": {
        "branches": [
            [{"depthwise_conv": {"kernel": 4, "look_ahead": 3}}],
            [INNER, {"depthwise_conv": {"kernel": 6, "look_ahead": 3}}],
        ]
    }
}


@pytest.fixture
def design(tmp_path):
    return listed(tmp_path, [SUM, CONCAT], [NESTED])


def test_only_the_longest_branch_adds_delay_and_only_one_adds_past(design):
    rows = rows_of(design, "encoder.layers.1.parallel")
    depthwise, conv = rows["branches.0.0.depthwise_conv"], rows["branches.1.0.conv"]
    # The depthwise branch reaches 8 steps, 7 back and 1 ahead; the other 4 ahead and 2 back.
    assert (depthwise.past_samples, depthwise.delay_samples) == (7 * STEP_SAMPLES, 0)
    assert (conv.past_samples, conv.delay_samples) == (0, 4 * STEP_SAMPLES)
    assert (depthwise.state_values, conv.state_values) == (8 * WIDTH, 6 * WIDTH)
    # The first branch is ready 3 steps earlier, and its 6 channels are held.
    assert rows["join"].held_values == 3 * 6
    assert rows["join"].work == {Kind.RESIDUAL_ADD: 15 * 6}
    assert [name.rpartition(".")[2] for name in rows] == [
        "depthwise_conv",
        "linear",
        "conv",
        "join",
    ]


def test_a_concatenation_adds_the_widths_and_holds_each_branch(design):
    rows = rows_of(design, "encoder.layers.2.parallel")
    assert rows["join"].work == {}
    assert rows["join"].geometry.channels_out == 5 + 6 + 6
    assert rows["join"].held_values == 2 * 6  # the branch without look-ahead, 6 wide
    assert sum(row.delay_samples for row in rows.values()) == 2 * STEP_SAMPLES


def test_the_delays_and_contexts_of_sides_are_those_of_the_longest_branches(design, tmp_path):
    ledger = audit(design).ledger
    assert latency(ledger).transmit_samples == (4 + 2) * STEP_SAMPLES
    assert latency(ledger).receive_samples == 3 * HOP_SAMPLES
    assert context(ledger).decoder_past_frames is None  # the GRU stands in a branch
    # 7 steps back in the sum, 2 in the block of the second; one hop; 6 steps ahead.
    assert context(ledger).encoder_samples == (7 + 2 + 6) * STEP_SAMPLES + HOP_SAMPLES
    bounded = listed(
        tmp_path,
        [],
        [{"parallel": {"branches": [["layer_norm"], [SUM, CONCAT]], "join": "concat"}}],
    )
    assert context(audit(bounded).ledger).decoder_past_frames == 7 + 2


def test_the_witnesses_agree(design):
    assert_witnesses_agree(design)


@pytest.mark.parametrize("layer", ["encoder.layers.1.parallel", "decoder.layers.0.parallel"])
def test_a_stream_gives_what_the_whole_gives(design, layer):
    assert_stream_equals_whole(design, layer)


def test_it_is_the_sum_or_the_concatenation_of_its_branches(design):
    codec, x = build_untrained(design, seed=1).double(), torch.randn(1, WIDTH, 30).double()
    module = codec.get_submodule("encoder.layers.1.parallel")
    first, second = (module.get_submodule(f"branches.{i}")(x) for i in (0, 1))
    assert torch.allclose(module(x), first + second, rtol=0, atol=1e-12)
    module, x = codec.get_submodule("encoder.layers.2.parallel"), x[:, :6]
    branches = [module.get_submodule(f"branches.{i}")(x) for i in (0, 1, 2)]
    assert torch.allclose(module(x), torch.cat(branches, 1), rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("branches", "message"),
    [
        (
            [["layer_norm"], [{"repeat": {"factor": 2}}]],
            r"branches\[1\]: given layers that change the rate; allowed: layers that keep it",
        ),
        (
            [["layer_norm"], [{"linear": {"channels": 5}}]],
            r"branches: given branches that end with 8, 5 channels; allowed: .*one width",
        ),
        ([["layer_norm"]], r"branches: given 1 entries; allowed: 2 to"),
        ([["layer_norm"], []], r"branches\[1\]: given 0 entries; allowed: 1 to"),
        (
            [["layer_norm"], [{"layer_norm": {}}, {"linear": {"channels": 0}}]],
            r"branches\[1\]\[1\]\.linear\.channels: given 0",
        ),
    ],
)
def test_bad_input_is_one_problem_with_its_field(tmp_path, branches, message):
    field = r"decoder\.layers\[0\]\.parallel\."
    with pytest.raises(InputError, match=field + message) as caught:
        listed(tmp_path, [], [{"parallel": {"branches": branches}}])
    assert [p.field for p in caught.value.problems if p.field != "decoder.layers"] == [
        caught.value.problems[0].field
    ]


def test_a_bad_width_in_a_branch_hides_nothing_in_the_next(tmp_path):
    branches = [[{"linear": {"channels": 0}}], [{"conv": {"kernel": 1, "groups": 3}}]]
    behind = {"linear": {"channels": 8}}
    with pytest.raises(InputError) as caught:
        listed(tmp_path, [], [{"parallel": {"branches": branches, "join": "concat"}}, behind])
    assert [p.field.partition("branches")[2] for p in caught.value.problems] == [
        *("[0][0].linear.channels", "[1][0].conv.groups")
    ]


def test_a_bad_width_in_a_branch_is_not_told_again_behind_the_join(tmp_path):
    branches = [[{"linear": {"channels": 0}}], ["layer_norm"]]
    behind = {"conv": {"kernel": 1, "groups": 4, "channels": 8}}
    concat = {"parallel": {"branches": branches, "join": "concat"}}
    with pytest.raises(InputError) as caught:
        listed(tmp_path, [], [concat, behind])
    assert [p.field for p in caught.value.problems] == [
        "decoder.layers[0].parallel.branches[0][0].linear.channels"
    ]
