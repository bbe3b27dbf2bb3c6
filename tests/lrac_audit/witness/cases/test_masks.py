"""Attention in a window costs what a stream needs, wherever its mask lives and however it excludes.

Four heads of width 16. Each frame attends to itself and to WINDOW - 1 frames before it: WINDOW
pairs a head, each of 16 multiply-accumulates for the score and 16 for the value.
"""

import pytest
import torch
from torch import nn
from torch.nn import functional

from tests.lrac_audit.witness.trace.tracing import macs, traced
from tests.sweeps import slow_in_sweep, thinned

HEADS, WIDTH, WINDOW, LONGEST = 4, 16, 10, 700
TRUTH = HEADS * WINDOW * 2 * WIDTH


def in_heads(x):
    """``[1, 64, T]`` to ``[1, 4, T, 16]``."""
    return x.unflatten(1, (HEADS, WIDTH)).transpose(2, 3)


def window(steps, frames=WINDOW):
    behind = steps[:, None] - steps[None]
    return (behind >= 0) & (behind < frames)


class InForward(nn.Module):
    def allowed(self, frames, device):
        return window(torch.arange(frames, device=device))


class Stored(nn.Module):
    """A mask that is made once for the longest clip, and cut to the clip."""

    def __init__(self):
        super().__init__()
        self.keep(window(torch.arange(LONGEST)))

    def allowed(self, frames, device):
        return self.mask[:frames, :frames]


class InBuffer(Stored):
    def keep(self, mask):
        self.register_buffer("mask", mask)


class InAttribute(Stored):
    def keep(self, mask):
        self.mask = mask


class InList(Stored):
    def keep(self, mask):
        self.masks = [mask]

    def allowed(self, frames, device):
        return self.masks[0][:frames, :frames]


class InParameter(Stored):
    """Ones and zeros, which are compared."""

    def keep(self, mask):
        self.mask = nn.Parameter(mask.float(), requires_grad=False)

    def allowed(self, frames, device):
        return self.mask[:frames, :frames] > 0


class InTriangles(nn.Module):
    def allowed(self, frames, device):
        ones = torch.ones(frames, frames, device=device)
        return (torch.tril(ones) - torch.tril(ones, -WINDOW)).bool()


class RowByRow(nn.Module):
    """Written into zeros, a few diagonals at a time."""

    def allowed(self, frames, device):
        mask = torch.zeros(frames, frames, dtype=torch.bool, device=device)
        for behind in range(WINDOW):
            mask |= torch.diag(torch.ones(frames - behind, device=device), -behind).bool()
        return mask


PLACES = [InForward, InBuffer, InAttribute, InList, InParameter, InTriangles, RowByRow]
PLACE = pytest.mark.parametrize("place", slow_in_sweep(PLACES, RowByRow))


def filled(scores, allowed, low):
    return scores.masked_fill(~allowed, low)


def chosen(scores, allowed, low):
    return torch.where(allowed, scores, torch.full_like(scores, low))


def added(scores, allowed, low):
    return scores + torch.zeros(allowed.shape, device=scores.device).masked_fill(~allowed, low)


def subtracted_share(scores, allowed, low):
    """The mask as a number between 0 and 1, times how much is taken off."""
    return scores + (1 - allowed.float()) * max(low, torch.finfo(torch.float32).min)


def subtracted(scores, allowed, low):
    return scores - torch.zeros(allowed.shape, device=scores.device).masked_fill(~allowed, -low)


FORMS = [filled, chosen, added, subtracted_share, subtracted]
LOWS = [float("-inf"), -1e30, -1e9, -1e4, -1000.0, -100.0]


class Attention(nn.Module):
    def __init__(self, place, exclude, low):
        super().__init__()
        self.place, self.exclude, self.low = place(), exclude, low

    def forward(self, x):
        q = in_heads(x)
        allowed = self.place.allowed(x.shape[2], x.device)
        scores = q @ q.transpose(2, 3) / WIDTH**0.5
        return self.exclude(scores, allowed, self.low).softmax(3) @ q


