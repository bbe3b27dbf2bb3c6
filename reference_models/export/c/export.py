"""Writing of a codec as C: the header, the sources and the weights of both sides."""

from __future__ import annotations

from pathlib import Path

from lrac_audit.files import make_folder, replacing
from reference_models.bitstream.header import Fingerprints
from reference_models.export.c.amalgamation import RUNTIME
from reference_models.export.c.source import CodecInC, codec_in_c
from reference_models.export.c.weights_file import weights_file
from reference_models.export.codec import programs_of
from reference_models.nn.codec import Codec
from reference_models.nn.fingerprint import design_fingerprint, weights_fingerprint

PROGRAM = "lrac_program.c"


def write_c(codec: Codec, layers: int, folder: Path) -> list[Path]:
    """Write a codec with so many layers of its quantizer into ``folder``; return the files.

    Raises:
        InputError: it has parts that have no code in C, or a file cannot be written.
    """
    fingerprints = Fingerprints(design_fingerprint(codec.design), weights_fingerprint(codec))
    return write_files(codec_in_c(programs_of(codec, layers)), fingerprints, folder)


def write_files(in_c: CodecInC, fingerprints: Fingerprints, folder: Path) -> list[Path]:
    """Write the code and the weights of both sides into ``folder``; return the files.

    Raises:
        InputError: a file cannot be written.
    """
    contents = {
        "lrac_codec.h": in_c.header.encode(),
        "lrac_codec.c": in_c.source.encode(),
        PROGRAM: (RUNTIME / PROGRAM).read_bytes(),
        **{f"{side.program.side}.weights": weights_file(side, fingerprints) for side in in_c.sides},
    }
    make_folder(folder)
    for name, content in contents.items():
        with replacing(folder / name) as beside:
            beside.write_bytes(content)
    return [folder / name for name in contents]
