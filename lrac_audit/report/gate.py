"""Report a gate: one line per check and target, the verdict, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lrac_audit.console.layout import Column, Table
from lrac_audit.console.screen import PLAIN, Screen
from lrac_audit.limits.advice import most_costly
from lrac_audit.report import agreement, tables
from lrac_audit.report.remarks import first_doubts, uncounted_operations
from lrac_audit.report.text import number

if TYPE_CHECKING:
    from lrac_audit.auditing.audit import Audit


def render(audits: Sequence[Audit], screen: Screen = PLAIN) -> str:
    """The checks of every target in one table, then for each target its verdict and why."""
    columns = (
        Column("Target"),
        Column("Check"),
        Column("Limit", right=True),
        Column("Value", right=True),
        Column("Margin", right=True, spare=1),
        Column("Status", is_status=True),
    )
    rows = []
    for audit in audits:
        for check in audit.verdict.checks:
            rows.append([audit.target.source, check.id, *tables.check_cells(check)[1:]])
    verdicts = [f"\n{_verdict(audit, screen)}" for audit in audits]
    return screen.table(Table(columns, rows)) + "".join(verdicts)


def _verdict(audit: Audit, screen: Screen) -> str:
    limits, mode = audit.verdict.limits.name, audit.ledger.mode
    form = f"{mode.rvq}, " if mode.rvq else ""
    kbps = "bitrate unknown" if mode.bitrate_kbps is None else f"{number(mode.bitrate_kbps)} kbps"
    terms = f" ({limits}; {form}{kbps}, {audit.convention.name})"
    text = screen.verdict(audit.target.source, audit.verdict.status, terms)
    text += screen.bullets(reasons(audit))
    if audit.agreement is None or not audit.agreement.findings:
        return text
    return f"{text}\n{agreement.render(audit.agreement, screen=screen)}"


def reasons(audit: Audit) -> list[str]:
    """Return what costs most, what is not known, and what would mend a broken limit."""
    dearest = ", ".join(
        f"{cost.row.name} {number(cost.mflops)}"
        for cost in most_costly(audit.ledger, audit.convention)
    )
    found = [f"dearest, in {audit.convention.unit}: {dearest}"]
    if audit.limits_are_default:
        found.append(f"the design names no limits; {audit.verdict.limits.name} is the strictest")
    found += [f"not known: {line}" for line in uncounted_operations(audit)]
    found += [f"not proved: {line}" for line in first_doubts(audit)]
    if audit.agreement is not None:
        found += audit.agreement.remarks
    found += [
        f"to mend {check.id}: {text}"
        for check in audit.verdict.checks
        for text in audit.remedies(check)
    ]
    found += [
        f"under {other.convention.name} it would be {other.status}"
        for other in audit.other_verdicts
    ]
    return found
