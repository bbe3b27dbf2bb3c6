"""The tables of an audit, as columns and cells that formats lay out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from lrac_audit.console.layout import Column, Table
from lrac_audit.ledger.conventions import fate_of
from lrac_audit.ledger.latency import latency
from lrac_audit.ledger.memory import BYTES_PER_VALUE, STATE_DTYPE, Memory, memory
from lrac_audit.ledger.row import Row, Side, Storage
from lrac_audit.ledger.scratch import Scratch, scratch
from lrac_audit.ledger.totals import Part
from lrac_audit.limits.check import Check
from lrac_audit.report.numerals import (
    NO_BOUND,
    check_figure,
    check_margin,
    check_value,
    delay_ms,
    fixed,
    number,
)

if TYPE_CHECKING:
    from lrac_audit.auditing.audit import Audit


def layers(audit: Audit, per_frame: bool) -> Table:
    """Return a row for each operation that is counted or adds delay: shape, rate, cost, delay."""
    ledger, convention = audit.ledger, audit.convention
    unit = convention.frame_unit if per_frame else convention.unit
    columns = (
        Column("Layer"),
        Column("Shape", spare=2),
        Column("Runs" if per_frame else "Rate Hz", right=True, spare=3),
        Column(unit, right=True),
        Column("Delay ms", right=True),
    )
    total = audit.totals.cost("overall", convention).price_per_frame
    rows, shares = [], []
    for row in ledger.rows:
        if fate_of(row, convention).fate == "ignored" and row.delay_samples == 0:
            continue
        price = convention.price(row.work)
        runs = row.runs_per_frame if per_frame else ledger.per_second(row.runs_per_frame)
        cost = price / 1000 if per_frame else ledger.millions_per_second(price)
        delay = "" if row.delay_samples == 0 else delay_ms(ledger, row.delay_samples)
        rows.append([row.name, shape(row), number(runs, 2), fixed(cost), delay])
        shares.append(price / total if price else None)
    return Table(columns, rows, shares, is_list=True)


def shape(row: Row) -> str:
    """Return the channels, then kernel, stride, dilation and groups where they are not 1."""
    g = row.geometry
    if row.op == "search":
        return f"{g.channels_out} x {g.channels_in}"
    marks = {"k": g.kernel, "s": g.stride, "d": g.dilation, "g": g.groups}
    words = [f"{mark}{value}" for mark, value in marks.items() if value != 1]
    if row.op in ("conv", "transposed_conv") and g.kernel == 1:
        words.insert(0, "k1")
    return " ".join([f"{g.channels_in}>{g.channels_out}", *words])


def totals(audit: Audit, per_frame: bool) -> Table:
    """Return the cost and delay of each stage, each side and the whole."""
    ledger, convention, delay = audit.ledger, audit.convention, latency(audit.ledger)
    columns = (
        Column("Total"),
        Column("kMAC" if per_frame else "MMAC/s", right=True, spare=1),
        Column(convention.frame_unit if per_frame else convention.unit, right=True),
        Column("Delay ms", right=True),
    )

    def cells(title: str, part: Part, delay: str = "") -> list[str]:
        cost = audit.totals.cost(part, convention)
        if per_frame:
            macs, price = cost.macs_per_frame / 1000, cost.price_per_frame / 1000
        else:
            macs = ledger.millions_per_second(cost.macs_per_frame)
            price = ledger.millions_per_second(cost.price_per_frame)
        return [title, f"{macs:,.4f}", f"{price:,.4f}", delay]

    ahead = delay.transmit_samples
    sent = delay_ms(ledger, None if ahead is None else delay.buffering_samples + ahead)
    received = delay_ms(ledger, delay.receive_samples)
    rows = [["  buffering", "", "", delay_ms(ledger, delay.buffering_samples)]]
    if ledger.is_divided:
        rows += [
            cells("  encoder", "encoder", delay_ms(ledger, ahead)),
            cells("  RVQ, transmit", "rvq_transmit"),
            cells("transmit side", "transmit", sent),
            cells("  RVQ, receive", "rvq_receive"),
            cells("  decoder", "decoder", received),
            cells("receive side", "receive", received),
        ]
    rows.append(cells("overall", "overall", delay_ms(ledger, delay.total_samples)))
    if convention.unit == columns[1].heading:  # one column says it all
        return Table((*columns[:2], columns[3]), [[a, b, d] for a, b, _, d in rows])
    return Table(columns, rows)


def storage(audit: Audit) -> Table:
    """Return the values and bytes that each side stores, and its streaming state."""
    headings: Mapping[Side, str] = (
        {"transmit": "Transmit", "receive": "Receive"}
        if audit.ledger.is_divided
        else {"undivided": "Whole codec"}
    )
    columns = (
        Column("Memory"),
        *(Column(heading, right=True) for heading in headings.values()),
        Column("Unit"),
    )
    sides = [memory(audit.ledger, side) for side in headings]
    names: dict[Storage, str] = {
        "weights": "  layer weights",
        "projection_in": "  input projections",
        "projection_out": "  output projections",
        "codebook": "  codebooks",
        "table": "  absorbed tables",
    }
    rows = [
        [title, *(f"{side.stored_values[key]:,}" for side in sides), "values"]
        for key, title in names.items()
        if any(side.stored_values[key] for side in sides)
    ]
    for dtype in BYTES_PER_VALUE:
        rows.append([f"stored as {dtype}", *(f"{s.stored_bytes(dtype):,}" for s in sides), "bytes"])
    for title, kept in (
        ("streaming state", [side.state_values for side in sides]),
        ("held by skip paths", [side.held_values for side in sides]),
    ):
        rows.append([title, *(_counted(values, audit) for values in kept), "values"])
    working = scratch(audit.ledger)
    if working:
        rows += _working_memory(sides, [working[side] for side in headings], audit)
    return Table(columns, rows)


def _working_memory(
    sides: Sequence[Memory], scratches: Sequence[Scratch], audit: Audit
) -> list[list[str]]:
    """Return the rows of the scratch memory, and of all memory that changes in a stream."""
    total: list[str] = []
    for side, working in zip(sides, scratches, strict=True):
        kept = (side.state_bytes, side.held_bytes, working.peak_bytes(STATE_DTYPE))
        known = None if None in kept else sum(size or 0 for size in kept)
        total.append(_counted(known, audit))
    return [
        ["scratch, peak", *(f"{working.peak_values:,}" for working in scratches), "values"],
        [f"state, held and scratch as {STATE_DTYPE}", *total, "bytes"],
    ]


def _counted(values: int | None, audit: Audit) -> str:
    if values is None:
        return "not measured" if audit.ledger.measured else NO_BOUND
    return f"{values:,}"


def checks(audit: Audit) -> Table:
    """Return the limit, value, margin and status of every check."""
    columns = (
        Column(f"Limits of {audit.verdict.limits.title}"),
        Column("Limit", right=True),
        Column("Value", right=True),
        Column("Margin", right=True, spare=1),
        Column("Status", is_status=True),
    )
    return Table(columns, [check_cells(check) for check in audit.verdict.checks])


def _subject(check_id: str) -> str:
    """Return the words of an id without its unit: ``increase of total latency``."""
    figure = check_id.removesuffix("_increase")
    without_rate = figure.removesuffix("_per_s")
    words = (without_rate.rpartition("_")[0] or without_rate).replace("_", " ")
    return words if figure == check_id else f"increase of {words}"


def check_cells(check: Check) -> list[str]:
    """Return the cells of one check: what it is about, limit, value, margin, status."""
    return [
        f"{_subject(check.id)}, {check.unit}",
        check_figure(check.limit),
        check_value(check),
        check_margin(check),
        check.status,
    ]
