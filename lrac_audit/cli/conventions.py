"""``lrac-audit conventions``: how operations are counted."""

from __future__ import annotations

import click

from lrac_audit.cli.common import say


@click.command(short_help="List the counting conventions.")
def conventions() -> None:
    """List the counting conventions: what each prices, and what it ignores and why."""
    from lrac_audit.ledger.conventions import CONVENTIONS, ignored_reason
    from lrac_audit.ledger.row import ALL_KINDS, MAC_KINDS
    from lrac_audit.report.terminal import bullets
    from lrac_audit.report.text import Column, table

    found = CONVENTIONS.values()
    say(bullets([f"{c.name} (version {c.version}): {c.summary}" for c in found]) + "\n")
    columns = [Column("Price of one"), *(Column(c.name, right=True) for c in found)]
    kinds = sorted(ALL_KINDS, key=lambda kind: kind not in MAC_KINDS)
    say(table(columns, [[kind, *(str(c.prices[kind]) for c in found)] for kind in kinds]))
    reasons: dict[str, list[str]] = {}
    for kind in kinds:
        if any(c.prices[kind] == 0 for c in found):
            reasons.setdefault(ignored_reason(kind), []).append(kind)
    lines = [f"{', '.join(kinds)}: {reason}" for reason, kinds in reasons.items()]
    say("\nWhy a price may be 0\n" + bullets(lines))
