"""Steady state, what the trace says when something is odd, and that nothing is left changed."""

import re

import pytest
import torch
from torch import nn

from lrac_audit.errors import InputError
from lrac_audit.ledger.conventions import CONVENTIONS, fate_of
from lrac_audit.witness.isolation import tensors_restored
from lrac_audit.witness.trace import measure
from lrac_audit.witness.trace.formulas.formula_table import add_formula
from tests.lrac_audit.witness.own_operators import own_operator
from tests.lrac_audit.witness.trace.tracing import (
    as_frames,
    macs,
    macs_by_name,
    searched,
    target_of,
    traced,
)
from tests.tensors import assert_equal_tensors


class Slow(nn.Module):
    """A projection in every other frame of two samples."""

    def __init__(self):
        super().__init__()
        self.every = nn.Linear(2, 3)
        self.other = nn.Linear(3, 5)

    def forward(self, x):
        frames = self.every(x.view(-1, 2))
        return self.other(frames[1::2])


def test_layer_that_runs_in_every_other_hop_has_its_mean_cost_per_hop():
    work = macs_by_name(traced(Slow(), hop=4).rows)
    assert work == {"every": {"linear": 2 * 2 * 3}, "other": {"linear": 3 * 5}}
    halved = macs_by_name(traced(nn.Sequential(Slow(), nn.Linear(5, 4)), hop=2).rows)
    assert halved["1"] == {"linear": 5 * 4 // 2}


def test_how_often_a_module_runs_in_a_hop():
    root = nn.Sequential(nn.Conv1d(1, 1, 3), nn.Conv1d(1, 1, 2, stride=2))
    assert [row.runs_per_frame for row in traced(root, hop=4).rows] == [4, 2]


def test_cost_that_is_no_whole_number_per_hop_names_the_right_hop():
    rows = traced(Slow(), hop=2).rows
    (row,) = [row for row in rows if row.problem]
    assert row.name == "other"
    assert row.problem == "repeats every 2 hops: the hop should be 2 times as long"


def test_receptive_field_that_is_run_again_every_hop():
    layer = nn.Conv1d(1, 1, 5)

    def transmit(x):
        padded = nn.functional.pad(x, (60, 0))
        hops = range(x.shape[2] // 4)
        return torch.cat([layer(padded[:, :, 4 * i : 4 * i + 64]) for i in hops], 2)

    # 64 samples in, 60 out, each with 5 taps; once through, a hop of 4 would cost 4 * 5.
    assert macs(traced(layer, transmit, hop=4).rows) == 60 * 5


def test_module_that_is_used_twice_counts_twice():
    shared = nn.Linear(8, 8)
    root = nn.Sequential(shared, nn.ReLU(), shared)
    (row,) = [
        row
        for row in traced(root, lambda x: root(x.mT), channels=8).rows
        if "." not in row.name and row.macs_per_frame
    ]
    assert row.macs_per_frame == 2 * 8 * 8
    assert row.stored_values == 8 * 8 + 8


def test_weights_made_anew_in_every_call_cost_nothing_per_second():
    layer = nn.Linear(8, 8)

    def run(x):
        weight = layer.weight @ layer.weight.t()
        return x.mT @ (weight / weight.norm())

    assert macs(traced(layer, run, channels=8).rows) == 8 * 8


class Warped(nn.Module):
    def __init__(self, name, shapes):
        super().__init__()
        self.warp = own_operator(f"lrac_audit_tests::{name}", lambda x: x * 2, shapes)

    def forward(self, x):
        return self.warp(x)


@pytest.mark.parametrize(("name", "shapes"), [("warp", None), ("shaped", torch.empty_like)])
def test_unknown_operator_is_uncounted_and_named_with_its_module(name, shapes):
    root = nn.Sequential(nn.Conv1d(1, 1, 3), Warped(name, shapes))
    found = traced(root)
    (row,) = [row for row in found.rows if row.problem]
    assert row.name == "1"
    place = r"tests/lrac_audit/witness/trace/test_operator_trace\.py:\d+"
    expected = rf"unknown operator lrac_audit_tests\.{name} in 1, called at {place}"
    assert re.fullmatch(expected, row.problem)
    assert fate_of(row, CONVENTIONS["lrac-2025"]).fate == "uncounted"
    assert macs_by_name(found.rows) == {"0": {"conv": 3}}
    assert bool(found.problems) == (shapes is None)  # without them it must run on real values


def test_random_output_is_said():
    root = nn.Sequential(nn.Conv1d(1, 1, 3), nn.Dropout(0.5))
    assert traced(root.eval()).problems == ()
    assert traced(root.train()).problems == (
        "1 draws random numbers: its output changes from run to run",
    )


def test_model_that_refuses_to_run_without_values():
    layer = nn.Conv1d(1, 1, 3)

    def run(x):
        return layer(x) if float(x.abs().max()) < 100 else x

    found = traced(layer, run)
    assert macs(found.rows) == 3
    kind = "(RuntimeError|NotImplementedError)"  # by the version of torch
    assert re.match(f"counted on real values, since without: {kind}", found.problems[0])


def test_model_that_refuses_short_clips():
    layer = nn.Conv1d(1, 1, 50)
    found = traced(layer)
    assert macs(found.rows) == 50
    assert found.problems == ()


def test_model_that_never_runs():
    def run(x):
        raise ValueError("no such thing")

    with pytest.raises(InputError, match="no such thing"):
        traced(nn.Conv1d(1, 1, 3), run)


def test_nothing_is_left_changed():
    root = nn.Sequential(
        nn.utils.parametrizations.weight_norm(nn.Conv1d(4, 4, 3)), nn.BatchNorm1d(4)
    )
    root.cache = None

    def run(x):
        root.cache = x
        return root(x)

    before = {name: (id(v), v.clone()) for name, v in root.state_dict(keep_vars=True).items()}
    flags = switches()
    for _ in range(2):
        with tensors_restored(target_of(root, run, 4)):
            traced(root, run, channels=4)
    after = root.state_dict(keep_vars=True)
    assert {name: id(value) for name, value in after.items()} == {
        n: i for n, (i, _) in before.items()
    }
    assert_equal_tensors(after, {name: value for name, (_, value) in before.items()})
    assert root.cache is None
    assert "forward" not in vars(root)
    assert flags == switches()


def switches():
    """The switches of torch that a trace turns; older torch has no fast path of attention."""
    attention = getattr(torch.backends, "mha", None)
    return attention and attention.get_fastpath_enabled(), torch._C._get_mkldnn_enabled()


def test_progress_is_told():
    said = []
    layer = nn.Conv1d(1, 1, 3)

    def run(x):
        if x.shape[-1] < 3:
            raise ValueError("shorter than the kernel")
        return layer(x)

    measure(target_of(layer, run), None, progress=said.append)
    # Three lengths, one of half a minute as far as that is allowed, and a check on real values,
    # for which clips of one and two hops are shorter than the kernel.
    lengths = (12, 13, 361, 8191, 1, 2, 4, 4)
    assert said == [f"counting the operations of {n} hops" for n in lengths]


def test_an_operator_has_one_formula():
    with pytest.raises(ValueError, match=r"aten\.convolution has a formula already"):
        add_formula("aten.convolution", lambda call: None)


def test_several_operations_of_one_module_have_names_of_their_own():
    class Both(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.ones(4, 4))

        def forward(self, x):
            y = as_frames(x) @ self.weight
            return nn.functional.conv1d(y.mT, self.weight[:, :, None]).tanh()

    root = nn.Sequential(Both())
    names = [row.name for row in traced(root, channels=4).rows]
    assert names == ["0.linear", "0.conv", "0.tanh"]


def test_choice_outside_the_quantizer_is_no_search():
    root = nn.Sequential(nn.Linear(4, 8))
    target = target_of(root, lambda x: root(as_frames(x)).argmax(2), 4, receive=lambda z: z)
    assert macs_by_name(measure(target, None).rows) == {"0": {"linear": 4 * 8}}


def test_row_is_named_after_the_module_whose_weight_is_read():
    class Parent(nn.Module):
        def __init__(self):
            super().__init__()
            self.child = nn.Linear(4, 8)

        def forward(self, x):
            return nn.functional.linear(as_frames(x), self.child.weight)

    found = traced(nn.Sequential(Parent()), channels=4)
    assert macs_by_name(found.rows) == {"0.child": {"linear": 4 * 8}}


def test_search_is_in_one_row_named_after_the_codebook():
    root = nn.ModuleDict({"codebook": nn.Embedding(9, 4)})
    rows = searched(root, lambda z: torch.cdist(z[0].t(), root["codebook"].weight).argmin(1), 4)
    assert [(row.name, row.work["search_compare"]) for row in rows] == [("codebook", 9)]


def test_signal_written_into_constant_memory_is_seen_from_there():
    root = nn.Sequential(nn.Identity())

    def run(x):
        memory = torch.zeros(x.shape, device=x.device)
        memory[:, :2].copy_(x[:, :2])
        return memory.tanh()

    (row,) = traced(root, run, channels=4).rows
    assert row.work == {"tanh": 4}


def test_arithmetic_of_the_gates_of_an_lstm():
    layer = nn.LSTM(8, 16)
    (row,) = traced(layer, lambda x: layer(x.permute(2, 0, 1))[0], channels=8).rows
    assert row.work == {
        "linear": 4 * 16 * (8 + 16),
        "bias": 2 * 4 * 16,
        "sigmoid": 3 * 16,
        "tanh": 2 * 16,
        # Four sums of what comes from the input and from the state; f * c, i * g, their sum, o * c.
        "gate_arithmetic": (4 + 4) * 16,
    }


def test_tied_weights_are_stored_once():
    root = nn.Sequential(nn.Linear(4, 4, bias=False), nn.Linear(4, 4, bias=False))
    root[1].weight = root[0].weight
    rows = traced(root, lambda x: root(as_frames(x)), channels=4).rows
    assert [(row.name, row.macs_per_frame, row.stored_values) for row in rows] == [
        ("0", 16, 16),
        ("1", 16, 0),
    ]
