"""Edges of a clip in a graph: which rows of a value are steps of the clip, as masks.

Two inputs of the graph for the edges say where a frame lies: ``frame``, how many frames came before
it in the stream, and ``remaining``, the steps of input from its first to the end of the clip. While
the clip has not ended, that is any number of at least the steps of a frame. Each row is a step of
the clip from some frame on and while there remain more than some number of steps, so both are
constants.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, helper

from reference_models.export.onnx.constants import Constants
from reference_models.export.signal import ValidRows

FRAME, REMAINING = "frame", "remaining"


class Edges:
    """The masks of a body for frames at the edges of a clip."""

    def __init__(self, constants: Constants) -> None:
        self._constants = constants
        self._masks: dict[tuple[ValidRows, tuple[int, ...], bytes], str] = {}
        self.nodes: list[NodeProto] = []
        """The nodes that compute the masks."""

    def mask(self, valid: ValidRows, time_axis: int) -> str:
        """Return the name of the mask of ``valid`` rows, which broadcasts along the channels."""
        shape = (1, 1, -1) if time_axis == 2 else (-1, 1)
        return self.mask_of(valid, np.arange(valid.rows).reshape(shape))

    def mask_of(self, valid: ValidRows, rows: NDArray[np.int64]) -> str:
        """Return the name of a mask that says which of ``rows`` are ``valid``, in their shape.

        Rows are counted from the first of this frame; those of earlier frames are negative.
        """
        key = valid, rows.shape, rows.tobytes()
        if key not in self._masks:
            self._masks[key] = self._computed(valid, rows, f"mask.{len(self._masks)}")
        return self._masks[key]

    def _computed(self, valid: ValidRows, rows: NDArray[np.int64], name: str) -> str:
        steps = rows - valid.lag
        first_frame = -(steps // valid.rows)
        passed = _needed(valid, steps)
        limits = [
            (f"{name}.started", "LessOrEqual", first_frame, FRAME),
            (f"{name}.not_ended", "Less", passed, REMAINING),
        ]
        for each, kind, limit, given in limits:
            reads = [self._constants.add(f"{each}.limit", limit), given]
            self.nodes.append(helper.make_node(kind, reads, [each], each))
        self.nodes.append(helper.make_node("And", [each[0] for each in limits], [name], name))
        return name


def _needed(valid: ValidRows, steps: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many steps of input there may be at most without each of a clip's ``steps``.

    ``step < ceil(steps up / down)`` for whole numbers is ``floor(step down / up) < steps``.
    """
    for up, down in reversed(valid.length):
        steps = steps * down // up
    return steps
