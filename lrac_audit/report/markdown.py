"""An audit as Markdown, for a pull request or a step summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lrac_audit.report import remarks, tables
from lrac_audit.report.text import markdown_table, markdown_text

if TYPE_CHECKING:
    from lrac_audit.auditing.audit import Audit


def render(audit: Audit, per_frame: bool = False) -> str:
    """``audit`` as headed Markdown tables, the verdict first."""
    name = markdown_text(audit.ledger.name)
    judged, stored = tables.checks(audit), tables.storage(audit)
    found = [tables.totals(audit, per_frame), tables.layers(audit, per_frame), stored]
    parts = [
        f"## {name}: {audit.verdict.status}\n",
        markdown_text(remarks.terms(audit)) + "\n",
        markdown_table(judged),
        *(markdown_table(part) for part in found),
        "".join(f"- {markdown_text(line)}\n" for line in remarks.remarks(audit)),
    ]
    return "\n".join(parts)


def summary(audit: Audit) -> str:
    """The verdict and its checks alone."""
    judged = tables.checks(audit)
    heading = f"## {markdown_text(audit.ledger.name)}: {audit.verdict.status}\n"
    return f"{heading}\n{markdown_table(judged)}"
