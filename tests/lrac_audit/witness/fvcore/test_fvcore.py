"""fvcore, its gaps filled, agrees with counts by hand and with the trace."""

import pytest
import torch
from hypothesis import given, settings
from torch import nn
from torch.nn import functional

from lrac_audit.design.formats import load_design
from lrac_audit.witness import fvcore
from lrac_audit.witness.fvcore.graph import PlainSizes
from lrac_audit.witness.trace import measure
from tests.lrac_audit.witness.trace.own_codec import trained_target
from tests.lrac_audit.witness.trace.tracing import as_frames, target_of
from tests.random_designs import designs
from tests.sweeps import some_or_many

pytestmark = pytest.mark.filterwarnings("ignore:.*weight_norm.*:FutureWarning")


def fvcore_count(root, function=None, channels=1, hop=1, period=1):
    return fvcore.measure(target_of(root, function or root, channels, hop), None, period)


def loop(cell):
    def run(x):
        state = None
        for frame in x[0].t():
            state = cell(frame[None], state)
        return state

    return run


LINEAR, LSTM, GRU = nn.Linear(32, 64), nn.LSTM(32, 64, 2), nn.GRU(32, 64)
CASES = {
    "convolution": (nn.Conv1d(8, 16, 7), None, 8, 8 * 16 * 7),
    "transposed": (nn.ConvTranspose1d(16, 8, 8, stride=4), None, 16, 16 * 8 * 8),
    "linear": (LINEAR, lambda x: LINEAR(as_frames(x)), 32, 32 * 64),
    "product": (LINEAR, lambda x: as_frames(x) @ LINEAR.weight.t(), 32, 32 * 64),
    "einsum": (LINEAR, lambda x: torch.einsum("bct,nc->btn", x, LINEAR.weight), 32, 32 * 64),
    "baddbmm": (
        LINEAR,
        lambda x: torch.baddbmm(LINEAR.bias, as_frames(x), LINEAR.weight.t()[None]),
        32,
        32 * 64,
    ),
    "lstm": (LSTM, lambda x: LSTM(x.permute(2, 0, 1))[0], 32, 4 * 64 * (32 + 64 + 64 + 64)),
    "gru": (GRU, lambda x: GRU(x.permute(2, 0, 1))[0], 32, 3 * 64 * (32 + 64)),
    "gru cell": (cell := nn.GRUCell(32, 64), loop(cell), 32, 3 * 64 * (32 + 64)),
    "lstm cell": (lstm_cell := nn.LSTMCell(32, 64), loop(lstm_cell), 32, 4 * 64 * (32 + 64)),
    "cdist": (LINEAR, lambda x: torch.cdist(x[0].t(), LINEAR.weight).argmin(1), 32, 32 * 64),
    "attention": (
        LINEAR,
        lambda x: functional.scaled_dot_product_attention(
            as_frames(x), LINEAR.weight[None], LINEAR.weight[None]
        ),
        32,
        64 * (32 + 32),
    ),
    "embedding": (table := nn.Embedding(9, 4), lambda x: table(x.long()), 1, 0),
    "rfft": (nn.Identity(), lambda x: torch.fft.rfft(x.unfold(2, 64, 1)), 1, 0),
    "layer norm": (norm := nn.LayerNorm(8), lambda x: norm(as_frames(x)), 8, 0),
}


@pytest.mark.parametrize("name", CASES)
def test_counts_by_hand(name):
    root, function, channels, expected = CASES[name]
    found = fvcore_count(root, function, channels)
    assert sum(found.macs_by_stage.values()) == expected
    assert not found.unsupported
    assert not found.unbounded


class Sparse(nn.Module):
    """A projection of one frame of two samples in ``period``, the first or the last."""

    def __init__(self, period, first):
        super().__init__()
        self.period, self.first = period, first
        self.project = nn.Linear(2, 3 * period)

    def forward(self, x):
        return self.project(x.view(-1, 2)[self.first :: self.period])


@pytest.mark.parametrize("period", [1, 2, 3, 4, 6, 25, 50])
@pytest.mark.parametrize("is_last", [False, True])
def test_what_happens_in_one_of_several_hops_has_its_mean_cost(period, is_last):
    root = Sparse(period, period - 1 if is_last else 0)
    found = fvcore_count(root, hop=2, period=period)
    assert found.macs_by_stage == {("transmit", "encoder"): 2 * 3}  # 2 * 3 period / period
    assert not found.unbounded
    if period > 1:  # not told, it does not take a part of a period for the whole
        assert fvcore_count(root, hop=2).unbounded


