"""The axis of a Fourier transform."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lrac_audit.witness.onnx.graph_model import Array


def fourier_axis(
    is_given: bool, value: Array | None, attributes: Mapping[str, Any], axes: int
) -> int:
    """Return the axis of a ``DFT`` of data of so many axes.

    It is an input since version 20 of the operators, -2 if it is left out; before that it is an
    attribute, 1 if it is left out.

    Raises:
        ValueError: its value is not known, or it is left out and the versions differ.
    """
    if is_given and value is not None:
        return int(value.flat[0])
    if not is_given and "axis" in attributes:
        return int(attributes["axis"])
    if not is_given and axes == 3:
        return 1
    raise ValueError("the axis is not known")
