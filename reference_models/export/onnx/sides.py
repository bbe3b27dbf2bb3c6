"""The two graphs of a side: for frames in the midst of a clip, and for those at its edges."""

from __future__ import annotations

from typing import NamedTuple

from onnx import ModelProto

from reference_models.export.onnx.graph import model_of
from reference_models.export.onnx.metadata import metadata_of
from reference_models.export.program import Program
from reference_models.export.quantization import Means
from reference_models.nn.codec import Codec


class SideModels(NamedTuple):
    """The graphs of a side, which have the same states and metadata."""

    midst: ModelProto
    edges: ModelProto


def graphs_of(codec: Codec, program: Program, means: Means | None = None) -> SideModels:
    """Return the graphs of ``program``, a side of ``codec``; with ``means`` in 8 bits.

    Raises:
        InputError: an operation is of a kind that has no form in ONNX.
    """
    metadata = metadata_of(codec, program)
    midst, edges = (model_of(program, metadata, at_edges, means) for at_edges in (False, True))
    return SideModels(midst, edges)
