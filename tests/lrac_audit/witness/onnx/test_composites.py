"""Activations and norms that are written as several nodes."""

from __future__ import annotations

from itertools import count
from math import erf, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("onnx", reason="onnx is not installed")

from onnx.reference import ReferenceEvaluator

from lrac_audit.witness.onnx.composite_forms import TEXTS, Form, form_of
from tests.lrac_audit.witness.onnx.graphs import model, node, ones, records, total

SHAPE = (1, 6, 5)
VALUES, STATISTICS = 30, 5
"""Six channels at five steps."""
FREQUENCY = np.linspace(0.5, 3, 6, dtype=np.float32)[:, None]
CONSTANTS = {
    "frequency": FREQUENCY,
    "height": 1 / FREQUENCY,
    "root": np.float32(sqrt(2)),
    "inverse": np.float32(1 / sqrt(2)),
    "epsilon": np.float32(1e-3),
}
CHANNELS = np.array([1], np.int64)


def centred(x: Any) -> Any:
    return x - x.mean(1, keepdims=True)


def normalised(x: Any) -> Any:
    return x / np.sqrt((x**2).mean(1, keepdims=True) + 1e-3)


FUNCTIONS = {
    "elu": lambda x: np.where(x > 0, x, np.expm1(x)),
    "silu": lambda x: x / (1 + np.exp(-x)),
    "gelu": lambda x: x * 0.5 * (1 + np.vectorize(erf)(x / sqrt(2))),
    "snake": lambda x: x + np.sin(FREQUENCY * x) ** 2 / FREQUENCY,
    "layer norm": lambda x: normalised(centred(x)),
    "rms norm": normalised,
}
STATISTICAL = {"square_root": STATISTICS, "division": STATISTICS}
WORK = {
    **{name: {name: VALUES} for name in ("elu", "silu", "gelu", "snake")},
    # Sums for mean and variance; a difference, a square and a scale. Without a mean two less.
    "layer norm": {"reduce": 2 * VALUES, "pointwise": 3 * VALUES, **STATISTICAL},
    "rms norm": {"reduce": VALUES, "pointwise": 2 * VALUES, **STATISTICAL},
}
FORMS = [(name, text) for name, (_, texts) in TEXTS.items() for text in texts]


class Written:
    """The nodes of a form, with one node for equal parts of it."""

    def __init__(self, text: str, swapped: bool = False) -> None:
        self.nodes: list[Any] = []
        self.weights: dict[str, Any] = {"axes": CHANNELS}
        self._names: dict[Any, str] = {}
        self._numbers, self._swapped = count(), swapped
        self._write(form_of(text))
        self.nodes[-1].output[0] = "y"

    def _write(self, part: Any) -> str:
        if part not in self._names:
            self._names[part] = self._new(part)
        return self._names[part]

    def _new(self, part: Any) -> str:
        if isinstance(part, Form):
            names = [self._write(each) for each in part.operands]
            if self._swapped and part.op in ("Add", "Mul", "Max", "Min"):
                names.reverse()
            names += ["axes"] if part.op == "ReduceMean" else []
            name = f"v{next(self._numbers)}"
            attributes = {key: float(value) for key, value in part.attributes}
            self.nodes.append(node(part.op, names, [name], **attributes))
            return name
        if part != "x":
            name = f"c{next(self._numbers)}"
            self.weights[name] = CONSTANTS.get(part, part) * ones()
            return name
        return "x"


@pytest.mark.parametrize(("name", "text"), FORMS)
def test_a_form_computes_what_it_counts_as(name: str, text: str) -> None:
    written = Written(text)
    graph = model(written.nodes, {"x": SHAPE}, {"y": SHAPE}, written.weights)
    x = np.random.default_rng(0).normal(0, 2, SHAPE).astype(np.float32)
    (found,) = ReferenceEvaluator(graph).run(None, {"x": x})
    np.testing.assert_allclose(found, FUNCTIONS[name](x), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize(("name", "text"), FORMS)
def test_a_form_is_counted_as_one(name: str, text: str, swapped: bool, tmp_path: Path) -> None:
    written = Written(text, swapped)
    found = records(tmp_path, written.nodes, {"x": SHAPE}, {"y": SHAPE}, written.weights)
    assert total(found) == WORK[name]
    assert len({record.row for record in found}) == 1


ELU, SILU = TEXTS["elu"][1][0], TEXTS["silu"][1][0]
AS_NODES = {"pointwise": 3 * VALUES, "transcendental": VALUES}


def test_what_others_read_on_the_way_is_counted_by_itself(tmp_path: Path) -> None:
    written = Written(ELU)
    (name,) = (each.output[0] for each in written.nodes if each.op_type == "Exp")
    outputs = {"y": SHAPE, name: SHAPE}
    found = records(tmp_path, written.nodes, {"x": SHAPE}, outputs, written.weights)
    assert total(found) == AS_NODES


def test_other_constants_make_another_function(tmp_path: Path) -> None:
    written = Written(ELU.replace("1", "2"))
    found = records(tmp_path, written.nodes, {"x": SHAPE}, {"y": SHAPE}, written.weights)
    assert total(found) == AS_NODES


def test_other_attributes_make_another_function(tmp_path: Path) -> None:
    written = Written(next(text for text in TEXTS["elu"][1] if "alpha" in text).replace("-1", "-2"))
    found = records(tmp_path, written.nodes, {"x": SHAPE}, {"y": SHAPE}, written.weights)
    work = {"relu": VALUES, "transcendental": VALUES, "pointwise": VALUES, "residual_add": VALUES}
    assert total(found) == work


def test_a_gate_between_two_signals_is_no_activation(tmp_path: Path) -> None:
    nodes = [node("Sigmoid", ["z"], ["gate"]), node("Mul", ["x", "gate"], ["y"])]
    found = records(tmp_path, nodes, {"x": SHAPE, "z": SHAPE}, {"y": SHAPE})
    assert total(found) == {"sigmoid": VALUES, "pointwise": VALUES}


def test_an_activation_of_a_product_is_searched_no_more_than_another(tmp_path: Path) -> None:
    """The choice of the largest is among what the activation gives, as behind a single node."""
    written = Written(SILU)
    written.nodes[-1].output[0] = "activated"
    nodes = [
        node("MatMul", ["a", "weight"], ["x"]),
        *written.nodes,
        node("ArgMax", ["activated"], ["y"], axis=2, keepdims=0),
    ]
    found = records(tmp_path, nodes, {"a": (1, 6, 4)}, {"y": ((1, 6), 7)}, {"weight": ones(4, 5)})
    assert total(found) == {"linear": 6 * 4 * 5, "silu": VALUES, "reduce": VALUES}
