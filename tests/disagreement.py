"""The findings in which a witness disagrees with a ledger."""

from __future__ import annotations

from lrac_audit.ledger.agreement import Agreement, Finding


def disagreeing(agreement: Agreement) -> list[Finding]:
    """Return the findings that differ, but for what whole calls explain of exported graphs.

    Those are held to their own truth in tests/reference_models/audit/test_exported_graphs.py.
    """
    return [f for f in agreement.differing if f.witness != "exported graph" or not f.explanation]
