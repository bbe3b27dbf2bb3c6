"""Graphs written by hand, node by node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, helper, numpy_helper

from lrac_audit.witness.onnx.graph_model import Graph
from lrac_audit.witness.onnx.graph_reader import read_graph
from lrac_audit.witness.onnx.ports import ports_of
from lrac_audit.witness.onnx.provenance import WorkRecord
from lrac_audit.witness.onnx.work_counter import WorkCounter

Shape = Sequence[int | str]
Inputs = Mapping[str, Shape | tuple[Shape, int]]
INT = TensorProto.INT64
OPSET = 23

node = helper.make_node


def ones(*shape: int) -> Any:
    """Return weights whose values do not matter."""
    return np.ones(shape, np.float32)


def ints(*values: int) -> Any:
    """Return shapes, axes or indices."""
    return np.array(values, np.int64)


def model(
    nodes: Sequence[NodeProto],
    inputs: Inputs,
    outputs: Inputs,
    weights: Mapping[str, Any] | None = None,
    metadata: Mapping[str, str] | None = None,
    opset: int = OPSET,
) -> onnx.ModelProto:
    """Return a graph; a value is of float32 unless a type stands beside its shape."""
    graph = helper.make_graph(
        list(nodes),
        "graph",
        _infos(inputs),
        _infos(outputs),
        [numpy_helper.from_array(array, name) for name, array in (weights or {}).items()],
    )
    opsets = [helper.make_opsetid("", opset), helper.make_opsetid("com.example", 1)]
    made = helper.make_model(graph, opset_imports=opsets, ir_version=11)
    helper.set_model_props(made, dict(metadata or {}))
    return made


def _infos(values: Inputs) -> list[onnx.ValueInfoProto]:
    found = []
    for name, given in values.items():
        is_typed = (
            len(given) == 2 and isinstance(given[0], Sequence) and not isinstance(given[0], str)
        )
        shape, kind = given if is_typed else (given, TensorProto.FLOAT)
        found.append(helper.make_tensor_value_info(name, kind, shape))
    return found


def read(folder: Path, made: onnx.ModelProto, hop: int | None = None) -> Graph:
    """Return a graph as the auditor reads it from a file."""
    path = folder / "graph.onnx"
    onnx.save(made, path)
    return read_graph(path, hop)


def records(
    folder: Path,
    nodes: Sequence[NodeProto],
    inputs: Inputs,
    outputs: Inputs,
    weights: Mapping[str, Any] | None = None,
) -> list[WorkRecord]:
    """Return what was counted of a graph."""
    graph = read(folder, model(nodes, inputs, outputs, weights))
    return WorkCounter(graph, ports_of(graph), named_by_rows=False).count()


def total(found: Sequence[WorkRecord]) -> dict[str, int]:
    """Return the work of all records by kind."""
    work: dict[str, int] = {}
    for record in found:
        assert not record.problem, record.problem
        for kind, n in record.work.items():
            work[kind] = work.get(kind, 0) + n
    return work
