"""The ledger as comma-separated values, one row an operation."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from lrac_audit.report.document import layer

if TYPE_CHECKING:
    from lrac_audit.auditing import Audit


def render(audit: Audit) -> str:
    """The ``layers`` of the JSON document as CSV, with a header; unbounded contexts are empty."""
    rows = [layer(audit, row) for row in audit.ledger.rows]
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
