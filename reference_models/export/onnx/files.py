"""Export of a codec as two files, each with the graph of one side."""

from __future__ import annotations

from pathlib import Path

from lrac_audit.files import replacing
from reference_models.export.codec import programs_of
from reference_models.export.onnx.graph import model_of
from reference_models.export.onnx.metadata import metadata_of
from reference_models.nn.codec import Codec


def write_graphs(codec: Codec, layers: int, folder: Path) -> list[Path]:
    """Write ``transmit.onnx`` and ``receive.onnx`` into ``folder``; return their paths.

    Raises:
        InputError: the codec cannot be exported, or a file cannot be written.
    """
    programs = programs_of(codec, layers)
    models = [model_of(program, metadata_of(codec, program)) for program in programs]
    paths = [folder / f"{program.side}.onnx" for program in programs]
    for path, model in zip(paths, models, strict=True):
        with replacing(path) as beside:
            beside.write_bytes(model.SerializeToString())
    return paths
