"""Run steps through one call of a graph after the other, until their pattern repeats."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from lrac_audit.witness.onnx.dependency.propagation import Propagation, Seen
from lrac_audit.witness.onnx.dependency.steps import NOTHING, Steps, nothing, shifted
from lrac_audit.witness.onnx.graph_model import Graph
from lrac_audit.witness.onnx.ports import FRAME, REMAINING, Ports

MOST_CALLS = 256
MOST_VALUES = 1 << 31
"""Values of all results in all calls together."""
MOST_IN_CALL = 1 << 24
"""Values of all results of one call; with more, memory would not last."""
SETTLED_CALLS = 3
"""Calls that must leave one pattern in the states; more than one, as a state may count calls."""
ENDLESS = 1 << 40
"""The calls before the midst of a stream, and the steps that are left of it."""


class Unrolled(NamedTuple):
    """The inputs that the result of a call depends on, in steps from the start of that call."""

    steps: Steps | None
    """None where the pattern did not settle within :data:`MOST_CALLS`."""
    without_rule: tuple[str, ...]
    """Operators that were taken to depend on all of their inputs."""


Signal = Callable[[int], Steps]
"""Returns the steps of the input of a call."""
Start = tuple[int, int] | None
"""The call and the place on the last axis of the first result that depends on any input."""


class _Stream:
    """A stream of calls of one graph, which starts from states of zeros."""

    def __init__(self, graph: Graph, ports: Ports, signal: Signal, calls_before: int) -> None:
        self._graph, self._ports, self._signal = graph, ports, signal
        self._before = calls_before
        self.run = Propagation(graph)
        self.states = {name: _initial(graph, name) for name in ports.state_inputs}

    def call(self, number: int) -> Steps:
        """Run the next call and return the steps of its result."""
        ports = self._ports
        given = {ports.signal: Seen(self._signal(number)), **self._modes(number)}
        found = self.run.run({**given, **self.states})
        outputs = dict(zip(self._graph.body.outputs, found, strict=True))
        self.states = {name: outputs[output] for name, output in ports.states}
        return outputs[ports.result].steps

    def _modes(self, call: int) -> dict[str, Seen]:
        """Return the modes of a call in a stream that does not end, as far as they are known."""
        known = {FRAME: self._before + call, REMAINING: ENDLESS}
        found = {}
        for name in self._ports.modes:
            value = self._graph.value(name)
            shape = value.shape or ()
            number = known.get(name) if value.dtype == "int64" else None
            array = None if number is None else np.full(shape, number)
            found[name] = Seen(nothing(len(shape)), array)
        return found


def unroll(graph: Graph, ports: Ports, signal: Signal, unit: int) -> Unrolled:
    """Run ``graph`` in the midst of a stream until the states keep their distance from the call.

    ``unit`` is the number of steps from one call to the next, positive for latest steps and
    negative for earliest. From a pattern in the states that comes again, relative to the call, all
    later ones follow.
    """
    stream, settled = _Stream(graph, ports, signal, ENDLESS), 0
    for call in range(_most_calls(graph)):
        before = stream.states
        result = stream.call(call)
        is_same = all(_same(before[name], stream.states[name], unit) for name in before)
        settled = settled + 1 if is_same and (result > NOTHING).any() else 0
        if settled >= SETTLED_CALLS:
            steps = shifted(result, -call * unit)
            return Unrolled(steps, tuple(stream.run.without_rule))
    return Unrolled(None, tuple(stream.run.without_rule))


def first_result(graph: Graph, ports: Ports, signal: Signal) -> Start:
    """Return the first result of a stream that depends on any input; None where none does."""
    stream = _Stream(graph, ports, signal, 0)
    for call in range(_most_calls(graph)):
        result = stream.call(call)
        depends = (result > NOTHING).reshape(-1, result.shape[-1] if result.ndim else 1)
        if depends.any():
            return call, int(depends.any(axis=0).argmax())
    return None


def _most_calls(graph: Graph) -> int:
    values = graph.body.result_values()
    return 0 if values > MOST_IN_CALL else min(MOST_CALLS, MOST_VALUES // max(values, 1))


def _initial(graph: Graph, name: str) -> Seen:
    """Return a state at the start of a stream: zeros, known where they count calls."""
    value = graph.value(name)
    shape = value.shape or ()
    known = None if value.is_float else np.zeros(shape, value.dtype or "int64")
    return Seen(nothing(len(shape)), known)


def _same(before: Seen, after: Seen, unit: int) -> bool:
    """Return whether the steps moved on with the calls."""
    moved, now = np.broadcast_arrays(shifted(before.steps, unit), after.steps)
    return np.array_equal(moved, now)
