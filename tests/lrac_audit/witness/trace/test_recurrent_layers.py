"""A recurrent layer that is counted from a few steps, against torch's own unrolled steps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from lrac_audit.ledger.row import MAC_KINDS, Kind
from lrac_audit.witness.trace import measure, operator_trace
from lrac_audit.witness.trace.operator_counter import OperatorCounter
from lrac_audit.witness.trace.operator_trace import trace_clip
from lrac_audit.witness.trace.recurrent_layers import RecurrentLayers
from tests.lrac_audit.witness.trace.tracing import target_of, traced
from tests.sweeps import thinned

WIDTH = 6
CLIP_HOPS = 37

LAYERS: dict[str, Callable[[], nn.RNNBase]] = {
    "lstm": lambda: nn.LSTM(WIDTH, 5),
    "two layers": lambda: nn.LSTM(WIDTH, WIDTH, 2, batch_first=True),
    "no bias": lambda: nn.LSTM(WIDTH, 5, bias=False),
    "projected": lambda: nn.LSTM(WIDTH, 5, 2, proj_size=3),
    "both directions": lambda: nn.LSTM(WIDTH, 5, 2, bidirectional=True, batch_first=True),
    "gru": lambda: nn.GRU(WIDTH, 5, 2),
    "gru of both directions": lambda: nn.GRU(WIDTH, 5, bidirectional=True, batch_first=True),
    "tanh": lambda: nn.RNN(WIDTH, 5, 2),
    "relu": lambda: nn.RNN(WIDTH, 5, nonlinearity="relu", bidirectional=True),
}


class Recurrent(nn.Module):
    """A convolution, a recurrent layer, and something that is done with its results."""

    def __init__(self, layer: nn.RNNBase, use: Callable[[Tensor, Tensor], Tensor]) -> None:
        super().__init__()
        self.convolution = nn.Conv1d(1, WIDTH, 1)
        self.layer, self._use = layer, use

    def forward(self, audio: Tensor) -> Tensor:
        axes = (0, 2, 1) if self.layer.batch_first else (2, 0, 1)
        outputs, state = self.layer(self.convolution(audio).permute(axes))
        return self._use(outputs, state[0] if isinstance(state, tuple) else state)


class LearnedStart(Recurrent):
    """A layer that starts from a parameter."""

    def __init__(self) -> None:
        super().__init__(nn.GRU(WIDTH, 5, 2), lambda outputs, _: outputs)
        self.start = nn.Parameter(torch.zeros(2, 1, 5))

    def forward(self, audio: Tensor) -> Tensor:
        return self.layer(self.convolution(audio).permute(2, 0, 1), self.start)[0]


USES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "outputs": lambda outputs, _: outputs,
    "a softmax": lambda outputs, _: outputs.softmax(-1) @ outputs.transpose(-1, -2),
    "the least of the outputs": lambda outputs, _: outputs.argmin(-1),
    "the least of the last state": lambda outputs, state: state.argmin(-1) + outputs.sum(),
}

CASES = [
    *(pytest.param(lambda m=m: Recurrent(m(), USES["outputs"]), id=n) for n, m in LAYERS.items()),
    *(
        pytest.param(lambda m=m, u=u: Recurrent(m(), u), id=f"{layer}, {use}")
        for layer, m in LAYERS.items()
        for use, u in list(USES.items())[1:]
    ),
    pytest.param(LearnedStart, id="learned start"),
]

ONE_NAME = {Kind.SEARCH_NORM: Kind.BIAS}
"""In a search a bias is taken for a norm, and that of the constant first step may stay a bias."""
IN_SHORT = ("lstm", "gru of both directions", "learned start")
"""The cases whose rows are compared: unrolled, a trace of the others takes minutes."""


@pytest.fixture
def unrolled(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """A switch that lets torch unroll every recurrent layer from now on."""
    return lambda: monkeypatch.setattr(RecurrentLayers, "_is_plain", lambda self, arguments: False)


def _parts(root: nn.Module) -> Any:
    """The work of each module in one clip, whatever it is part of, and what it is by operator."""
    run = trace_clip(target_of(root, root), None, CLIP_HOPS)
    by_module: dict[str, Counter[str]] = {}
    for (_, _, path, _), part in run.parts.items():
        work = by_module.setdefault(path, Counter())
        work["runs"] += part.runs
        for kind, n in part.work.items():
            work["macs" if kind in MAC_KINDS else ONE_NAME.get(kind, kind)] += n
    assert not [part.problem for part in run.parts.values() if part.problem]
    return by_module, +run.unmasked_macs, +run.constant_macs, run.random


@pytest.mark.parametrize("finds_search", [False, True], ids=["coder", "quantizer"])
@pytest.mark.parametrize("make", thinned(CASES, 4))
def test_work_is_that_of_the_unrolled_layer(
    make: Callable[[], nn.Module],
    finds_search: bool,
    unrolled: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def counter(paths: Any, stored: Any, _: bool, *rest: Any) -> OperatorCounter:
        return OperatorCounter(paths, stored, finds_search, *rest)

    monkeypatch.setattr(operator_trace, "OperatorCounter", counter)
    root = make().eval()
    counted = _parts(root)
    unrolled()
    is_same = counted == _parts(root)  # whose difference takes minutes to print
    assert is_same


def cases_of_rows() -> list[Any]:
    """Return the cases whose rows are compared, most in the sweep.

    Not a global name: marks lead to all of pytest, which a trace would take for state of the model.
    """
    short = [case for case in CASES if case.id in IN_SHORT]
    marks = {case.id: pytest.mark.sweep for case in short if case.id != "lstm"}
    return [pytest.param(*c.values, id=c.id, marks=marks.get(c.id, ())) for c in short]


@pytest.mark.parametrize("make", cases_of_rows())
def test_rows_are_those_of_the_unrolled_layer(
    make: Callable[[], nn.Module], unrolled: Callable[[], None]
) -> None:
    root = make().eval()
    counted = measure(target_of(root, root), None)
    unrolled()
    found = measure(target_of(root, root), None)
    is_same = (counted.rows, counted.problems) == (found.rows, found.problems)
    assert is_same
    assert counted.macs_by_operator == found.macs_by_operator


@pytest.mark.parametrize("name", LAYERS)
def test_no_more_steps_are_recorded_for_a_longer_clip(name: str) -> None:
    root = Recurrent(LAYERS[name](), USES["outputs"]).eval()
    short, long = (trace_clip(target_of(root, root), None, hops) for hops in (20, 2000))
    assert short.records == long.records


def test_an_lstm_does_its_products_for_every_step() -> None:
    """Inputs ``4 H C`` and state ``4 H H`` multiply-accumulates a step, by hand."""
    root = Recurrent(nn.LSTM(WIDTH, 5), USES["outputs"]).eval()
    (row,) = (row for row in traced(root).rows if row.op == "lstm")
    assert row.macs_per_frame == 4 * 5 * WIDTH + 4 * 5 * 5
