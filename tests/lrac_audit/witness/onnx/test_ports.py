"""The roles of inputs and outputs: which output renews which state."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("onnx", reason="onnx is not installed")

from onnx import TensorProto

from lrac_audit.witness.onnx.ports import Ports, ports_of
from tests.lrac_audit.witness.onnx.graphs import INT, model, node, ones, read

WIDE = [1, 4]
FRAME: Any = ([], INT)


def ports(folder: Path, inputs: dict[str, Any], outputs: dict[str, Any]) -> Ports:
    """Return the roles in a graph whose results all come from constants."""
    nodes = [node("Elu", ["audio"], ["codes"])]
    made = {"codes": [1, 8]}
    for name, shape in outputs.items():
        nodes.append(node("Identity", [f"{name}.value"], [name]))
        made[name] = shape
    weights = {f"{name}.value": ones(*shape) for name, shape in outputs.items()}
    return ports_of(read(folder, model(nodes, {"audio": [1, 8], **inputs}, made, weights)))


def test_names_of_rows_may_hold_words_of_roles(tmp_path: Path) -> None:
    """``input`` and ``output`` are rows here, and no words that tell old from new."""
    rows = ("encoder.input", "encoder.output")
    inputs = {"frame": FRAME, **{f"state.{row}": WIDE for row in rows}}
    found = ports(tmp_path, inputs, {f"next.{row}": WIDE for row in reversed(rows)})
    assert found.states == tuple((f"state.{row}", f"next.{row}") for row in rows)
    assert (found.modes, found.unknown_inputs, found.unknown_outputs) == (("frame",), (), ())


def test_names_that_are_alike(tmp_path: Path) -> None:
    found = ports(tmp_path, {"h_in": WIDE, "c_in": WIDE}, {"c_out": WIDE, "h_out": WIDE})
    assert set(found.states) == {("h_in", "h_out"), ("c_in", "c_out")}


def test_one_order(tmp_path: Path) -> None:
    inputs = {"on": ([], TensorProto.BOOL), "a": WIDE, "b": [2, 3]}
    found = ports(tmp_path, inputs, {"x": WIDE, "y": [2, 3]})
    assert found.states == (("a", "x"), ("b", "y"))
    assert found.modes == ("on",)


@pytest.mark.parametrize(
    ("inputs", "outputs"),
    [
        ({"a": WIDE, "b": [2, 3]}, {"x": [2, 3], "y": WIDE}),
        ({"h_in": WIDE, "h_prev": WIDE}, {"h_out": WIDE}),
        ({"h_in": WIDE}, {"h_out": [1, 5]}),
    ],
    ids=["another order", "two for one", "another shape"],
)
def test_what_is_not_renewed(
    inputs: dict[str, Any], outputs: dict[str, Any], tmp_path: Path
) -> None:
    found = ports(tmp_path, inputs, outputs)
    assert found.states == ()
    assert (found.unknown_inputs, found.unknown_outputs) == (tuple(inputs), tuple(outputs))
