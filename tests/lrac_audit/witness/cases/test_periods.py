"""Work that repeats only every so many hops costs its mean, or is said not to be known.

All layers work on frames of one hop, which is HOP samples. A linear layer of HOP inputs costs
HOP * outputs multiply-accumulates a frame, however many frames are computed at a time; a frame that
is only padding costs as much, but there are none in the mean of whole segments.
"""

import math

import pytest
import torch
from torch import nn
from torch.nn import functional

from lrac_audit.witness.trace import measure
from tests.lrac_audit.witness.trace.tracing import macs, target_of, traced
from tests.sweeps import thinned

HOP, HIDDEN = 4, 16
PERIODS = [1, 2, 3, 5, 7, 9, 12, 16, 25, 32, 50, 64]


def frames_of(x):
    """``[1, 1, T]`` to ``[1, N, HOP]``."""
    return x.view(1, -1, HOP)


def padded(frames, period):
    """Pad frames to whole segments of ``period``."""
    return functional.pad(frames, (0, 0, 0, -frames.shape[1] % period))


class Segments(nn.Module):
    """A layer that works on segments of ``period`` frames, and one on every frame."""

    def __init__(self, period, run, layer):
        super().__init__()
        self.period, self.run, self.layer = period, run, layer
        self.every = nn.Linear(HOP, 8)

    def forward(self, x):
        frames = frames_of(x)
        return self.run(self.layer, padded(frames, self.period), self.period), self.every(frames)


def at_once(layer, frames, period):
    return layer(frames)


def as_batch(layer, frames, period):
    return layer(frames.reshape(-1, period, HOP))


