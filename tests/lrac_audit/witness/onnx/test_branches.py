"""Branches: the dearer one is counted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnx", reason="onnx is not installed")

from onnx import NodeProto, TensorProto, helper

from tests.lrac_audit.witness.onnx.graphs import node, ones, records, total

WEIGHTS = {"narrow": ones(4, 2), "wide": ones(4, 6), "back": ones(6, 2)}
CHEAP = [node("MatMul", ["x", "narrow"], ["c"])]
DEAR = [node("MatMul", ["x", "wide"], ["w"]), node("MatMul", ["w", "back"], ["d"])]


def branches(then: list[NodeProto], otherwise: list[NodeProto]) -> NodeProto:
    found = {}
    for name, nodes in (("then_branch", then), ("else_branch", otherwise)):
        out = helper.make_tensor_value_info(nodes[-1].output[0], TensorProto.FLOAT, [1, 2])
        found[name] = helper.make_graph(nodes, name, [], [out])
    return node("If", ["mode"], ["y"], **found)


@pytest.mark.parametrize("nodes", [(CHEAP, DEAR), (DEAR, CHEAP)], ids=["else", "then"])
def test_the_dearer_branch(nodes: tuple[list[NodeProto], list[NodeProto]], tmp_path: Path) -> None:
    inputs = {"x": [1, 4], "mode": ([], TensorProto.BOOL)}
    found = records(tmp_path, [branches(*nodes)], inputs, {"y": [1, 2]}, WEIGHTS)
    assert total(found) == {"linear": 4 * 6 + 6 * 2}
    stored = {name for record in found for name in record.weights}
    assert stored == {"narrow", "wide", "back"}  # the other branch is stored all the same


def test_results_of_branches_have_shapes(tmp_path: Path) -> None:
    nodes = [branches(CHEAP, DEAR), node("MatMul", ["y", "last"], ["z"])]
    inputs = {"x": [1, 4], "mode": ([], TensorProto.BOOL)}
    weights = {**WEIGHTS, "last": ones(2, 5)}
    found = records(tmp_path, nodes, inputs, {"z": [1, 5]}, weights)
    assert total(found) == {"linear": 4 * 6 + 6 * 2 + 2 * 5}


def test_a_constant_condition(tmp_path: Path) -> None:
    weights = {**WEIGHTS, "mode": np.array(True)}
    found = records(tmp_path, [branches(CHEAP, DEAR)], {"x": [1, 4]}, {"y": [1, 2]}, weights)
    assert total(found) == {"linear": 4 * 2}


def test_a_loop_is_not_counted(tmp_path: Path) -> None:
    """How often its body runs is not known."""
    inner = helper.make_graph(
        [node("Identity", ["going"], ["goes"]), node("Elu", ["z"], ["e"])],
        "body",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("going", TensorProto.BOOL, []),
            helper.make_tensor_value_info("z", TensorProto.FLOAT, [4]),
        ],
        [
            helper.make_tensor_value_info("goes", TensorProto.BOOL, []),
            helper.make_tensor_value_info("e", TensorProto.FLOAT, [4]),
        ],
    )
    loop = node("Loop", ["times", "", "x"], ["y"], body=inner)
    weights = {"times": np.array(3, np.int64)}
    found = records(tmp_path, [loop], {"x": [4]}, {"y": [4]}, weights)
    assert [record.problem for record in found] == ["no cost formula for Loop"]