@pytest.mark.parametrize("exclude", thinned(FORMS, 2))
@PLACE
def test_places_and_forms(place, exclude):
    assert macs(traced(Attention(place, exclude, float("-inf")), channels=64).rows) == TRUTH


@pytest.mark.parametrize("low", LOWS)
@pytest.mark.parametrize("exclude", thinned(FORMS, 2))
@pytest.mark.parametrize("place", [InForward, InBuffer])
def test_what_stands_for_minus_infinity(place, exclude, low):
    assert macs(traced(Attention(place, exclude, low), channels=64).rows) == TRUTH


class Biased(nn.Module):
    """A learned bias for each head and distance, with a mask in the same tensor or after it."""

    def __init__(self, low, is_one_tensor):
        super().__init__()
        self.low, self.is_one_tensor = low, is_one_tensor
        self.table = nn.Parameter(torch.randn(2 * LONGEST - 1, HEADS))

    def forward(self, x):
        q, frames = in_heads(x), x.shape[2]
        steps = torch.arange(frames, device=x.device)
        distances = steps[:, None] - steps[None] + LONGEST - 1
        bias = self.table[distances].permute(2, 0, 1)
        scores = q @ q.transpose(2, 3)
        if self.is_one_tensor:
            scores = scores + bias.masked_fill(~window(steps), self.low)
        else:
            scores = (scores + bias).masked_fill(~window(steps), self.low)
        return scores.softmax(3) @ q


@pytest.mark.parametrize("low", [float("-inf"), -1e4, -1000.0])
@pytest.mark.parametrize("is_one_tensor", [True, False])
def test_learned_relative_bias(low, is_one_tensor):
    assert macs(traced(Biased(low, is_one_tensor), channels=64).rows) == TRUTH


def test_bias_that_fades_with_the_distance_is_no_window():
    """Half a unit a frame: after 500 frames it excludes as much as a mask, but it is none."""

    def attend(x):
        q = in_heads(x)
        steps = torch.arange(x.shape[2], device=x.device)
        behind = (steps[:, None] - steps[None]).float()
        return (q @ q.transpose(2, 3) + -0.5 * behind.abs()).softmax(3) @ q

    rows = traced(nn.Identity(), attend, channels=64).rows
    assert any("not bounded per second" in row.problem for row in rows)


def test_learned_bias_alone_excludes_nothing():
    table = nn.Embedding(2 * LONGEST - 1, HEADS)

    def attend(x):
        q = in_heads(x)
        steps = torch.arange(x.shape[2], device=x.device)
        bias = table(steps[:, None] - steps[None] + LONGEST - 1).permute(2, 0, 1)
        return (q @ q.transpose(2, 3) + bias).softmax(3) @ q

    rows = traced(table, attend, channels=64).rows
    assert any("not bounded per second" in row.problem for row in rows)


def weights_of(x, place):
    q = in_heads(x)
    allowed = place.allowed(x.shape[2], x.device)
    return q, (q @ q.transpose(2, 3)), allowed


def times_mask(weights, allowed):
    return weights * allowed


def filled_with_zeros(weights, allowed):
    return weights.masked_fill(~allowed, 0.0)


def chosen_or_zero(weights, allowed):
    return torch.where(allowed, weights, torch.zeros_like(weights))


ZEROING = [times_mask, filled_with_zeros, chosen_or_zero]


@pytest.mark.parametrize("zero", thinned(ZEROING, 2))
@PLACE
def test_mask_after_the_softmax_with_new_sums(place, zero):
    """What the softmax divides by cancels out, so nothing outside of the window is needed."""
    root = place()

    def attend(x):
        q, scores, allowed = weights_of(x, root)
        weights = zero(scores.softmax(3), allowed)
        return (weights / weights.sum(3, keepdim=True)) @ q

    assert macs(traced(root, attend, channels=64).rows) == TRUTH


@pytest.mark.parametrize("zero", thinned(ZEROING, 2))
@pytest.mark.parametrize("place", [InForward, InBuffer])
def test_mask_without_any_softmax(place, zero):
    root = place()

    def attend(x):
        q, scores, allowed = weights_of(x, root)
        return zero(scores, allowed) @ q

    assert macs(traced(root, attend, channels=64).rows) == TRUTH


