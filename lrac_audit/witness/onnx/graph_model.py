"""One side of a codec as a graph of ONNX nodes, whose values have fixed shapes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any, NamedTuple

from numpy.typing import NDArray

Array = NDArray[Any]


def words(text: str) -> list[str]:
    """Return the words of a list that is too long for quotes and commas."""
    return text.split()


class Value(NamedTuple):
    """The type of one value of a graph."""

    shape: tuple[int, ...] | None
    """None where no fixed shape follows from the graph."""
    dtype: str
    """The name of the type in NumPy, such as ``float32``; empty where it is not known."""

    @property
    def values(self) -> int:
        """The number of values in it; 0 where that is not known."""
        return 0 if self.shape is None else prod(self.shape)

    @property
    def is_float(self) -> bool:
        """Whether it holds fractions."""
        return "float" in self.dtype


UNKNOWN = Value(None, "")


class Weight(NamedTuple):
    """A constant that the file holds."""

    value: Value
    array: Array | None
    """The values; None where they are many, or in a file beside the graph, which is not read."""
    digest: str
    """Equal for equal constants."""

    @property
    def is_stored(self) -> bool:
        """Whether it counts as stored.

        Whole numbers of 64 bits and truth values are shapes, axes and indices; they belong to the
        program, as does a number without an axis.
        """
        return self.value.dtype not in ("int64", "bool") and self.value.shape != ()


@dataclass(frozen=True, slots=True)
class Node:
    """One call of an operator."""

    name: str
    """The name that the file gives it, else one made of its operator and its place."""
    op: str
    domain: str
    """Empty for the operators of the ONNX standard."""
    inputs: tuple[str, ...]
    """Names of values; empty for one that is left out."""
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]
    """Numbers, texts, lists and arrays."""
    bodies: Mapping[str, Body]
    """The graphs inside, such as the branches of an ``If``."""
    proto: Any
    """The node as the file has it."""


@dataclass(frozen=True, slots=True)
class Body:
    """Nodes in the order in which they run, and what they see."""

    nodes: tuple[Node, ...]
    outputs: tuple[str, ...]
    values: Mapping[str, Value]
    """By name, those of the graphs around it included."""
    weights: Mapping[str, Weight]
    """Likewise."""

    def value(self, name: str) -> Value:
        """Return the type of a value."""
        return self.values.get(name, UNKNOWN)

    def result_values(self) -> int:
        """Return the values of all results of one call, those inside of nodes included."""
        own = sum(self.value(name).values for node in self.nodes for name in node.outputs)
        return own + sum(
            each.result_values() for node in self.nodes for each in node.bodies.values()
        )

    def all_nodes(self) -> Iterator[Node]:
        """Yield every node, those inside others included."""
        for node in self.nodes:
            yield node
            for body in node.bodies.values():
                yield from body.all_nodes()


@dataclass(frozen=True, slots=True)
class Graph:
    """The graph of one file."""

    source: str
    body: Body
    inputs: tuple[str, ...]
    """Without constants of the file."""
    metadata: Mapping[str, str]
    opset: int
    """The version of the ONNX standard's operators."""

    def value(self, name: str) -> Value:
        """Return the type of a value of the outermost graph."""
        return self.body.value(name)
