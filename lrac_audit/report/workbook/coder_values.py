"""The values of a row on the pages Encoder and Decoder, from the ledger and the design."""

from __future__ import annotations

import re
from operator import attrgetter

from lrac_audit.design.parts import CodecDesign
from lrac_audit.design.sheet import layout
from lrac_audit.ledger.conventions import Convention
from lrac_audit.ledger.row import Ledger, Row
from lrac_audit.report.workbook.figures import known
from lrac_audit.report.workbook.page import Value


def row_values(row: Row, ledger: Ledger, convention: Convention, coder: str) -> dict[str, Value]:
    """What stands in each column, but for ``context``, which depends on the rows before."""
    geometry, cost = row.geometry, convention.price(row.work)
    return {
        "name": row.name,
        "op": row.op,
        "channels_in": geometry.channels_in,
        "channels": geometry.channels_out,
        "kernel": geometry.kernel,
        "stride": geometry.stride,
        "dilation": geometry.dilation,
        "groups": geometry.groups,
        "step": _step(row, ledger, coder),
        "rate": ledger.per_second(row.runs_per_frame),
        "macs": row.macs_per_frame,
        "mmacs": ledger.millions_per_second(row.macs_per_frame),
        "cost": cost,
        "mflops": ledger.millions_per_second(cost),
        "parameters": row.stored_values,
        "past": "unbounded" if row.past_samples is None else row.past_samples,
        "delay": row.delay_samples,
        "delay_ms": ledger.milliseconds(known(row.delay_samples)),
        "state": row.state_values,
        "held": row.held_values,
        "check": "ok",
    }


def _step(row: Row, ledger: Ledger, coder: str) -> int:
    """Audio samples between two steps where the context of the layer is counted."""
    if not row.runs_per_frame:
        return 0
    return ledger.hop_samples // (row.runs_per_frame * row.geometry.stride)


def field_value(design: CodecDesign, field: str) -> Value:
    """A field such as ``encoder.blocks[0].down.kernel``, as a cell shows it."""
    path = re.sub(r"\.trim$", ".trim_left", field)
    found: object = design
    for step in re.findall(r"[a-z_]+|\d+", path):
        found = found[int(step)] if step.isdigit() else attrgetter(step)(found)  # type: ignore[index]
    if isinstance(found, bool):
        return layout.YES if found else layout.NO
    assert found is None or isinstance(found, str | int | float)
    return found
