"""What ``check`` says: one line per check and target, the verdict, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lrac_audit.console.layout import Column, Table
from lrac_audit.console.screen import PLAIN, Screen
from lrac_audit.ledger.walk import walk
from lrac_audit.limits.advice import most_costly, remedies
from lrac_audit.limits.verdict import Check
from lrac_audit.report import agreement, tables
from lrac_audit.report.document import SCHEMA_VERSION, audit_document
from lrac_audit.report.remarks import first_doubts, uncounted_operations
from lrac_audit.report.text import number

if TYPE_CHECKING:
    from lrac_audit.auditing import Audit


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
    """What costs most, what is not known, and what would mend a broken limit."""
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
        for text in mending(audit, check)
    ]
    found += [
        f"under {other.convention.name} it would be {other.status}"
        for other in audit.other_verdicts
    ]
    return found


def mending(audit: Audit, check: Check) -> list[str]:
    """Changes that would each keep ``check``; none where it is kept."""
    if check.status != "fail":
        return []
    absorbed, design, mode = None, audit.design, audit.ledger.mode
    if design is not None and mode.rvq == "projected" and mode.active_layers is not None:
        absorbed = walk(design, "absorbed", mode.active_layers)
    return list(remedies(check, audit.ledger, audit.convention, absorbed))


def document(audits: Sequence[Audit], exit_code: int) -> dict[str, Any]:
    """The JSON document of a gate: the audit document of every target."""
    return {
        "schema_version": SCHEMA_VERSION,
        "exit_code": exit_code,
        "targets": [audit_document(audit) for audit in audits],
    }
