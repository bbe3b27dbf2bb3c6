"""The registry of exporters, from which ``lrac-codec export --to`` takes its values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from lrac_audit.errors import InputError, Problem
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


def load_exporter(name: str) -> Exporter:
    """Return the exporter called ``name``.

    Raises:
        InputError: there is none.
    """
    if name not in EXPORTERS:
        raise InputError("options", [Problem("--to", name, ", ".join(EXPORTERS))])
    return EXPORTERS[name]()
