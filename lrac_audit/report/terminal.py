"""An audit as text for a terminal or a pipe."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lrac_audit.console.screen import PLAIN, Screen
from lrac_audit.report import agreement, remarks, tables

if TYPE_CHECKING:
    from lrac_audit.auditing.audit import Audit


def render(
    audit: Audit, per_frame: bool = False, verbose: bool = False, screen: Screen = PLAIN
) -> str:
    """Return ``audit`` as tables and sentences.

    ``verbose`` adds what was ignored on purpose, and why.
    """
    parts = [
        screen.heading(audit.ledger.name) + screen.text(remarks.terms(audit)),
        screen.table(tables.layers(audit, per_frame)),
        screen.table(tables.totals(audit, per_frame)),
        screen.table(tables.storage(audit)),
        screen.bullets(remarks.remarks(audit)),
    ]
    if verbose:
        operations, keys = remarks.ignored_operations(audit), audit.target.ignored
        parts.append(_listed(screen, "Operations ignored on purpose", operations))
        parts.append(_listed(screen, "Recipe keys ignored on purpose", remarks.ignored_keys(keys)))
    unknown = remarks.uncounted_operations(audit)
    parts.append(_listed(screen, "Operations that are not known", unknown))
    if audit.agreement is not None:
        parts.append(agreement.render(audit.agreement, verbose, screen))
    verdict = screen.verdict("verdict", audit.verdict.status)
    parts.append(screen.table(tables.checks(audit)) + verdict)
    return "\n".join(part for part in parts if part)


def _listed(screen: Screen, title: str, lines: Sequence[str]) -> str:
    return screen.heading(title) + screen.bullets(lines) if lines else ""
