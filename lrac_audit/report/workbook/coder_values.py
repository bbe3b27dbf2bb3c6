"""The values of a row on the pages Encoder and Decoder, from the ledger and the design."""

from __future__ import annotations

from lrac_audit.design.sheet import layout
from lrac_audit.ledger.conventions import Convention
from lrac_audit.ledger.row import Ledger, Row
from lrac_audit.report.workbook.figures import required
from lrac_audit.report.workbook.page import Value
from lrac_audit.report.workbook.placed_steps import PlacedStep

_ATTRIBUTES = {"trim": "trim_left"}
"""Columns that are not named as the attribute of the part."""


def row_values(
    placed: PlacedStep, row: Row, ledger: Ledger, convention: Convention
) -> dict[str, Value]:
    """Return the value of each column but ``context`` and ``live``, which depend on other rows."""
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
        "step": placed.step.samples_per_step,
        "rate": ledger.per_second(row.runs_per_frame),
        "macs": row.macs_per_frame,
        "mmacs": ledger.millions_per_second(row.macs_per_frame),
        "cost": cost,
        "mflops": ledger.millions_per_second(cost),
        "parameters": row.stored_values,
        "past": "unbounded" if row.past_samples is None else row.past_samples,
        "delay": row.delay_samples,
        "delay_ms": ledger.milliseconds(required(row.delay_samples)),
        "state": row.state_values,
        "held": row.held_values,
        "check": "ok",
    }


def input_value(placed: PlacedStep, key: str) -> Value:
    """Return the value of the input column ``key``, as a cell shows it."""
    part = placed.unit.part if key == "compress" and placed.unit else placed.step.part
    found: Value = getattr(part, _ATTRIBUTES.get(key, key))
    if isinstance(found, bool):
        return layout.YES if found else layout.NO
    return found
