"""Rules of dependency beside brute force: change each input value, and see which results move."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

pytest.importorskip("onnx", reason="onnx is not installed")

from onnx import NodeProto
from onnx.reference import ReferenceEvaluator

from lrac_audit.witness.onnx.dependency.propagation import Propagation, Seen
from lrac_audit.witness.onnx.dependency.steps import NOTHING
from tests.lrac_audit.witness.onnx.graphs import INT, ints, model, node, ones, read


class Case(NamedTuple):
    name: str
    node: NodeProto
    shape: list[int]
    out: list[int]
    weights: dict[str, Any] = {}  # noqa: RUF012 - a default of a named tuple
    outputs: int = 1


def weights(*shape: int) -> Any:
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


CASES = [
    Case(
        "convolution",
        node("Conv", ["x", "w"], ["y"], strides=[2], dilations=[3], pads=[5, 1]),
        [1, 2, 12],
        [1, 3, 6],
        {"w": weights(3, 2, 3)},
    ),
    Case(
        "grouped convolution",
        node("Conv", ["x", "w"], ["y"], group=2, pads=[2, 0]),
        [1, 4, 5],
        [1, 6, 5],
        {"w": weights(6, 2, 3)},
    ),
    Case(
        "convolution that ends before the last value",
        node("Conv", ["x", "w"], ["y"], strides=[3]),
        [1, 1, 9],
        [1, 1, 3],
        {"w": weights(1, 1, 2)},
    ),
    Case(
        "transposed convolution",
        node("ConvTranspose", ["x", "w"], ["y"], strides=[3], pads=[1, 2]),
        [1, 2, 4],
        [1, 3, 11],
        {"w": weights(2, 3, 5)},
    ),
    Case(
        "transposed convolution with room behind",
        node("ConvTranspose", ["x", "w"], ["y"], strides=[3], output_padding=[1]),
        [1, 2, 3],
        [1, 1, 9],
        {"w": weights(2, 1, 2)},
    ),
    Case("matrix", node("MatMul", ["x", "w"], ["y"]), [3, 4], [3, 5], {"w": weights(4, 5)}),
    Case(
        "matrix from the left",
        node("MatMul", ["w", "x"], ["y"]),
        [4, 5],
        [3, 5],
        {"w": weights(3, 4)},
    ),
    Case(
        "triangle",
        node("MatMul", ["x", "w"], ["y"]),
        [2, 4],
        [2, 4],
        {"w": np.triu(weights(4, 4))},
    ),
    Case(
        "transposed factors",
        node("Gemm", ["x", "w", "b"], ["y"], transA=1, transB=1),
        [4, 3],
        [3, 5],
        {"w": weights(5, 4), "b": weights(5)},
    ),
    Case(
        "einsum",
        node("Einsum", ["x", "w"], ["y"], equation="bct,dc->tbd"),
        [2, 3, 4],
        [4, 2, 5],
        {"w": weights(5, 3)},
    ),
    Case(
        "LSTM",
        node("LSTM", ["x", "w", "r"], ["y", "h", "c"], hidden_size=2),
        [4, 1, 3],
        [4, 1, 1, 2],
        {"w": weights(1, 8, 3), "r": weights(1, 8, 2)},
        outputs=3,
    ),
    Case(
        "GRU",
        node("GRU", ["x", "w", "r"], ["y", "h"], hidden_size=2),
        [3, 1, 2],
        [3, 1, 1, 2],
        {"w": weights(1, 6, 2), "r": weights(1, 6, 2)},
        outputs=2,
    ),
    Case(
        "sum", node("ReduceSum", ["x", "k"], ["y"], keepdims=0), [2, 3, 4], [2, 4], {"k": ints(1)}
    ),
    Case("softmax", node("Softmax", ["x"], ["y"], axis=-1), [2, 3], [2, 3]),
    Case("running sum", node("CumSum", ["x", "k"], ["y"]), [2, 5], [2, 5], {"k": np.array(1)}),
    Case(
        "layer norm",
        node("LayerNormalization", ["x", "w"], ["y"], axis=-1),
        [3, 4],
        [3, 4],
        {"w": weights(4)},
    ),
    Case(
        "pool",
        node("AveragePool", ["x"], ["y"], kernel_shape=[2], strides=[2]),
        [1, 2, 6],
        [1, 2, 3],
    ),
    Case("broadcast", node("Add", ["x", "w"], ["y"]), [3, 1], [2, 3, 4], {"w": weights(2, 1, 4)}),
    Case(
        "mask",
        node("Mul", ["x", "m"], ["y"]),
        [2, 4],
        [2, 4],
        {"m": np.array([0, 1, 1, 0], np.float32)},
    ),
    Case(
        "selection",
        node("Where", ["m", "x", "w"], ["y"]),
        [2, 4],
        [2, 4],
        {"m": np.array([True, False, True, False]), "w": weights(2, 4)},
    ),
    Case(
        "slice",
        node("Slice", ["x", "a", "b", "k"], ["y"]),
        [2, 6],
        [2, 3],
        {"a": ints(2), "b": ints(5), "k": ints(1)},
    ),
    Case("padding", node("Pad", ["x", "p"], ["y"]), [1, 3], [1, 6], {"p": ints(0, 2, 0, 1)}),
    Case(
        "reflection",
        node("Pad", ["x", "p"], ["y"], mode="reflect"),
        [1, 4],
        [1, 6],
        {"p": ints(0, 2, 0, 0)},
    ),
    Case(
        "window behind constants",
        node("Concat", ["w", "x"], ["y"], axis=1),
        [2, 3],
        [2, 5],
        {"w": ones(2, 2)},
    ),
    Case("transpose", node("Transpose", ["x"], ["y"], perm=[2, 0, 1]), [2, 3, 4], [4, 2, 3]),
    Case("reshape", node("Reshape", ["x", "s"], ["y"]), [2, 6], [3, 4], {"s": ints(3, 4)}),
    Case(
        "taps",
        node("Gather", ["x", "i"], ["y"], axis=0),
        [5, 2],
        [2, 3, 2],
        {"i": np.array([[0, 1, 2], [2, 3, 4]])},
    ),
    Case(
        "scatter",
        node("ScatterND", ["w", "i", "x"], ["y"]),
        [2, 3],
        [4, 3],
        {"w": weights(4, 3), "i": np.array([[3], [1]])},
    ),
    Case(
        "depth to space",
        node("DepthToSpace", ["x"], ["y"], blocksize=2),
        [1, 4, 1, 2],
        [1, 1, 2, 4],
    ),
]


def moved(case: Case, sign: int) -> list[np.ndarray]:
    """Return for each result the last input value that moves it, or the negated first one."""
    outputs = {name: [] for name in case.node.output}
    made = model([case.node], {"x": case.shape}, {**outputs, "y": case.out}, case.weights)
    for info in made.graph.output[1:]:
        info.type.tensor_type.ClearField("shape")
    run = ReferenceEvaluator(made).run
    data = np.random.default_rng(1).uniform(1, 2, case.shape).astype(np.float32)
    before = run(None, {"x": data})
    last = [np.full(each.shape, NOTHING) for each in before]
    for at in range(data.size):
        other = data.copy()
        other.flat[at] += 0.5
        for found, old, new in zip(last, before, run(None, {"x": other}), strict=True):
            changed = np.asarray(old) != np.asarray(new)
            found[changed] = np.maximum(found[changed], sign * at)
    return last


def propagated(case: Case, folder: Path, sign: int) -> tuple[list[np.ndarray], Propagation]:
    outputs = {name: [] for name in case.node.output}
    made = model([case.node], {"x": case.shape}, {**outputs, "y": case.out}, case.weights)
    run = Propagation(read(folder, made))
    order = np.arange(int(np.prod(case.shape))).reshape(case.shape)
    return [each.steps for each in run.run({"x": Seen(sign * order)})], run


@pytest.mark.parametrize("sign", [1, -1], ids=["latest", "earliest"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_rule_gives_what_moves(case: Case, sign: int, tmp_path: Path) -> None:
    found, run = propagated(case, tmp_path, sign)
    assert run.without_rule == {}
    for steps, last in zip(found, moved(case, sign), strict=True):
        assert last.size and (last > NOTHING).any()
        np.testing.assert_array_equal(np.broadcast_to(steps, last.shape), last)


TRANSFORMS = [
    Case("real", node("DFT", ["x"], ["y"], onesided=1), [2, 5, 1], [2, 3, 2]),
    Case(
        "complex along the first axis",
        node("DFT", ["x", "", "axis"], ["y"], inverse=1),
        [5, 3, 2],
        [5, 3, 2],
        {"axis": np.array(0)},
    ),
]


@pytest.mark.parametrize("sign", [1, -1], ids=["latest", "earliest"])
@pytest.mark.parametrize("case", TRANSFORMS, ids=lambda case: case.name)
def test_a_bin_of_a_fourier_transform_depends_on_what_moves_one_of_its_parts(
    case: Case, sign: int, tmp_path: Path
) -> None:
    """A part by itself may depend on less: no imaginary part of the first bin on real values."""
    (found,), run = propagated(case, tmp_path, sign)
    (last,) = moved(case, sign)
    assert run.without_rule == {} and (last > NOTHING).any()
    joined = last.max(axis=-1, keepdims=True)
    np.testing.assert_array_equal(np.broadcast_to(found, last.shape), joined.repeat(2, -1))


def test_an_operator_without_a_rule_depends_on_everything(tmp_path: Path) -> None:
    case = Case("unique", node("Det", ["x"], ["y"]), [2, 2, 2], [2])
    (steps,), run = propagated(case, tmp_path, 1)
    assert np.broadcast_to(steps, 2).tolist() == [7, 7]
    assert list(run.without_rule) == ["Det"]


def test_a_lookup_depends_on_its_index(tmp_path: Path) -> None:
    made = model(
        [node("Gather", ["table", "x"], ["y"], axis=0)],
        {"x": ([2, 3], INT)},
        {"y": [2, 3, 5]},
        {"table": weights(7, 5)},
    )
    order = np.arange(6).reshape(2, 3)
    (found,) = Propagation(read(tmp_path, made)).run({"x": Seen(order)})
    np.testing.assert_array_equal(
        np.broadcast_to(found.steps, (2, 3, 5)), np.broadcast_to(order[..., None], (2, 3, 5))
    )
