"""Report of an absorption: the check that codes are the same, and the memory it costs."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path

from lrac_audit.console.layout import Column, Table
from lrac_audit.console.screen import Screen
from lrac_audit.design.parts import CodecDesign
from lrac_audit.ledger.memory import memory
from lrac_audit.ledger.row import RvqForm, Side
from lrac_audit.ledger.walk import walk
from reference_models.streaming.absorption_check import AbsorptionCheck


def agreement_line(agreement: AbsorptionCheck) -> str:
    """Return the result of the comparison, in one line."""
    same = agreement.indices - agreement.different_indices
    return (
        f"{same:,} of {agreement.indices:,} codes identical, "
        f"audio within {agreement.largest_difference:.1e} of full scale"
    )


def sizes(design: CodecDesign, paths: Mapping[Side, Path], screen: Screen) -> str:
    """Return a table: each side's file beside the audit's figures, absorbed and as trained."""
    columns = [
        Column("side"),
        Column("file"),
        Column("bytes", right=True),
        Column("header", right=True, spare=2),
        Column("values", right=True, spare=1),
        Column("audit", right=True),
        Column("projected", right=True),
    ]
    rows, note = [], "audit: of this form, and as trained (projected)"
    for side, path in paths.items():
        file_bytes, header_bytes = path.stat().st_size, _header_bytes(path)
        values = file_bytes - header_bytes
        audited = _audited_bytes(design, "absorbed", side)
        if audited > values:
            note += f"; {side}, with {audited - values:,} of windows and factors of transforms"
        figures = (
            file_bytes,
            header_bytes,
            values,
            audited,
            _audited_bytes(design, "projected", side),
        )
        rows.append([side, path.name, *(f"{figure:,}" for figure in figures)])
    return f"{screen.table(Table(columns, rows))}in bytes, every value a float32; {note}\n"


def _audited_bytes(design: CodecDesign, form: RvqForm, side: Side) -> int:
    return memory(walk(design, form, design.quantizer.layers), side).stored_bytes("float32")


def _header_bytes(path: Path) -> int:
    """Return the size of a safetensors file's header: a length, and names as JSON."""
    with path.open("rb") as file:
        (json_bytes,) = struct.unpack("<Q", file.read(8))
    return 8 + int(json_bytes)