def test_a_cost_that_is_no_whole_number_per_hop_is_not_given():
    class Halved(nn.Module):
        def __init__(self):
            super().__init__()
            self.project = nn.Linear(1, 3)

        def forward(self, x):
            return self.project(x.view(-1, 1)[::2])

    found = fvcore_count(Halved())
    assert not found.macs_by_stage
    assert found.unbounded == (("transmit", "encoder", "project"),)


def test_a_model_that_refuses_short_clips():
    layer = nn.Conv1d(1, 4, 3)

    def transmit(x):
        if x.shape[2] < 50:
            raise ValueError("too short")
        return layer(x)

    assert sum(fvcore_count(layer, transmit).macs_by_stage.values()) == 4 * 3


def test_search_by_spreading_is_where_it_is_blind():
    """It sees no product in ``((x - e) ** 2).sum()``, which is why the trace is the witness."""
    found = fvcore_count(
        LINEAR, lambda x: ((as_frames(x)[0, :, None] - LINEAR.weight) ** 2).sum(2), 32
    )
    assert not found.macs_by_stage


def test_unknown_operators_are_listed():
    found = fvcore_count(nn.Identity(), lambda x: torch.special.i0(x))
    assert found.unsupported == {("transmit", "encoder"): {"aten::i0": 1}}


def test_attention_over_the_whole_clip_is_unbounded():
    root = nn.MultiheadAttention(8, 2, batch_first=True)
    found = fvcore_count(root, lambda x: root(*[as_frames(x)] * 3)[0], 8)
    assert found.unbounded


@pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning")
def test_what_is_done_with_sizes_is_not_in_the_graph():
    def shorter(x):
        return functional.pad(x[:, :, : x.shape[2] - 2 * len(x)], (0, x.size(1) + x.numel() // 10))

    def operators(run):
        graph, result = torch.jit._get_trace_graph(run, torch.ones(1, 3, 10))
        return {node.kind() for node in graph.nodes()} - {"prim::Constant"}, result.shape

    def with_plain_sizes(x):
        with PlainSizes():
            return shorter(x)

    before, shape = operators(shorter)
    assert {"aten::size", "aten::numel", "aten::sub"} <= before
    found = operators(with_plain_sizes)
    assert found == ({"prim::ListConstruct", "aten::slice", "aten::pad"}, shape)
    assert shape == (1, 3, 10 - 2 + 3 + 3)


def by_stage(rows):
    found = {}
    for row in rows:
        if row.macs_per_frame:
            key = row.side, row.stage
            found[key] = found.get(key, 0) + row.macs_per_frame
    return found


def check_against_trace(target):
    """By stage; the layers of this project's coders run by ``step``, which fvcore cannot see."""
    rows = measure(target, target.modes[0]).rows
    found = fvcore.measure(target, target.modes[0])
    assert found.macs_by_stage == by_stage(rows)
    assert not found.unsupported
    assert not found.unbounded
    quantizer = {
        (row.side, row.stage, row.name): row.macs_per_frame
        for row in rows
        if row.stage == "rvq" and row.macs_per_frame
    }
    in_quantizer = {place: n for place, n in found.macs_by_module.items() if place[1] == "rvq"}
    assert in_quantizer == quantizer


@pytest.mark.parametrize(("expected", "clips"), [(12, 2), (13, 3), (0, 3), (None, 3)])
def test_a_third_clip_is_run_where_two_do_not_confirm_what_is_expected(expected, clips):
    layer = nn.Linear(4, 3)  # 12 multiply-accumulates a step
    target = target_of(layer, lambda x: layer(x.mT), 4)
    macs = None if expected is None else {("transmit", "encoder"): expected}
    found = fvcore.measure(target, None, expected=macs)
    assert (sum(found.macs_by_stage.values()), len(found.clips)) == (12, clips)
    assert list(found.clips) == sorted(found.clips)


def test_a_cost_that_is_not_in_proportion_confirms_nothing():
    """Of 7 and 211 steps, the products of all pairs grow by 218 * 4 for a step on average."""
    layer = nn.Linear(4, 3)
    target = target_of(layer, lambda x: x.mT @ x, 4)
    assert fvcore.measure(target, None, expected={("transmit", "encoder"): 12}).unbounded


def test_agrees_with_the_trace_on_a_baseline():
    target = trained_target(load_design("track1").design, 6)
    check_against_trace(target)


@some_or_many(2, 12)
def test_agrees_with_the_trace_on_random_designs(cases):
    @settings(max_examples=cases)
    @given(designs())
    def check(design):
        check_against_trace(trained_target(design, design.quantizer.mode_layers[-1]))

    check()
