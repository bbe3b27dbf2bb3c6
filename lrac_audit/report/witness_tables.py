"""Tables of how far witnesses agree: agreement summed up, differences in full."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lrac_audit.console.layout import Column, Table
from lrac_audit.report.blocks import ScreenSection

if TYPE_CHECKING:
    from lrac_audit.ledger.agreement import Agreement, Finding

QUANTITIES = {
    "macs_per_frame": "MACs per frame",
    "delay_samples": "delay, samples",
    "stored_values": "stored values",
    "state_values": "state values",
    "receptive_field_samples": "receptive field",
}
"""Titles of the quantities that witnesses measure."""


def sections(agreement: Agreement, verbose: bool = False) -> list[ScreenSection]:
    """Return a line for each witness and quantity, and what differs; if ``verbose``, everything."""
    found: list[ScreenSection] = []
    if agreement.findings:
        found.append([_summary(agreement)])
    listed = list(agreement.findings) if verbose else agreement.differing
    if listed:
        found.append([_details(listed)])
    return found


def _summary(agreement: Agreement) -> Table:
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in agreement.findings:
        key = (finding.witness, finding.quantity, finding.scope)
        groups.setdefault(key, []).append(finding)
    columns = (
        Column("Witness"),
        Column("Figure"),
        Column("Of each", spare=1),
        Column("Agree", right=True),
        Column("Status", is_status=True),
    )
    rows = []
    for (witness, quantity, scope), findings in groups.items():
        agreeing = sum(finding.agrees for finding in findings)
        count = f"{agreeing} of {len(findings)}"
        rows.append([witness, QUANTITIES[quantity], scope, count, _status(findings)])
    return Table(columns, rows)


def _status(findings: list[Finding]) -> str:
    if all(finding.agrees for finding in findings):
        return "equal"
    return "explained" if all(f.agrees or f.explanation for f in findings) else "different"


def _details(findings: list[Finding]) -> Table:
    columns = (
        Column("Figure of"),
        Column("Witness"),
        Column("Ledger", right=True),
        Column("Witness says", right=True),
        Column("Status", is_status=True),
    )
    rows = []
    for finding in findings:
        figures = ["none" if v is None else f"{v:,}" for v in (finding.expected, finding.found)]
        status = _status([finding])
        why = f"{status}: {finding.explanation}" if finding.explanation else status
        what = f"{finding.name}, {QUANTITIES[finding.quantity]}"
        rows.append([what, finding.witness, *figures, why])
    return Table(columns, rows)
