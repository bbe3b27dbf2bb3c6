"""Dependency over calls: what a stream sees follows by hand from kernels and delays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("onnx", reason="onnx is not installed")

from lrac_audit.witness.onnx.dependency.unrolled import Start, Unrolled, first_result, unroll
from lrac_audit.witness.onnx.graph_model import Graph
from lrac_audit.witness.onnx.ports import ports_of
from tests.lrac_audit.witness.onnx.graphs import INT, ints, model, node, ones, read

HOP = 6


def convolution(name: str, source: str, result: str, kernel: int) -> list[Any]:
    """Return the nodes of a causal convolution that keeps ``kernel - 1`` samples."""
    return [
        node("Concat", [f"state.{name}", source], [f"{name}.window"], axis=2),
        node("Conv", [f"{name}.window", f"{name}.w"], [result]),
        node("Slice", [f"{name}.window", "hop", "end", "time"], [f"next.{name}"]),
    ]


def constants(**kernels: int) -> dict[str, Any]:
    found = {f"{name}.w": ones(1, 1, kernel) for name, kernel in kernels.items()}
    return {**found, "hop": ints(HOP), "end": ints(10_000), "time": ints(2)}


def graph_of(folder: Path, nodes: list[Any], weights: dict[str, Any], **states: Any) -> Graph:
    given = {"audio": [1, 1, HOP], **{f"state.{name}": shape for name, shape in states.items()}}
    made = {"y": [1, 1, HOP], **{f"next.{name}": shape for name, shape in states.items()}}
    modes = {"frame": ([], INT)} if any("frame" in each.input for each in nodes) else {}
    return read(folder, model(nodes, {**given, **modes}, made, weights))


def run(folder: Path, nodes: list[Any], weights: dict[str, Any], **states: Any) -> list[Unrolled]:
    """Return the latest and the (negated) earliest steps of the result in the midst of a stream."""
    graph = graph_of(folder, nodes, weights, **states)
    ports, places = ports_of(graph), np.arange(HOP).reshape(1, 1, HOP)
    assert len(ports.states) == len(states)
    return [
        unroll(graph, ports, lambda call, sign=sign: sign * (places + call * HOP), sign * HOP)
        for sign in (1, -1)
    ]


def start(folder: Path, nodes: list[Any], weights: dict[str, Any], **states: Any) -> Start:
    """Return the first result that depends on any input."""
    graph = graph_of(folder, nodes, weights, **states)
    places = np.arange(HOP).reshape(1, 1, HOP)
    return first_result(graph, ports_of(graph), lambda call: places + call * HOP)


def values(found: Unrolled) -> list[int]:
    assert found.steps is not None
    return [int(step) for step in np.broadcast_to(found.steps, (1, 1, HOP))[0, 0]]


def test_a_causal_convolution(tmp_path: Path) -> None:
    """A kernel of 4 sees its own sample and three before it."""
    case = convolution("a", "audio", "y", 4), constants(a=4)
    found = run(tmp_path, *case, a=[1, 1, 3])
    assert values(found[0]) == [0, 1, 2, 3, 4, 5]
    assert [-step for step in values(found[1])] == [-3, -2, -1, 0, 1, 2]
    assert start(tmp_path, *case, a=[1, 1, 3]) == (0, 0)


def test_two_convolutions_reach_farther_than_a_call(tmp_path: Path) -> None:
    """Kernels of 4 and 16 see 3 + 15 samples before their own: over three calls back."""
    nodes = [*convolution("a", "audio", "z", 4), *convolution("b", "z", "y", 16)]
    weights = constants(a=4, b=16)
    found = run(tmp_path, nodes, weights, a=[1, 1, 3], b=[1, 1, 15])
    assert values(found[0]) == [0, 1, 2, 3, 4, 5]
    assert [-step for step in values(found[1])] == [at - 18 for at in range(HOP)]


def test_a_delay_line(tmp_path: Path) -> None:
    """A line of 10 samples gives the sample of 10 before, in the second call at the earliest."""
    nodes = [
        node("Concat", ["state.a", "audio"], ["line"], axis=2),
        node("Slice", ["line", "zero", "hop", "time"], ["y"]),
        node("Slice", ["line", "hop", "end", "time"], ["next.a"]),
    ]
    weights = {**constants(), "zero": ints(0)}
    found = run(tmp_path, nodes, weights, a=[1, 1, 10])
    assert values(found[0]) == [at - 10 for at in range(HOP)]
    assert start(tmp_path, nodes, weights, a=[1, 1, 10]) == (1, 4)


def test_a_recursion_never_ends(tmp_path: Path) -> None:
    """A leaky sum sees all samples before: the latest settle, and the earliest do not."""
    nodes = [
        node("ReduceSum", ["audio", "time"], ["sum"]),
        node("Add", ["sum", "state.a"], ["next.a"]),
        node("Add", ["audio", "state.a"], ["y"]),
    ]
    latest, earliest = run(tmp_path, nodes, constants(), a=[1, 1, 1])
    assert values(latest) == [0, 1, 2, 3, 4, 5]
    assert earliest.steps is None


def test_a_count_of_calls_masks_the_start(tmp_path: Path) -> None:
    """The first two calls give zeros; later ones their own samples."""
    nodes = [
        node("LessOrEqual", ["two", "frame"], ["on"]),
        node("Where", ["on", "audio", "zero"], ["y"]),
    ]
    weights = {"two": np.array(2), "zero": np.zeros((), np.float32)}
    (latest, _) = run(tmp_path, nodes, weights)
    assert start(tmp_path, nodes, weights) == (2, 0)
    assert values(latest) == [0, 1, 2, 3, 4, 5]


def test_the_midst_of_a_stream_is_not_its_start(tmp_path: Path) -> None:
    """From the hundredth call on the result is that of the call before."""
    nodes = [
        node("Less", ["frame", "hundred"], ["early"]),
        node("Where", ["early", "audio", "state.a"], ["y"]),
        node("Identity", ["audio"], ["next.a"]),
    ]
    (latest, _) = run(tmp_path, nodes, {"hundred": np.array(100)}, a=[1, 1, HOP])
    assert values(latest) == [at - HOP for at in range(HOP)]


def test_a_state_that_counts_is_known(tmp_path: Path) -> None:
    """A counter of whole numbers that starts with zero masks like the mode ``frame``."""
    nodes = [
        node("Add", ["state.n", "one"], ["next.n"]),
        node("LessOrEqual", ["three", "state.n"], ["on"]),
        node("Where", ["on", "audio", "zero"], ["y"]),
    ]
    weights = {"one": np.array(1), "three": np.array(3), "zero": np.zeros((), np.float32)}
    assert start(tmp_path, nodes, weights, n=([], INT)) == (3, 0)


def test_a_count_may_change_what_is_seen(tmp_path: Path) -> None:
    """From the third call on the result is that of the call before, as a state that counts says."""
    nodes = [
        node("Add", ["state.n", "one"], ["next.n"]),
        node("Less", ["state.n", "two"], ["early"]),
        node("Where", ["early", "audio", "state.a"], ["y"]),
        node("Identity", ["audio"], ["next.a"]),
    ]
    weights = {"one": np.array(1), "two": np.array(2)}
    (latest, _) = run(tmp_path, nodes, weights, n=([], INT), a=[1, 1, HOP])
    assert values(latest) == [at - HOP for at in range(HOP)]


def test_nothing_at_all(tmp_path: Path) -> None:
    """A result that does not depend on the input is said to depend on nothing."""
    nodes = [node("Mul", ["audio", "zero"], ["y"])]
    weights = {"zero": np.zeros((), np.float32)}
    assert start(tmp_path, nodes, weights) is None
    assert run(tmp_path, nodes, weights)[0].steps is None
