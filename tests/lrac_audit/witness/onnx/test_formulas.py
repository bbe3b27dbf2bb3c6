"""The work of single operators, each with its derivation from the definition of the operator."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

pytest.importorskip("onnx", reason="onnx is not installed")

from onnx import TensorProto, helper

from lrac_audit.witness.onnx.ports import ports_of
from lrac_audit.witness.onnx.work_counter import WorkCounter
from tests.lrac_audit.witness.onnx.graphs import (
    INT,
    OPSET,
    ints,
    model,
    node,
    ones,
    read,
    records,
    total,
)

UINT8 = TensorProto.UINT8


def bytes_of(*shape: int) -> Any:
    """Return quantized weights."""
    return np.ones(shape, np.uint8)


class Case(NamedTuple):
    name: str
    node: Any
    inputs: dict[str, Any]
    out: tuple[Any, ...]
    weights: dict[str, Any]
    work: dict[str, int]


CASES = [
    # 12 results in each of 8 channels; each sums over 6 / 2 channels and 3 taps.
    Case(
        "grouped, strided, dilated convolution",
        node("Conv", ["x", "w", "b"], ["y"], group=2, strides=[2], dilations=[4], pads=[8, 0]),
        {"x": [1, 6, 24]},
        (1, 8, 12),
        {"w": ones(8, 3, 3), "b": ones(8)},
        {"conv": 12 * 8 * 3 * 3, "bias": 12 * 8},
    ),
    # 2-D: 4 x 5 results in 7 channels, each over 3 channels and 2 x 3 taps.
    Case(
        "convolution in two dimensions",
        node("Conv", ["x", "w"], ["y"]),
        {"x": [1, 3, 5, 7]},
        (1, 7, 4, 5),
        {"w": ones(7, 3, 2, 3)},
        {"conv": 4 * 5 * 7 * 3 * 2 * 3},
    ),
    # 9 results in each of 3 channels, each over 2 channels and 2 taps.
    Case(
        "convolution of whole numbers",
        node("ConvInteger", ["x", "w"], ["y"]),
        {"x": ([1, 2, 10], UINT8)},
        ([1, 3, 9], TensorProto.INT32),
        {"w": bytes_of(3, 2, 2)},
        {"conv": 9 * 3 * 2 * 2},
    ),
    Case(
        "quantized convolution",
        node("QLinearConv", ["x", "s", "z", "w", "s", "z", "s", "z", "b"], ["y"]),
        {"x": ([1, 2, 10], UINT8)},
        ([1, 3, 9], UINT8),
        {"w": bytes_of(3, 2, 2), "b": np.ones(3, np.int32), "s": ones(), "z": bytes_of()},
        {"conv": 9 * 3 * 2 * 2, "bias": 9 * 3},
    ),
    Case(
        "product of whole numbers",
        node("MatMulInteger", ["x", "w"], ["y"]),
        {"x": ([3, 4], UINT8)},
        ([3, 5], TensorProto.INT32),
        {"w": bytes_of(4, 5)},
        {"linear": 3 * 5 * 4},
    ),
    # Each of 5 steps of 4 channels goes to 6 channels and 8 taps, whatever is cut off.
    Case(
        "transposed convolution",
        node("ConvTranspose", ["x", "w", "b"], ["y"], strides=[4], pads=[4, 0]),
        {"x": [1, 4, 5]},
        (1, 6, 20),
        {"w": ones(4, 6, 8), "b": ones(6)},
        {"transposed_conv": 5 * 4 * 6 * 8, "bias": 6 * 20},
    ),
    Case(
        "matrix product in a batch",
        node("MatMul", ["x", "w"], ["y"]),
        {"x": [2, 3, 4]},
        (2, 3, 5),
        {"w": ones(4, 5)},
        {"linear": 2 * 3 * 5 * 4},
    ),
    Case(
        "product of a transposed matrix",
        node("Gemm", ["x", "w", "b"], ["y"], transA=1, transB=1),
        {"x": [4, 3]},
        (3, 5),
        {"w": ones(5, 4), "b": ones(5)},
        {"linear": 3 * 5 * 4, "bias": 15},
    ),
    # Four gates, each of 5 units from 3 inputs and 5 states, in 7 steps.
    Case(
        "LSTM",
        node("LSTM", ["x", "w", "r", "b"], ["y"], hidden_size=5),
        {"x": [7, 1, 3]},
        (7, 1, 1, 5),
        {"w": ones(1, 20, 3), "r": ones(1, 20, 5), "b": ones(1, 40)},
        {
            "linear": 7 * 4 * 5 * (3 + 5),
            "bias": 7 * 2 * 20,
            "sigmoid": 7 * 15,
            "tanh": 7 * 10,
            "gate_arithmetic": 7 * 20,
        },
    ),
    # Two directions of three gates each.
    Case(
        "GRU in both directions",
        node("GRU", ["x", "w", "r"], ["y"], hidden_size=4, direction="bidirectional"),
        {"x": [2, 1, 3]},
        (2, 2, 1, 4),
        {"w": ones(2, 12, 3), "r": ones(2, 12, 4)},
        {
            "linear": 2 * 2 * 3 * 4 * (3 + 4),
            "sigmoid": 2 * 2 * 8,
            "tanh": 2 * 2 * 4,
            "gate_arithmetic": 2 * 2 * 16,
        },
    ),
    # Indices b, q, k, d: 2 x 3 x 4 x 5 products.
    Case(
        "einsum of two",
        node("Einsum", ["x", "w"], ["y"], equation="bqd,kd->bqk"),
        {"x": [2, 3, 5]},
        (2, 3, 4),
        {"w": ones(4, 5)},
        {"linear": 2 * 3 * 4 * 5},
    ),
    Case(
        "einsum without a sum",
        node("Einsum", ["x", "w"], ["y"], equation="...d,d->...d"),
        {"x": [2, 3, 5]},
        (2, 3, 5),
        {"w": ones(5)},
        {"pointwise": 30},
    ),
    Case(
        "einsum of one",
        node("Einsum", ["x"], ["y"], equation="abc->ca"),
        {"x": [2, 3, 5]},
        (5, 2),
        {},
        {"reduce": 30},
    ),
    Case("activation", node("Elu", ["x"], ["y"]), {"x": [1, 3, 4]}, (1, 3, 4), {}, {"elu": 12}),
    Case(
        "sum of two signals",
        node("Add", ["x", "z"], ["y"]),
        {"x": [1, 3, 4], "z": [1, 3, 4]},
        (1, 3, 4),
        {},
        {"residual_add": 12},
    ),
    Case(
        "bias",
        node("Add", ["x", "w"], ["y"]),
        {"x": [1, 3, 4]},
        (1, 3, 4),
        {"w": ones(3, 1)},
        {"bias": 12},
    ),
    Case(
        "a constant of full size",
        node("Add", ["x", "w"], ["y"]),
        {"x": [1, 3, 4]},
        (1, 3, 4),
        {"w": ones(1, 3, 4)},
        {"bias": 12},
    ),
    Case(
        "a number added",
        node("Sub", ["x", "w"], ["y"]),
        {"x": [1, 3, 4]},
        (1, 3, 4),
        {"w": ones()},
        {"pointwise": 12},
    ),
    Case(
        "square",
        node("Pow", ["x", "w"], ["y"]),
        {"x": [1, 3]},
        (1, 3),
        {"w": 2 * ones()},
        {"pointwise": 3},
    ),
    Case(
        "another power",
        node("Pow", ["x", "w"], ["y"]),
        {"x": [1, 3]},
        (1, 3),
        {"w": 0.3 * ones()},
        {"transcendental": 3},
    ),
    # Maximum, difference, exponential, sum, quotient.
    Case(
        "softmax",
        node("Softmax", ["x"], ["y"]),
        {"x": [2, 6]},
        (2, 6),
        {},
        {"reduce": 24, "pointwise": 12, "transcendental": 12, "division": 12},
    ),
    # Two groups, each with a statistic for its 2 x 4 values.
    Case(
        "group norm",
        node("GroupNormalization", ["x", "w", "b"], ["y"], num_groups=2, epsilon=1e-5),
        {"x": [1, 4, 4]},
        (1, 4, 4),
        {"w": ones(4), "b": ones(4)},
        {"reduce": 32, "pointwise": 5 * 16, "square_root": 2, "division": 2},
    ),
    Case(
        "layer norm without bias",
        node("LayerNormalization", ["x", "w"], ["y"], axis=-1),
        {"x": [1, 4, 6]},
        (1, 4, 6),
        {"w": ones(6)},
        {"reduce": 48, "pointwise": 4 * 24, "square_root": 4, "division": 4},
    ),
    # Three windows of four values.
    Case(
        "pool",
        node("AveragePool", ["x"], ["y"], kernel_shape=[4], strides=[4]),
        {"x": [1, 2, 12]},
        (1, 2, 3),
        {},
        {"reduce": 2 * 3 * 4},
    ),
    # Three codewords are read.
    Case(
        "lookup",
        node("Gather", ["w", "x"], ["y"]),
        {"x": ([1, 3], INT)},
        (1, 3, 6),
        {"w": ones(10, 6)},
        {"lookup": 3},
    ),
    Case(
        "rows at fixed places",
        node("Gather", ["x", "w"], ["y"], axis=1),
        {"x": [1, 8, 2]},
        (1, 3, 2),
        {"w": ints(1, 4, 7)},
        {},
    ),
    Case("moves", node("Transpose", ["x"], ["y"]), {"x": [2, 3]}, (3, 2), {}, {}),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_work(case: Case, tmp_path: Path) -> None:
    found = records(tmp_path, [case.node], case.inputs, {"y": case.out}, case.weights)
    assert total(found) == case.work


def test_constants_are_computed_once(tmp_path: Path) -> None:
    """A product of two constants costs nothing in each call; that with the signal does."""
    nodes = [node("MatMul", ["v", "w"], ["vw"]), node("MatMul", ["x", "vw"], ["y"])]
    weights = {"v": ones(4, 6), "w": ones(6, 5)}
    found = records(tmp_path, nodes, {"x": [1, 4]}, {"y": [1, 5]}, weights)
    assert total(found) == {"linear": 4 * 5}


def test_a_constant_beside_the_signal_is_stored(tmp_path: Path) -> None:
    """A learned vector before the others costs nothing, and is kept all the same."""
    nodes = [node("Concat", ["token", "x"], ["t"], axis=0), node("MatMul", ["t", "w"], ["y"])]
    weights = {"token": ones(1, 4), "w": ones(4, 2)}
    found = records(tmp_path, nodes, {"x": [3, 4]}, {"y": [4, 2]}, weights)
    assert total(found) == {"linear": 4 * 4 * 2}
    assert [list(record.weights) for record in found] == [["token"], ["w"]]


def test_a_shape_is_a_constant(tmp_path: Path) -> None:
    """As exporters write a reshape: sizes are read, put together and used."""
    nodes = [
        node("Shape", ["x"], ["s"]),
        node("Gather", ["s", "second"], ["channels"]),
        node("Concat", ["channels", "rest"], ["shape"], axis=0),
        node("Reshape", ["x", "shape"], ["flat"]),
        node("MatMul", ["flat", "w"], ["y"]),
    ]
    weights = {"second": ints(1), "rest": ints(-1), "w": ones(5, 2)}
    found = records(tmp_path, nodes, {"x": [1, 3, 5]}, {"y": [3, 2]}, weights)
    assert total(found) == {"linear": 3 * 5 * 2}


def test_weights_that_are_stored_in_bytes(tmp_path: Path) -> None:
    """They are turned into floats once, and counted with what they are scaled by."""
    nodes = [
        node("DequantizeLinear", ["w", "scale"], ["floats"], axis=0),
        node("Conv", ["x", "floats"], ["y"]),
    ]
    weights = {"w": np.ones((3, 2, 2), np.int8), "scale": ones(3)}
    (found,) = records(tmp_path, nodes, {"x": [1, 2, 10]}, {"y": [1, 3, 9]}, weights)
    assert (found.work, set(found.weights)) == ({"conv": 9 * 3 * 2 * 2}, {"w", "scale"})


def test_functions_of_the_file_are_counted(tmp_path: Path) -> None:
    """A function that the file defines itself, called twice: 4 to 4 values each time."""
    made = model(
        [node("Twice", ["x", "w"], ["y"], domain="com.example")],
        {"x": [1, 4]},
        {"y": [1, 4]},
        {"w": ones(4, 4)},
    )
    body = [node("MatMul", ["a", "b"], ["c"]), node("MatMul", ["c", "b"], ["d"])]
    opsets = [helper.make_opsetid("", OPSET)]
    made.functions.append(
        helper.make_function("com.example", "Twice", ["a", "b"], ["d"], body, opsets)
    )
    graph = read(tmp_path, made)
    found = WorkCounter(graph, ports_of(graph), named_by_rows=False).count()
    assert total(found) == {"linear": 2 * 4 * 4}


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (node("Foo", ["x"], ["y"], domain="com.example"), "no cost formula for Foo of the domain"),
        (node("Unique", ["x"], ["y"]), "no cost formula for Unique"),
        (node("Einsum", ["x", "x", "x"], ["y"], equation="a,a,a->a"), "more than two operands"),
    ],
)
def test_what_has_no_formula_says_so(made: Any, words: str, tmp_path: Path) -> None:
    (found,) = records(tmp_path, [made], {"x": [4]}, {"y": [4]})
    assert words in found.problem


def test_what_follows_an_unknown_operator_has_no_shape(tmp_path: Path) -> None:
    nodes = [node("Foo", ["x"], ["z"], domain="com.example"), node("Elu", ["z"], ["y"])]
    found = records(tmp_path, nodes, {"x": [4]}, {"y": [4]})
    assert [record.problem for record in found][1] == "Elu without fixed shapes"
