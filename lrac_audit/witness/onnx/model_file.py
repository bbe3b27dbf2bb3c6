"""Read the model in an ONNX file, and never the files beside it."""

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


def content_of(path: Path) -> bytes:
    """Return the content of the file at ``path``.

    Raises:
        InputError: there is no such file, or it is too large.
    """
    check_regular_file(path)
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise refused(str(path), f"{size:,} bytes", f"at most {MAX_BYTES:,}")
        return path.read_bytes()
    except OSError as error:
        raise path_error(path, error, READABLE) from None


def model_of(content: bytes, source: str) -> onnx.ModelProto:
    """Return the model in ``content``, its local functions put in where they are called.

    Raises:
        InputError: it holds no model, or too large a one.
    """
    try:
        model = onnx.load_model_from_string(content)
        nodes = sum(len(graph.node) for graph in graphs_of(model.graph))
        if nodes > MAX_NODES:
            raise refused(source, f"{nodes:,} nodes", f"at most {MAX_NODES:,}")
        return inliner.inline_local_functions(model) if model.functions else model
    except InputError:
        raise
    except Exception as error:  # the parser and the inliner have errors of their own
        raise refused(source, first_line(error), "an ONNX model") from None


def checked(model: onnx.ModelProto, source: str) -> onnx.ModelProto:
    """Return ``model``, which keeps the rules of the format.

    Raises:
        InputError: it breaks them.
    """
    try:
        checker.check_model(model)
    except Exception as error:  # the checker has errors of its own
        raise refused(source, first_line(error), "a model that the ONNX checker accepts") from None
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


def refused(source: str, given: str, allowed: str, field: str = "") -> InputError:
    """Return the error that the model in ``source`` cannot be used."""
    return InputError(source, [Problem(field, given, allowed)])


def first_line(error: Exception) -> str:
    """Return the first line of a message of the ONNX library."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return printable(lines[0])[:MESSAGE_CHARACTERS]
