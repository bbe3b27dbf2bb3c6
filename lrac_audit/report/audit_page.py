"""The page of an audit for a browser: the verdict first, then pictures and tables, and sources."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lrac_audit.console.layout import Column, Table
from lrac_audit.ledger.row import Row
from lrac_audit.report import audit_sentences, audit_tables, witness_tables
from lrac_audit.report.audit_tables import shape
from lrac_audit.report.blocks import (
    Bullets,
    Heading,
    IllustratedBlock,
    IllustratedSection,
    Paragraph,
    StatusLine,
    listed,
)
from lrac_audit.report.numerals import delay_ms, fixed, number
from lrac_audit.report.pictures.registry import PICTURES, picture_block

if TYPE_CHECKING:
    from lrac_audit.auditing.audit import Audit


def audit_page(audit: Audit, costs: Table, per_frame: bool) -> list[IllustratedSection]:
    """Return the sections of the page; ``costs`` is the table of what each layer costs."""
    sections: list[IllustratedSection] = [
        [
            StatusLine("verdict", audit.verdict.status),
            Paragraph(audit_sentences.terms(audit)),
            audit_tables.checks(audit),
        ],
        [Heading("Cost"), *_picture(audit, "cost"), audit_tables.totals(audit, per_frame)],
        [Heading("Latency"), *_picture(audit, "latency")],
    ]
    field_of_view = _picture(audit, "view")
    if field_of_view:
        sections.append([Heading("Field of view"), *field_of_view])
    sections += [
        [Heading("Memory"), audit_tables.storage(audit)],
        [Heading("Layers"), costs],
        *listed("Operations that are not known", audit_sentences.uncounted_operations(audit)),
        [Heading("Remarks"), Bullets(audit_sentences.remarks(audit))],
    ]
    if audit.agreement is not None:
        found = witness_tables.sections(audit.agreement)
        sections += [[Heading("Witnesses"), *found[0]], *found[1:]] if found else []
    return [*sections, [Heading("Provenance"), provenance(audit)]]


def _picture(audit: Audit, name: str) -> list[IllustratedBlock]:
    """Return a picture; its words alone where there is nothing to draw."""
    found = picture_block(audit, name)
    if found is not None:
        return [found]
    words = PICTURES[name].words(audit)
    return [Paragraph(words)] if words else []


def layer_table(audit: Audit, per_frame: bool) -> Table:
    """Return a row for each layer that costs, stores, keeps or delays anything."""
    ledger, convention = audit.ledger, audit.convention
    columns = (
        Column("Layer"),
        Column("Side"),
        Column("Kind"),
        Column("Shape"),
        Column("Runs" if per_frame else "Rate Hz", right=True),
        Column(convention.frame_unit if per_frame else convention.unit, right=True),
        Column("Stored", right=True),
        Column("State", right=True),
        Column("Delay ms", right=True),
    )
    total = audit.totals.cost("overall", convention).price_per_frame
    rows, shares = [], []
    for row in ledger.rows:
        price = convention.price(row.work)
        if price or row.stored_values or row.state_values or row.delay_samples != 0:
            rows.append(_layer_cells(audit, row, price, per_frame))
            shares.append(price / total if price else None)
    return Table(columns, rows, shares, caption="Layers in the order of the signal", is_list=True)


def _layer_cells(audit: Audit, row: Row, price: int, per_frame: bool) -> list[str]:
    ledger = audit.ledger
    return [
        row.name,
        row.side,
        row.op.replace("_", " "),
        shape(row),
        number(row.runs_per_frame if per_frame else ledger.per_second(row.runs_per_frame), 2),
        fixed(price / 1000 if per_frame else ledger.millions_per_second(price)),
        f"{row.stored_values:,}" if row.stored_values else "",
        f"{row.state_values:,}" if row.state_values else "",
        "" if row.delay_samples == 0 else delay_ms(ledger, row.delay_samples),
    ]


def provenance(audit: Audit) -> Table:
    """Return where the figures come from: the file, the tool, the way of counting, the limits."""
    from lrac_audit import __version__

    convention, limits, agreement = audit.convention, audit.verdict.limits, audit.agreement
    derived = "derived from the design" if audit.design is not None else "measured by witnesses"
    if agreement is None:
        witnesses = "none; --verify compares every row with independent measurements"
    else:
        names = ", ".join(dict.fromkeys(finding.witness for finding in agreement.findings))
        witnesses = f"{names}: {'they disagree' if agreement.doubts else 'they agree'}"
    rows: Sequence[Sequence[str]] = [
        ["Source", audit.target.source],
        ["Figures", derived],
        ["Witnesses", witnesses],
        ["Convention", f"{convention.name}, version {convention.version}: {convention.summary}"],
        ["Limits", f"{limits.title}: {limits.source}"],
        ["Program", f"lrac-audit {__version__}"],
    ]
    return Table([Column("Provenance"), Column("Where it comes from")], rows)
