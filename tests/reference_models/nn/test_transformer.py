"""Transformers with a window: their rows by hand, witnesses, streams, and torch's own attention."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

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

ROTARY = {
    "window": 5,
    "heads": 2,
    "layers": 2,
    "look_ahead": 1,
    "position": "rotary",
    "gated": True,
    "norm": "rms",
    "scale": True,
    "bias": False,
}
LEARNED = {"window": 3, "heads": 4, "position": "learned", "feed_forward": 20}
AHEAD = {"window": 2, "look_ahead": 2}
PATH = "encoder.layers.1.transformer"


@pytest.fixture
def design(tmp_path):
    decoder = [{"transformer": LEARNED}, {"transformer": AHEAD}]
    return listed(tmp_path, [{"transformer": ROTARY}], decoder)


def test_its_rows_are_those_derived_by_hand(design):
    rows = rows_of(design, PATH)
    attention, feed_forward = (
        ("norm", "qkv", "attend", "out", "scale", "add"),
        (*("norm", "up", "gate", "down", "scale", "add"),),
    )
    assert list(rows) == [
        f"{layer}.{part}.{name}"
        for layer in (0, 1)
        for part, names in (("attention", attention), ("feed_forward", feed_forward))
        for name in names
    ]
    # 15 steps a frame; 8 channels in 2 heads; 5 steps and 1 ahead are 6 keys, so 12 scores.
    attend = rows["1.attention.attend"]
    assert attend.work == {
        Kind.LINEAR: 15 * (6 * 8 + 6 * 8),  # queries with keys, weights with values
        Kind.REDUCE: 15 * 2 * 12,  # the maximum and the sum
        Kind.TRANSCENDENTAL: 15 * 12,
        Kind.DIVISION: 15 * 12,
        # A scaled query, differences from the maximum, and 4 pairs in each of queries and keys,
        # turned by 4 products and 2 sums of 2 values.
        Kind.POINTWISE: 15 * (8 + 12 + 2 * 4 * 6),
    }
    assert (attend.past_samples, attend.delay_samples) == (4 * STEP_SAMPLES, STEP_SAMPLES)
    # Keys and values of 5 steps besides the newest, and the query that waits.
    assert attend.state_values == (5 + 5 + 1) * WIDTH
    assert rows["1.attention.add"].held_values == WIDTH
    assert rows["0.attention.qkv"].work == {Kind.LINEAR: 15 * 3 * 8 * 8}
    assert rows["0.attention.out"].work == {Kind.LINEAR: 15 * 8 * 8}
    # Three matrices of 8 by 4 * 8, two of them in one product.
    assert rows["0.feed_forward.up"].work == {Kind.LINEAR: 15 * 2 * 8 * 32}
    assert rows["0.feed_forward.gate"].work == {"silu": 15 * 32, Kind.GATE_ARITHMETIC: 15 * 32}
    assert rows["0.feed_forward.down"].stored_values == 32 * 8
    assert rows["0.feed_forward.add"].held_values == 0
    # Each layer: 4 C C, 3 C 4C, two RMS norms and two scales.
    assert sum(r.stored_values for r in rows.values()) == 2 * (4 * 64 + 3 * 8 * 32 + 2 * 8 + 2 * 8)
    assert sum(r.delay_samples for r in rows.values()) == 2 * STEP_SAMPLES


def test_learned_positions_cost_and_store_a_value_for_each_score(design):
    rows = rows_of(design, "decoder.layers.0.transformer.0")
    attend = rows["attention.attend"]
    assert attend.stored_values == 4 * 3  # heads times distances
    assert attend.work[Kind.POINTWISE] == 8 + 12 + 12
    assert (attend.past_samples, attend.delay_samples) == (2 * 240, 0)
    assert rows["feed_forward.up"].stored_values == 8 * 20 + 20
    assert rows["feed_forward.activation"].work == {"gelu": 20}


def test_the_witnesses_agree(design):
    assert_witnesses_agree(design)


@pytest.mark.parametrize(
    "path", [PATH, "decoder.layers.0.transformer", "decoder.layers.1.transformer"]
)
def test_a_stream_gives_what_the_whole_gives(design, path):
    assert_stream_equals_whole(design, path)


def by_torch(module, x, window, look_ahead, turn=None):
    """Attention by torch's own function, with a mask of the window over the whole clip."""
    heads = module.part.heads
    query, key, value = (
        each.transpose(1, 2).unflatten(2, (heads, -1)).transpose(1, 2) for each in x.chunk(3, 1)
    )
    if turn is not None:
        query, key = turn(query), turn(key)
    steps = torch.arange(x.shape[2])
    distance = steps[None, :] - steps[:, None]
    inside = (distance > -window) & (distance <= look_ahead)
    mask = torch.zeros(heads, *inside.shape).double()
    if module.products.bias is not None:
        mask = module.products.bias[:, (distance + window - 1).clamp(0, window + look_ahead - 1)]
    mask = mask.masked_fill(~inside, -torch.inf)
    y = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
    return y.transpose(1, 2).flatten(2).transpose(1, 2)


