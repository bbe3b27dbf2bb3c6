"""Read an ONNX file: its nodes and the shapes of its values, never the files beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import onnx
from onnx import checker, inliner

from lrac_audit.errors import InputError, Problem, printable
from lrac_audit.files import READABLE, check_regular_file, path_error

MAX_BYTES = 1 << 30
MAX_NODES = 1 << 15
MESSAGE_CHARACTERS = 200


def read_model(path: Path) -> onnx.ModelProto:
    """Return the model in the file at ``path``, its local functions put in where they are called.

    Raises:
        InputError: there is no such file, it is too large, or it holds no valid model.
    """
    try:
        model = onnx.load_model_from_string(_content(path))
        nodes = sum(len(graph.node) for graph in graphs_of(model.graph))
        if nodes > MAX_NODES:
            raise refused(path, f"{nodes:,} nodes", f"at most {MAX_NODES:,}")
        return inliner.inline_local_functions(model) if model.functions else model
    except InputError:
        raise
    except Exception as error:  # the parser and the inliner have errors of their own
        raise refused(path, first_line(error), "an ONNX model") from None


def _content(path: Path) -> bytes:
    check_regular_file(path)
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise refused(path, f"{size:,} bytes", f"at most {MAX_BYTES:,}")
        return path.read_bytes()
    except OSError as error:
        raise path_error(path, error, READABLE) from None


def checked(model: onnx.ModelProto, path: Path) -> onnx.ModelProto:
    """Return ``model``, which keeps the rules of the format.

    Raises:
        InputError: it breaks them.
    """
    try:
        checker.check_model(model)
    except Exception as error:  # the checker has errors of its own
        raise refused(path, first_line(error), "a model that the ONNX checker accepts") from None
    return model


def graphs_of(graph: onnx.GraphProto) -> Iterator[onnx.GraphProto]:
    """Yield ``graph`` and all graphs inside its nodes."""
    yield graph
    for node in graph.node:
        for inside in graphs_inside(node):
            yield from graphs_of(inside)


def graphs_inside(node: onnx.NodeProto) -> Iterator[onnx.GraphProto]:
    """Yield the graphs that are attributes of ``node``."""
    for attribute in node.attribute:
        if attribute.HasField("g"):
            yield attribute.g
        yield from attribute.graphs


def refused(path: Path, given: str, allowed: str, field: str = "") -> InputError:
    """Return the error that the file at ``path`` cannot be used."""
    return InputError(str(path), [Problem(field, given, allowed)])


def first_line(error: Exception) -> str:
    """Return the first line of a message of the ONNX library."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return printable(lines[0])[:MESSAGE_CHARACTERS]