def test_mask_after_the_softmax_leaves_its_sum_over_the_whole_clip():
    """Without new sums every weight still depends on the scores of the whole clip."""
    root = InForward()

    def attend(x):
        q, scores, allowed = weights_of(x, root)
        return (scores.softmax(3) * allowed) @ q

    rows = traced(root, attend, channels=64).rows
    assert any("not bounded per second" in row.problem for row in rows)


@PLACE
@pytest.mark.parametrize("is_number", [True, False])
def test_fused(place, is_number):
    root = place()

    def attend(x):
        q, allowed = in_heads(x), root.allowed(x.shape[2], x.device)
        if is_number:
            allowed = torch.zeros(allowed.shape, device=x.device).masked_fill(~allowed, -1000.0)
        return functional.scaled_dot_product_attention(q, q, q, attn_mask=allowed)

    assert macs(traced(root, attend, channels=64).rows) == TRUTH


@pytest.mark.parametrize("frames", [1, 2, 13, 50, 200, 400])
def test_windows_of_any_length(frames):
    def attend(x):
        q = in_heads(x)
        scores = q @ q.transpose(2, 3)
        allowed = window(torch.arange(x.shape[2], device=x.device), frames)
        return filled(scores, allowed, float("-inf")).softmax(3) @ q

    assert macs(traced(nn.Identity(), attend, channels=64).rows) == HEADS * frames * 2 * WIDTH


@pytest.mark.parametrize("ahead", [1, 5])
def test_window_that_looks_ahead(ahead):
    def attend(x):
        q = in_heads(x)
        steps = torch.arange(x.shape[2], device=x.device)
        behind = steps[:, None] - steps[None]
        allowed = (behind >= -ahead) & (behind < WINDOW)
        return filled(q @ q.transpose(2, 3), allowed, float("-inf")).softmax(3) @ q

    pairs = HEADS * (WINDOW + ahead)
    assert macs(traced(nn.Identity(), attend, channels=64).rows) == pairs * 2 * WIDTH


@pytest.mark.parametrize("chunk", [2, 4, 25])
@pytest.mark.parametrize("before", [0, 1, 2])
def test_chunks_that_see_themselves_and_some_before(chunk, before):
    """Each of ``chunk`` frames sees all of its chunk, and of those before it."""

    def attend(x):
        q = in_heads(x)
        chunks = torch.arange(x.shape[2], device=x.device) // chunk
        behind = chunks[:, None] - chunks[None]
        allowed = (behind >= 0) & (behind <= before)
        return filled(q @ q.transpose(2, 3), allowed, float("-inf")).softmax(3) @ q

    found = traced(nn.Identity(), attend, channels=64)
    assert macs(found.rows) == HEADS * chunk * (before + 1) * 2 * WIDTH
    assert found.period_hops == chunk


@pytest.mark.parametrize("chunk", [4, 25])
def test_chunks_that_are_cut_out(chunk):
    """The same without a mask: the clip is padded to whole chunks, each a batch of its own."""

    def attend(x):
        x = functional.pad(x, (0, -x.shape[2] % chunk))
        q = x.view(HEADS, WIDTH, -1, chunk).permute(0, 2, 3, 1)
        return (q @ q.transpose(2, 3)).softmax(3) @ q

    found = traced(nn.Identity(), attend, channels=64)
    assert macs(found.rows) == HEADS * chunk * 2 * WIDTH
    assert found.period_hops == chunk


@pytest.mark.parametrize("chunk", [1, 4])
def test_chunks_that_see_everything_before_grow(chunk):
    def attend(x):
        q = in_heads(x)
        chunks = torch.arange(x.shape[2], device=x.device) // chunk
        allowed = chunks[:, None] >= chunks[None]
        return filled(q @ q.transpose(2, 3), allowed, float("-inf")).softmax(3) @ q

    rows = traced(nn.Identity(), attend, channels=64).rows
    assert any(row.problem for row in rows)
    assert sum(row.macs_per_frame for row in rows) == 0