def rotated(x):
    """Pairs of channels, as far apart as half a head is wide, turned as complex numbers."""
    half = x.shape[-1] // 2
    pairs = torch.complex(x[..., :half], x[..., half:])
    speed = 10_000.0 ** (-torch.arange(half).double() / half)
    angle = torch.arange(x.shape[2]).double()[:, None] * speed
    turned = pairs * torch.polar(torch.ones_like(angle), angle)
    return torch.cat((turned.real, turned.imag), -1)


@pytest.mark.parametrize(
    ("path", "window", "look_ahead", "turn"),
    [
        (PATH, 5, 1, rotated),
        ("decoder.layers.0.transformer", 3, 0, None),
        ("decoder.layers.1.transformer", 2, 2, None),
    ],
    ids=["rotary", "learned", "ahead"],
)
def test_it_is_the_attention_of_torch_with_a_mask(design, path, window, look_ahead, turn):
    module = build_untrained(design, seed=1).double().get_submodule(f"{path}.0.attention.attend")
    for parameter in module.parameters():
        torch.nn.init.normal_(parameter)
    x = torch.randn(2, 3 * WIDTH, 20, generator=torch.Generator().manual_seed(5)).double()
    expected = by_torch(module, x, window, look_ahead, turn)
    assert torch.allclose(module(x), expected, rtol=0, atol=1e-10)


def test_a_gate_is_the_silu_of_one_half_times_the_other(design):
    module = build_untrained(design, seed=1).get_submodule(f"{PATH}.0.feed_forward.gate")
    x = torch.randn(1, 6, 4)
    assert torch.allclose(module(x), x[:, :3] * x[:, :3].sigmoid() * x[:, 3:])


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"window": 0}, r"window: given 0; allowed: a whole number from 1"),
        ({"heads": 3}, r"heads: given 3; allowed: heads that divide the 8 channels before it"),
        ({"heads": 8}, r"heads: given 8; allowed: .* into an even number each, for position"),
        ({"position": "rotory"}, r"position: given 'rotory'; allowed: .*rotary"),
        ({"norm": "batch"}, r"norm: given 'batch'; allowed: "),
        ({"look_ahead": -1}, r"look_ahead: given -1; allowed: a whole number from 0"),
        ({"layers": 0}, r"layers: given 0; allowed: a whole number from 1"),
    ],
)
def test_bad_input_is_one_problem_with_its_field(tmp_path, changed, message):
    field = r"encoder\.layers\[1\]\.transformer\."
    with pytest.raises(InputError, match=field + message) as caught:
        listed(tmp_path, [{"transformer": ROTARY | changed}], [])
    assert len(caught.value.problems) == 1
