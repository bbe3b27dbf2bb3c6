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
"""Calls that must leave the same pattern in the states; more than one, as calls may be counted."""
ENDLESS = 1 << 40


class Unrolled(NamedTuple):
    """The inputs that the result of a call depends on, in steps from the start of that call."""

    steps: Steps | None
    """None where the pattern did not settle within :data:`MOST_CALLS`."""
    first_result: tuple[int, int] | None
    """The call and the place on the last axis of the first result that depends on any input."""
    without_rule: tuple[str, ...]
    """Operators that were taken to depend on all of their inputs."""


Signal = Callable[[int], Steps]
"""Returns the steps of the input of a call."""


def unroll(graph: Graph, ports: Ports, signal: Signal, unit: int) -> Unrolled:
    """Run ``graph`` until the steps in its states keep their distance from the call.

    ``unit`` is the number of steps from one call to the next, positive for latest steps and
    negative for earliest. From a pattern in the states that comes again, relative to the call, all
    later ones follow.
    """
    run = Propagation(graph)
    states = {name: _initial(graph, name) for name in ports.state_inputs}
    first: tuple[int, int] | None = None
    settled = 0
    for call in range(_most_calls(graph)):
        found = run.run({ports.signal: Seen(signal(call)), **_modes(graph, ports, call), **states})
        outputs = dict(zip(graph.body.outputs, found, strict=True))
        renewed = {name: outputs[output] for name, output in ports.states}
        result = outputs[ports.result].steps
        first = first or _first_result(call, result)
        is_same = all(_same(states[name], renewed[name], unit) for name in states)
        settled = settled + 1 if is_same and first is not None else 0
        states = renewed
        if settled >= SETTLED_CALLS:
            return Unrolled(shifted(result, -call * unit), first, tuple(run.without_rule))
    return Unrolled(None, first, tuple(run.without_rule))


def _most_calls(graph: Graph) -> int:
    values = graph.body.result_values()
    return 0 if values > MOST_IN_CALL else min(MOST_CALLS, MOST_VALUES // max(values, 1))


def _initial(graph: Graph, name: str) -> Seen:
    """Return a state at the start of a stream: zeros, known where they count calls."""
    value = graph.value(name)
    shape = value.shape or ()
    known = None if value.is_float else np.zeros(shape, value.dtype or "int64")
    return Seen(nothing(len(shape)), known)


def _modes(graph: Graph, ports: Ports, call: int) -> dict[str, Seen]:
    """Return the modes of a call in a stream that does not end, as far as their names are known."""
    known = {FRAME: call, REMAINING: ENDLESS}
    found = {}
    for name in ports.modes:
        value = graph.value(name)
        shape = value.shape or ()
        number = known.get(name) if value.dtype == "int64" else None
        array = None if number is None else np.full(shape, number)
        found[name] = Seen(nothing(len(shape)), array)
    return found


def _same(before: Seen, after: Seen, unit: int) -> bool:
    """Return whether the steps moved on with the calls."""
    moved, now = np.broadcast_arrays(shifted(before.steps, unit), after.steps)
    return np.array_equal(moved, now)


def _first_result(call: int, result: Steps) -> tuple[int, int] | None:
    depends = (result > NOTHING).reshape(-1, result.shape[-1] if result.ndim else 1).any(axis=0)
    return (call, int(depends.argmax())) if depends.any() else None
