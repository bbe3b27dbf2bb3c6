"""An audit as text for a terminal, readable at 80 columns."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from lrac_audit.report import agreement, remarks, tables
from lrac_audit.report.text import PLAIN, Style, table

if TYPE_CHECKING:
    from lrac_audit.auditing.audit import Audit

WIDTH = 79


def render(
    audit: Audit, per_frame: bool = False, verbose: bool = False, style: Style = PLAIN
) -> str:
    """``audit`` as tables and sentences. ``verbose`` adds what was ignored on purpose, and why."""
    parts = [f"{style.bold(audit.ledger.name)}\n{remarks.terms(audit)}\n"]
    for found in (tables.layers(audit, per_frame), tables.totals(audit, per_frame)):
        parts.append(table(found.columns, found.rows, style))
    stored = tables.storage(audit)
    parts.append(table(stored.columns, stored.rows, style))
    parts.append(bullets(remarks.remarks(audit)))
    if verbose:
        parts.append(_listed("Operations ignored on purpose", remarks.ignored_operations(audit)))
        keys = remarks.ignored_keys(audit.target.ignored)
        parts.append(_listed("Recipe keys ignored on purpose", keys))
    parts.append(_listed("Operations that are not known", remarks.uncounted_operations(audit)))
    if audit.agreement is not None:
        parts.append(agreement.render(audit.agreement, verbose, style))
    judged = tables.checks(audit)
    cells = [[*row[:-1], style.status(row[-1])] for row in judged.rows]
    verdict = f"verdict: {style.status(audit.verdict.status)}\n"
    parts.append(table(judged.columns, cells, style) + verdict)
    return "\n".join(part for part in parts if part)


def _listed(title: str, lines: list[str]) -> str:
    return f"{title}\n{bullets(lines)}" if lines else ""


def bullets(lines: list[str]) -> str:
    """Sentences as a list, broken between words."""
    wrapped = [
        textwrap.fill(
            line,
            WIDTH,
            initial_indent="- ",
            subsequent_indent="  ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        for line in lines
    ]
    return "".join(f"{text}\n" for text in wrapped)
