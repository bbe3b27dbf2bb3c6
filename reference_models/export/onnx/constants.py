"""Constants of a graph."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

from reference_models.export.quantization import quantize


class Constants:
    """The constants of a graph in the making, by name."""

    def __init__(self, int8: bool = False) -> None:
        self.int8 = int8
        """Whether weights are stored in 8 bits."""
        self._dequantized: set[str] = set()
        self._arrays: dict[str, NDArray[Any]] = {}
        self.nodes: list[NodeProto] = []
        """Nodes that compute constants from constants."""

    def add(self, name: str, values: NDArray[Any]) -> str:
        """Enter ``values`` and return their name; the same may be entered again."""
        self._arrays.setdefault(name, values)
        return name

    def weight(self, name: str, values: NDArray[np.float32], axis: int) -> str:
        """Enter weights, whose output channels are along ``axis``: as 8 bits where that is wanted.

        They are then multiplied back by the scale of each channel.
        """
        if not self.int8:
            return self.add(name, values)
        whole, scale = quantize(values, axis)
        self.add(f"{name}.int8", whole)
        self.add(f"{name}.scale", scale)
        if name not in self._dequantized:
            self._dequantized.add(name)
            reads = [f"{name}.int8", f"{name}.scale"]
            node = helper.make_node("DequantizeLinear", reads, [name], name, axis=axis)
            self.nodes.append(node)
        return name

    def ints(self, *values: int) -> str:
        """Return the name of a vector of whole numbers."""
        return self.add("ints." + ".".join(map(str, values)), np.array(values, np.int64))

    def integer(self, value: int) -> str:
        """Return the name of a single whole number."""
        return self.add(f"integer.{value}", np.array(value, np.int64))

    def number(self, value: float, dtype: type = np.float32) -> str:
        """Return the name of a single number."""
        return self.add(f"number.{value!r}.{dtype.__name__}", np.array(value, dtype))

    @property
    def zero(self) -> str:
        """The name of the number 0."""
        return self.number(0.0)

    def tensors(self) -> list[TensorProto]:
        """Return all of them as a graph holds them."""
        return [
            numpy_helper.from_array(np.ascontiguousarray(array), name)
            for name, array in self._arrays.items()
        ]
