"""A codec as graphs, with weights of some sides in 8 bits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from lrac_audit.ledger.row import Side
from reference_models.audio.reading import Block
from reference_models.bitstream.packing import Indices
from reference_models.export.codec import Programs
from reference_models.export.onnx.calibration import means_of
from reference_models.export.onnx.engine import open_graph
from reference_models.export.onnx.files import write_sides
from reference_models.export.onnx.sides import SideModels, graphs_of
from reference_models.export.onnx.streams import Graphs, OnnxReceiveStream, OnnxTransmitStream
from reference_models.export.quantization import Means
from reference_models.nn.codec import Codec


class OnnxForm:
    """Graphs of both sides; see :class:`reference_models.export.int8_export.Form`."""

    def __init__(self, codec: Codec, programs: Programs, means: Mapping[str, Means]) -> None:
        self._programs = programs
        self._sides: dict[str, SideModels] = {
            each.side: graphs_of(codec, each, means.get(each.side)) for each in programs
        }

    def transmit(self) -> OnnxTransmitStream:
        """Return a fresh stream from audio to codes."""
        return OnnxTransmitStream(_opened(self._sides["transmit"]), self._programs.transmit)

    def receive(self) -> OnnxReceiveStream:
        """Return a fresh stream from codes to audio."""
        return OnnxReceiveStream(_opened(self._sides["receive"]), self._programs.receive)

    def means(self, side: Side, frames: Sequence[Block], codes: Indices) -> Means:
        """Return the means of what products of a side read, by a graph with outputs for them."""
        if side == "transmit":
            return means_of(self._programs.transmit, [frame[None] for frame in frames])
        each = (codes[:, f, None, None] for f in range(codes.shape[1]))
        return means_of(self._programs.receive, each)

    def size_bytes(self, side: Side) -> int:
        """Return the size of the graph of a side for the midst of a clip."""
        return int(self._sides[side].midst.ByteSize())

    def write(self, folder: Path) -> list[Path]:
        """Write the graphs into ``folder`` and return the files."""
        return write_sides(self._sides, folder)


def _opened(models: SideModels) -> Graphs:
    return tuple(open_graph(each.SerializeToString()) for each in models)
