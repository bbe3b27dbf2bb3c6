"""The registry of exporters, from which ``lrac-codec export --to`` takes its values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType

from lrac_audit.errors import InputError, Problem
from lrac_audit.ledger.row import Side
from reference_models.audio.reading import Block
from reference_models.export.int8_report import Int8Export, Score
from reference_models.nn.codec import Codec

Exporter = Callable[[Codec, int, Path], list[Path]]
"""Writes a codec with so many layers of its quantizer into a folder; returns the files."""


def _onnx() -> Exporter:
    from reference_models.export.onnx.files import write_graphs

    return write_graphs


def _c() -> Exporter:
    from reference_models.export.c.export import write_c

    return write_c


EXPORTERS: Mapping[str, Callable[[], Exporter]] = MappingProxyType({"onnx": _onnx, "c": _c})
"""What loads each exporter, by name. Its packages are imported when it is asked for."""


Int8Exporter = Callable[[Codec, int, Path, Block, Sequence[Side], Score], Int8Export]
"""Writes a codec as an exporter does, with weights of some sides in 8 bits, calibrated on audio.

The score is of audio decoded before and after."""


def _onnx_int8() -> Int8Exporter:
    from reference_models.export.int8_export import export_int8
    from reference_models.export.onnx.form import OnnxForm

    return partial(export_int8, OnnxForm)


def _c_int8() -> Int8Exporter:
    from reference_models.export.c.form import CForm
    from reference_models.export.int8_export import export_int8

    return partial(export_int8, CForm)


INT8_EXPORTERS: Mapping[str, Callable[[], Int8Exporter]] = MappingProxyType(
    {"onnx": _onnx_int8, "c": _c_int8}
)
"""What loads each exporter of weights in 8 bits, by name."""


def load_int8_exporter(name: str) -> Int8Exporter:
    """Return the exporter called ``name`` of weights in 8 bits.

    Raises:
        InputError: there is none.
    """
    if name not in INT8_EXPORTERS:
        allowed = " or ".join(f"--to {each}" for each in INT8_EXPORTERS)
        raise InputError("options", [Problem("--int8", f"--to {name}", allowed)])
    return INT8_EXPORTERS[name]()


def load_exporter(name: str) -> Exporter:
    """Return the exporter called ``name``.

    Raises:
        InputError: there is none.
    """
    if name not in EXPORTERS:
        raise InputError("options", [Problem("--to", name, ", ".join(EXPORTERS))])
    return EXPORTERS[name]()