def by_view_of_all(layer, frames, period):
    """One matrix product for all segments, each flattened to one row."""
    return layer(frames.reshape(frames.shape[1] // period, period * HOP).reshape(-1, HOP))


def one_by_one(layer, frames, period):
    return torch.cat([layer(segment) for segment in frames.split(period, 1)], 1)


def rows_one_by_one(layer, frames, period):
    """Every segment copied to memory of its own first, as a stream would."""
    segments = frames.reshape(-1, period, HOP).unbind(0)
    return torch.stack([layer(segment.clone()) for segment in segments])


WRITINGS = [at_once, as_batch, by_view_of_all, one_by_one, rows_one_by_one]


@pytest.mark.parametrize("run", thinned(WRITINGS, 2))
@pytest.mark.parametrize("period", PERIODS)
def test_padded_segments_cost_what_their_frames_cost(period, run):
    root = Segments(period, run, nn.Linear(HOP, HIDDEN))
    found = traced(root, hop=HOP)
    # HOP * 16 in the segments, HOP * 8 beside them.
    assert macs(found.rows) == HOP * HIDDEN + HOP * 8
    assert found.period_hops == period


@pytest.mark.parametrize(
    ("period", "run"),
    [
        (9, as_batch),
        (50, as_batch),
        *(
            pytest.param(period, run, marks=pytest.mark.sweep)
            for period in (9, 50)
            for run in (at_once, one_by_one)
        ),
    ],
)
def test_recurrent_layer_in_padded_segments(period, run):
    layer = nn.GRU(HOP, HIDDEN, batch_first=True)
    found = traced(Segments(period, lambda *given: run(first(layer), *given[1:]), layer), hop=HOP)
    # Three gates, each with HOP inputs and 16 states: 960; and HOP * 8 in every frame.
    assert macs(found.rows) == 3 * HIDDEN * (HOP + HIDDEN) + HOP * 8
    assert found.period_hops == period


def first(layer):
    return lambda frames: layer(frames)[0]


class Sparse(nn.Module):
    """A layer that runs in one of ``period`` frames, and is ``period`` times as large."""

    def __init__(self, period, select):
        super().__init__()
        self.period, self.select = period, select
        self.layer = nn.Linear(HOP, 5 * period)

    def forward(self, x):
        return self.layer(self.select(frames_of(x), self.period))


SELECTIONS = {
    "first": lambda frames, period: frames[:, ::period],
    "last": lambda frames, period: frames[:, period - 1 :: period],
    "whole groups": lambda frames, period: frames[:, : frames.shape[1] // period * period].reshape(
        -1, period, HOP
    )[:, 0],
    "by index": lambda frames, period: frames.index_select(
        1, torch.arange(0, frames.shape[1], period, device=frames.device)
    ),
}


@pytest.mark.parametrize("select", SELECTIONS)
@pytest.mark.parametrize("period", thinned(PERIODS, 2))
def test_layer_of_one_frame_in_several_costs_its_mean(period, select):
    found = traced(Sparse(period, SELECTIONS[select]), hop=HOP)
    assert macs(found.rows) == HOP * 5  # HOP * 5 period / period
    assert found.period_hops == period


@pytest.mark.parametrize("period", [2, 3, 5, 9, 16, 25, 32, 64])
def test_mean_that_is_no_whole_number_names_the_right_hop(period):
    layer = nn.Linear(1, 1, bias=False)  # one MAC in one of ``period`` hops
    rows = traced(layer, lambda x: layer(x.view(1, -1, 1)[:, ::period])).rows
    (row,) = rows
    assert row.problem == f"repeats every {period} hops: the hop should be {period} times as long"


@pytest.mark.parametrize(("hop", "stride"), [(4, 6), (4, 10), (6, 4), (10, 4), (9, 7), (15, 4)])
@pytest.mark.parametrize("kernel", [1, 3, 12])
def test_hop_that_is_no_multiple_of_the_stride(hop, stride, kernel):
    """Strides of S samples in hops of H samples repeat every S / gcd(H, S) hops."""
    period = stride // math.gcd(hop, stride)
    layer = nn.Conv1d(1, stride, kernel, stride=stride)
    found = traced(layer, hop=hop)
    # kernel * stride MACs in every step, and hop / stride steps in a hop.
    assert macs(found.rows) == kernel * hop
    assert found.period_hops == period


@pytest.mark.parametrize("seconds", [1, 2, 5, 10, 30])
@pytest.mark.parametrize("run", [at_once, as_batch, one_by_one])
def test_clips_padded_to_whole_seconds(seconds, run):
    rate_hz = 25  # hops of 4 samples at 100 Hz
    root = Segments(seconds * rate_hz, run, nn.Linear(HOP, HIDDEN))
    target = target_of(root, root, 1, HOP)
    found = measure(target.__class__(**{**vars(target), "sample_rate_hz": HOP * rate_hz}), None)
    assert macs(found.rows) == HOP * HIDDEN + HOP * 8
    assert found.period_hops == seconds * rate_hz


@pytest.mark.parametrize("hops", [9000, 100_000])
def test_padding_beyond_every_clip_is_not_taken_for_nothing(hops):
    root = Segments(hops, at_once, nn.Linear(HOP, HIDDEN))
    rows = traced(root, hop=HOP).rows
    (row,) = [row for row in rows if row.problem]
    assert row.name == "layer"
    assert "costs the same in every clip" in row.problem


@pytest.mark.parametrize("overlap", [0, 10])
def test_segments_that_overlap_cost_more_than_their_frames(overlap):
    """Segments of 60 frames every 60 - overlap frames, the last one padded."""
    step = 60 - overlap
    layer = nn.Linear(HOP, 5 * step)

    def run(x):
        frames = frames_of(x)
        count = max(0, -(-(frames.shape[1] - overlap) // step))
        frames = functional.pad(frames, (0, 0, 0, count * step + overlap - frames.shape[1]))
        return layer(frames.unfold(1, 60, step).transpose(2, 3))

    found = traced(layer, run, hop=HOP)
    assert macs(found.rows) == HOP * 5 * 60  # 60 frames of HOP * 5 step, every step frames
    assert found.period_hops == step


@pytest.mark.parametrize("overlap", [0, 10])
def test_segments_that_are_cut_short_at_the_end(overlap):
    step = 60 - overlap
    layer = nn.Linear(HOP, 5 * step)

    def run(x):
        frames = frames_of(x)
        starts = range(0, max(1, frames.shape[1] - overlap), step)
        return [layer(frames[:, start : start + 60]) for start in starts]

    found = traced(layer, run, hop=HOP)
    assert macs(found.rows) == HOP * 5 * 60
    assert found.period_hops == (step if overlap else 1)


@pytest.mark.parametrize("multiple", [2, 5, 50, 64])
def test_model_that_accepts_only_whole_segments(multiple):
    layer = nn.Linear(HOP, HIDDEN)

    def run(x):
        return layer(x.view(-1, multiple, HOP))

    assert macs(traced(layer, run, hop=HOP).rows) == HOP * HIDDEN


@pytest.mark.parametrize("padding", [0, 3, 8, 100])
def test_constant_offset_is_a_start_and_no_period(padding):
    """Centred frames: as many more at either end as half a window holds."""
    layer = nn.Conv1d(1, 6, 8, stride=HOP, padding=padding)
    found = traced(layer, hop=HOP)
    assert macs(found.rows) == 6 * 8
    assert found.period_hops == 1


def test_centred_spectrum():
    layer = nn.Linear(9, 3)

    def run(x):
        spectrum = torch.stft(
            x[:, 0], 16, HOP, window=torch.ones(16, device=x.device), return_complex=True
        )
        return layer(spectrum.abs().mT)

    assert macs(traced(layer, run, hop=HOP).rows) == 9 * 3


def test_two_periods_in_one_codec():
    """One layer every 6 frames, one in segments of 10: all of it repeats every 30."""

    class Both(nn.Module):
        def __init__(self):
            super().__init__()
            self.sparse = Sparse(6, SELECTIONS["first"])
            self.segments = Segments(10, as_batch, nn.Linear(HOP, HIDDEN))

        def forward(self, x):
            return self.sparse(x), self.segments(x)

    found = traced(Both(), hop=HOP)
    assert macs(found.rows) == HOP * 5 + HOP * HIDDEN + HOP * 8
    assert found.period_hops == 30


def test_work_of_the_signal_that_never_grows_is_not_free():
    """A speaker's vector, from the mean of the whole clip."""
    layer = nn.Linear(1, 64)
    rows = traced(layer, lambda x: layer(x.mean(2))).rows
    assert any("costs the same in every clip" in row.problem for row in rows)


def test_work_on_weights_alone_is_paid_once():
    layer = nn.Linear(8, 8)

    def run(x):
        return x.mT @ layer(layer.weight)

    assert macs(traced(layer, run, channels=8).rows) == 8 * 8


LOUDNESSES = {
    "root mean square": lambda x: x.square().mean().sqrt() + 1e-8,
    "per channel": lambda x: x.square().mean(2, keepdim=True).sqrt() + 1e-8,
    "peak": lambda x: x.abs().amax((1, 2), keepdim=True).clamp(min=1e-4),
    "norm in decibels": lambda x: 20 * x.norm(dim=-1, keepdim=True).log10(),
    "deviation of a mean": lambda x: (x.mean(1, keepdim=True).std(-1, keepdim=True) + 1e-5) * 2,
}


@pytest.mark.parametrize("loudness", LOUDNESSES)
def test_layer_on_the_loudness_of_the_whole_clip_is_not_free(loudness):
    """It runs once a clip, and longer clips show nothing else."""
    layer, of_level = nn.Conv1d(2, 3, 3), nn.Linear(1, 5)

    def run(x):
        level = LOUDNESSES[loudness](x)
        return layer(x / level), of_level(level.reshape(-1, 1))

    rows = traced(nn.ModuleList([layer, of_level]), run, 2, HOP).rows
    (row,) = (row for row in rows if row.op == "linear")
    assert "costs the same in every clip" in row.problem


def test_no_period_is_looked_for_in_loops_beside_a_loudness():
    """As in EnCodec at 48 kHz: long clips of a loop cost too much to be run for this."""
    layer, clips = nn.Linear(1, 3), []

    def run(x):
        level = x.square().mean().sqrt() * 2
        return [layer(frame) for frame in (x / level).mT.unbind(1)]

    rows = measure(target_of(layer, run), None, progress=clips.append).rows
    assert ["costs the same in every clip" in row.problem for row in rows if row.problem] == [True]
    assert len(clips) == 5


@pytest.mark.parametrize("run", thinned(WRITINGS, 2))
@pytest.mark.parametrize("loudness", ["root mean square", "peak"])
@pytest.mark.parametrize("period", [9, 50, 400])
def test_loudness_of_every_padded_segment_is_part_of_a_period(period, loudness, run):
    def normalised(layer, frames, period):
        segments = frames.reshape(-1, 1, period * HOP)
        levels = segments.square().mean(2, keepdim=True).sqrt()
        if loudness == "peak":
            levels = segments.abs().amax(2, keepdim=True) + 1
        scaled = segments / levels.clamp(min=1e-3)
        return run(layer, scaled.reshape(frames.shape), period)

    found = traced(Segments(period, normalised, nn.Linear(HOP, HIDDEN)), hop=HOP)
    macs_per_frame = sum(row.macs_per_frame for row in found.rows)
    assert macs_per_frame == HOP * HIDDEN + HOP * 8
    assert found.period_hops == period


def over_all(layer, x):
    return layer(x.mT)


def step_by_step(layer, x):
    return [layer(frame) for frame in x.mT.unbind(1)]


def of_its_mean(layer, x):
    return layer(x.mean(2))


def of_its_end(layer, x):
    return layer(x[..., -1:].mT)


def of_a_clip_padded_beyond_reach(layer, x):
    return layer(functional.pad(x, (0, 100_000 - x.shape[-1])).mT)


@pytest.mark.parametrize(
    ("every", "once"),
    [
        (over_all, of_its_mean),
        (step_by_step, of_its_mean),
        (over_all, of_its_end),
        (over_all, of_a_clip_padded_beyond_reach),
    ],
)
def test_layer_that_also_runs_once_a_clip_is_not_free_there(every, once):
    layer = nn.Linear(1, 64)
    rows = traced(layer, lambda x: (every(layer, x), once(layer, x))).rows
    (row,) = [row for row in rows if row.op == "linear"]
    assert "costs the same in every clip" in row.problem
