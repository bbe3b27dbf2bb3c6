"""Export of a codec as files, each with one graph."""

from __future__ import annotations

from pathlib import Path

from lrac_audit.files import make_folder, replacing
from reference_models.export.codec import programs_of
from reference_models.export.onnx.sides import graphs_of
from reference_models.nn.codec import Codec

EDGES = "edges"


def write_graphs(codec: Codec, layers: int, folder: Path) -> list[Path]:
    """Write ``transmit.onnx`` and ``receive.onnx`` into ``folder``, and those for edges of clips.

    The latter have the same names and lie in the folder ``edges`` inside. Returns all paths.

    Raises:
        InputError: the codec cannot be exported, or a file cannot be written.
    """
    models = {
        place / f"{program.side}.onnx": model
        for program in programs_of(codec, layers)
        for place, model in zip((folder, folder / EDGES), graphs_of(codec, program), strict=True)
    }
    make_folder(folder / EDGES)
    for path, model in models.items():
        with replacing(path) as beside:
            beside.write_bytes(model.SerializeToString())
    return list(models)
