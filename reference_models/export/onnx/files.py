"""Export of a codec as files: its graphs, and what their metadata says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from lrac_audit.files import make_folder, replacing, write_text
from reference_models.export.codec import programs_of
from reference_models.export.onnx.sides import SideModels, graphs_of
from reference_models.nn.codec import Codec

EDGES, METADATA = "edges", "codec.json"


def write_graphs(codec: Codec, layers: int, folder: Path) -> list[Path]:
    """Write the graphs of ``codec`` into ``folder``, as :func:`write_sides` does.

    Raises:
        InputError: the codec cannot be exported, or a file cannot be written.
    """
    return write_sides(
        {each.side: graphs_of(codec, each) for each in programs_of(codec, layers)}, folder
    )


def write_sides(sides: Mapping[str, SideModels], folder: Path) -> list[Path]:
    """Write ``transmit.onnx`` and ``receive.onnx`` into ``folder``, and those for edges of clips.

    The latter have the same names and lie in the folder ``edges`` inside. The metadata of both
    sides is written as JSON too, since not every runtime shows it. Returns all paths.

    Raises:
        InputError: a file cannot be written.
    """
    models = {
        place / f"{side}.onnx": model
        for side, both in sides.items()
        for place, model in zip((folder, folder / EDGES), both, strict=True)
    }
    make_folder(folder / EDGES)
    for path, model in models.items():
        with replacing(path) as beside:
            beside.write_bytes(model.SerializeToString())
    said = {side: _metadata(both) for side, both in sides.items()}
    write_text(folder / METADATA, json.dumps(said, indent=2) + "\n")
    return [*models, folder / METADATA]


def _metadata(models: SideModels) -> dict[str, str]:
    return {each.key: each.value for each in models.midst.metadata_props}
