"""What depends on the place in a stream alone, and sums that go on from call to call."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("onnx", reason="onnx is not installed")

from onnx import TensorProto

from tests.lrac_audit.witness.onnx.graphs import INT, ints, node, ones, records, total

AUDIO = {"x": [1, 6]}
WAVE = [
    node("Cast", ["number"], ["exact"], to=TensorProto.FLOAT),
    node("Mul", ["exact", "speed"], ["angle"]),
    node("Cos", ["angle"], ["wave"]),
]
"""A cosine for each of six values, by a whole number."""
WEIGHTS = {"speed": ones(1, 6), "one": ints(1)}
MODULATED = node("Mul", ["x", "wave"], ["y"])


def counted(
    folder: Path, nodes: list[Any], inputs: dict[str, Any], outputs: dict[str, Any], **weights: Any
) -> dict[str, int]:
    found = records(folder, nodes, AUDIO | inputs, outputs, WEIGHTS | weights)
    return total(found)


@pytest.mark.parametrize("mode", ["frame", "remaining", "bitrate"])
def test_the_number_of_a_call_is_a_place_and_another_mode_is_none(
    mode: str, tmp_path: Path
) -> None:
    nodes = [node("Identity", [mode], ["number"]), *WAVE, MODULATED]
    work = counted(tmp_path, nodes, {mode: ([], INT)}, {"y": [1, 6]})
    of_mode = {"pointwise": 2 * 6, "transcendental": 6} if mode == "bitrate" else {"pointwise": 6}
    assert work == of_mode


def test_a_state_that_counts_calls_is_a_place(tmp_path: Path) -> None:
    nodes = [
        node("Identity", ["state.n"], ["number"]),
        *WAVE,
        MODULATED,
        node("Add", ["state.n", "one"], ["next.n"]),
    ]
    inputs, outputs = {"state.n": ([1], INT)}, {"y": [1, 6], "next.n": ([1], INT)}
    assert counted(tmp_path, nodes, inputs, outputs) == {"pointwise": 6}


def test_a_state_that_the_signal_changes_is_none(tmp_path: Path) -> None:
    """It counts the calls in which the first value is positive."""
    nodes = [
        node("Identity", ["state.n"], ["number"]),
        *WAVE,
        MODULATED,
        node("Slice", ["x", "zero", "one", "one"], ["first"]),
        node("Greater", ["first", "nothing"], ["positive"]),
        node("Cast", ["positive"], ["more"], to=INT),
        node("Add", ["state.n", "more"], ["next.n"]),
    ]
    inputs, outputs = {"state.n": ([1, 1], INT)}, {"y": [1, 6], "next.n": ([1, 1], INT)}
    work = counted(tmp_path, nodes, inputs, outputs, zero=ints(0), nothing=0 * ones())
    assert work["transcendental"] == 6


def taps() -> list[Any]:
    """Return a filter of four taps for each of three values, written tap by tap."""
    nodes = []
    for at, start in enumerate(("zero", "one", "two", "three")):
        nodes += [
            node("Add", [start, "three"], [f"end{at}"]),
            node("Slice", ["wave", start, f"end{at}", "one"], [f"s{at}"]),
            node("Mul", [f"s{at}", "tap"], [f"p{at}"]),
        ]
    return [*nodes, node("Sum", ["p0", "p1", "p2", "p3"], ["z"])]


PRODUCTS: dict[str, tuple[list[Any], int]] = {
    "of matrices": ([node("MatMul", ["wave", "matrix"], ["z"])], 6 * 3),
    "summed": (
        [
            node("Mul", ["wave", "rows"], ["products"]),
            node("ReduceSum", ["products", "one"], ["sums"], keepdims=0),
            node("Unsqueeze", ["sums", "zero"], ["z"]),
        ],
        6 * 3,
    ),
    "tap by tap": (taps(), 4 * 3),
}


@pytest.mark.parametrize("written", PRODUCTS)
def test_products_of_places_are_counted(written: str, tmp_path: Path) -> None:
    """A linear map of six positions to three values, and what is done to its result."""
    products, macs = PRODUCTS[written]
    nodes = [
        node("Identity", ["frame"], ["number"]),
        *WAVE,
        *products,
        node("Relu", ["z"], ["above"]),
        node("Slice", ["x", "zero", "three", "one"], ["some"]),
        node("Add", ["some", "above"], ["y"]),
    ]
    weights = {"matrix": ones(6, 3), "rows": ones(3, 6), "tap": ones(1)}
    weights |= {"zero": ints(0), "two": ints(2), "three": ints(3)}
    work = counted(tmp_path, nodes, {"frame": ([], INT)}, {"y": [1, 3]}, **weights)
    assert work == {"linear": macs, "relu": 3, "residual_add": 3}


UP = [
    node("ConvTranspose", ["x", "weight"], ["sums"], strides=[2]),
    node("Pad", ["state.tail", "pads"], ["kept"]),
    node("Add", ["sums", "kept"], ["all"]),
    node("Slice", ["all", "zero", "ready", "two"], ["y"]),
]
UP_WEIGHTS = {
    "weight": ones(3, 4, 4),
    "pads": ints(0, 0, 0, 0, 0, 10),
    "zero": ints(0),
    "two": ints(2),
    "ready": ints(10),
    "end": ints(12),
}
UP_MACS = 5 * 3 * 4 * 4
"""Five inputs of three channels go to four channels by four taps."""


@pytest.mark.parametrize(
    ("source", "adds"), [("all", 0), ("sums", 0), ("other", 4 * 12)], ids=["of all", "new", "other"]
)
def test_sums_that_go_on_from_call_to_call(source: str, adds: int, tmp_path: Path) -> None:
    """The tail of a call is two of its twelve sums, if it is not something else."""
    nodes = [
        *UP,
        node("Relu", ["all"], ["other"]),
        node("Slice", [source, "ready", "end", "two"], ["next.tail"]),
    ]
    inputs = {"x": [1, 3, 5], "state.tail": [1, 4, 2]}
    outputs = {"y": [1, 4, 10], "next.tail": [1, 4, 2]}
    work = total(records(tmp_path, nodes, inputs, outputs, UP_WEIGHTS))
    expected = {"transposed_conv": UP_MACS, "relu": 4 * 12, "residual_add": adds}
    assert work == {kind: n for kind, n in expected.items() if n}


def test_a_quotient_of_whole_numbers_is_as_cheap_as_their_remainder(tmp_path: Path) -> None:
    codes = {"codes": ([1, 4], INT)}
    weights = {"places": np.array([[1, 5, 25, 125]])}
    nodes = [node("Div", ["codes", "places"], ["d"]), node("Mod", ["d", "places"], ["y"])]
    work = total(records(tmp_path, nodes, codes, {"y": ([1, 4], INT)}, weights))
    assert work == {"pointwise": 8}
