"""Comma-separated values: the ledger, one row an operation, or the checks of several targets."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lrac_audit.auditing.document import layer
from lrac_audit.report.tables import figure

if TYPE_CHECKING:
    from lrac_audit.auditing.audit import Audit


def render(audit: Audit) -> str:
    """The ``layers`` of the JSON document as CSV, with a header; unbounded contexts are empty."""
    return to_csv([layer(audit, row) for row in audit.ledger.rows])


def render_checks(audits: Sequence[Audit]) -> str:
    """One row per target and check, with a header."""
    return to_csv(
        [
            {
                "target": audit.target.source,
                "check": check.id,
                "limit": figure(check.limit).replace(",", ""),
                "value": figure(check.value).replace(",", ""),
                "margin": figure(check.margin).replace(",", ""),
                "unit": check.unit,
                "status": check.status,
            }
            for audit in audits
            for check in audit.verdict.checks
        ]
    )


def to_csv(rows: Sequence[dict[str, Any]]) -> str:
    """Rows of the same keys, under a header."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
