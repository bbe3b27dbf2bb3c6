"""Attention costs what a stream needs when a window bounds it, and is unbounded otherwise."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from tests.lrac_audit.witness.trace.tracing import as_frames, macs, traced

HEADS, WIDTH = 4, 16


def in_heads(x):
    """``[1, 64, T]`` to ``[1, 4, T, 16]``."""
    return x.unflatten(1, (HEADS, WIDTH)).transpose(2, 3)


def window_of(x, frames):
    """Which of the frames ``[T]`` each frame sees: itself and those before it."""
    steps = torch.arange(x.shape[2], device=x.device)
    behind = steps[:, None] - steps[None]
    return (behind >= 0) & (behind < frames)


def by_matrix_product(mask):
    def attend(x):
        q = in_heads(x)
        scores = mask(q @ q.transpose(2, 3) / WIDTH**0.5, window_of(x, 10))
        return scores.softmax(3) @ q

    return attend


def fused(x):
    q = in_heads(x)
    return functional.scaled_dot_product_attention(q, q, q, attn_mask=window_of(x, 10))


def fused_with_numbers(x):
    q = in_heads(x)
    numbers = torch.zeros(x.shape[2], x.shape[2], device=x.device)
    numbers = numbers.masked_fill(~window_of(x, 10), float("-inf"))
    return functional.scaled_dot_product_attention(q, q, q, attn_mask=numbers)


def triangles(x):
    """The same window as a difference of two triangles."""
    q = in_heads(x)
    ones = torch.ones(x.shape[2], x.shape[2], device=x.device)
    allowed = torch.tril(ones) - torch.tril(ones, diagonal=-10)
    scores = q @ q.transpose(2, 3) + (1 - allowed) * torch.finfo(x.dtype).min
    return functional.dropout(scores.softmax(3), 0.1, training=False) @ q


WINDOWED = {
    "fused": fused,
    "fused with numbers": fused_with_numbers,
    "masked_fill": by_matrix_product(lambda s, allowed: s.masked_fill(~allowed, float("-inf"))),
    "where": by_matrix_product(lambda s, allowed: torch.where(allowed, s, -1e9)),
    "add": by_matrix_product(
        lambda s, allowed: s + torch.zeros_like(allowed, dtype=s.dtype).masked_fill(~allowed, -1e9)
    ),
    "triangles": triangles,
    "flattened heads": lambda x: windowed_in_flat_heads(x),
}


def windowed_in_flat_heads(x):
    q = in_heads(x).flatten(0, 1)
    scores = torch.baddbmm(torch.zeros(1, 1, 1), q, q.transpose(1, 2))
    scores = scores.view(1, HEADS, x.shape[2], x.shape[2]).masked_fill(~window_of(x, 10), -1e30)
    return torch.bmm(scores.softmax(3).flatten(0, 1), q)


@pytest.mark.parametrize("form", WINDOWED)
def test_window_of_ten_frames(form):
    found = traced(nn.Identity(), WINDOWED[form], channels=HEADS * WIDTH)
    assert macs(found.rows) == 4 * 2 * 10 * 16
    assert not found.problems


def causal(x):
    q = in_heads(x)
    return functional.scaled_dot_product_attention(q, q, q, is_causal=True)


def whole(x):
    q = in_heads(x)
    return functional.scaled_dot_product_attention(q, q, q)


def whole_written_out(x):
    q = in_heads(x)
    return (q @ q.transpose(2, 3)).softmax(3) @ q


def test_window_that_short_clips_do_not_fill():
    def attend(x):
        q = in_heads(x)
        return functional.scaled_dot_product_attention(q, q, q, attn_mask=window_of(x, 50))

    assert macs(traced(nn.Linear(1, 1), attend, channels=64).rows) == 4 * 2 * 50 * 16


@pytest.mark.parametrize("attend", [causal, whole, whole_written_out])
def test_attention_over_the_whole_clip_is_not_bounded_per_second(attend):
    rows = traced(nn.Identity(), attend, channels=HEADS * WIDTH).rows
    (unbounded,) = [row for row in rows if row.problem]
    assert unbounded.op == "attention"
    assert "not bounded per second" in unbounded.problem
    assert sum(row.macs_per_frame for row in rows) == 0


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("need_weights", [True, False])
def test_multi_head_attention(training, need_weights):
    layer = nn.MultiheadAttention(64, 4, batch_first=True).train(training)

    def attend(x):
        frames = as_frames(x)
        mask = ~window_of(x, 10)
        return layer(frames, frames, frames, attn_mask=mask, need_weights=need_weights)[0]

    rows = traced(layer, attend, channels=64).rows
    assert macs(rows) == 4 * 64**2 + 4 * 2 * 10 * 16


def test_multi_head_attention_in_the_whole_clip():
    layer = nn.MultiheadAttention(64, 4, batch_first=True).eval()
    rows = traced(layer, lambda x: layer(*[as_frames(x)] * 3)[0], channels=64).rows
    # Three projections in, one out; what lies between grows with the clip.
    assert sum(row.macs_per_frame for row in rows) == 4 * 64**2
    assert {row.op for row in rows if row.problem} == {"attention"}


def test_mask_that_depends_on_values_is_counted_on_real_values():
    layer = nn.Linear(1, 1)
    layer.register_buffer("first", torch.tensor(1.0))

    def attend(x):
        q = in_heads(x)
        allowed = window_of(x, 10) & (x[0].abs().amax(0) < 1e9)
        return functional.scaled_dot_product_attention(q, q, q, attn_mask=allowed)

    found = traced(layer, attend, channels=64)
    assert macs(found.rows) == 4 * 2 * 10 * 16
    assert "counted on real values" in found.problems[0]


def test_more_keys_than_queries():
    """Three learned keys beside: every frame sees these and nothing else."""
    layer = nn.Linear(64, 3)

    def attend(x):
        keys = layer.weight.view(1, 3, HEADS, WIDTH).transpose(1, 2)
        return functional.scaled_dot_product_attention(in_heads(x), keys, keys)

    assert macs(traced(layer, attend, channels=64).rows) == 4 * 2 * 3 * 16


def test_flags_of_fused_attention_are_told_apart_by_name():
    """Other devices' operators have another flag before the one that makes them causal."""
    layer = nn.Linear(64, 600)

    def attend(x):
        keys = layer.weight.view(1, 600, HEADS, WIDTH).transpose(1, 2)
        fused = torch.ops.aten._scaled_dot_product_efficient_attention
        return fused(in_heads(x), keys, keys, None, True)[0]

    found = traced(layer, attend, channels=64)
    assert macs(found.rows) == 4 * 2 * 600 * 16
    # The operator has shapes everywhere, and values on other devices only.
    assert [problem.partition(":")[0] for problem in found.problems] == [
        "not counted on real values"
    ]


def test_two_masks_one_after_the_other():
    """One shuts out what is to come, the other what is ten frames back or more."""

    def attend(x):
        q = in_heads(x)
        steps = torch.arange(x.shape[2], device=x.device)
        behind = steps[:, None] - steps[None]
        scores = (q @ q.transpose(2, 3)).masked_fill(behind < 0, float("-inf"))
        return scores.masked_fill(behind >= 10, float("-inf")).softmax(3) @ q

    assert macs(traced(nn.Identity(), attend, channels=64).rows) == 4 * 2 * 10 * 16
