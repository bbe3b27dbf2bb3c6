"""The counting conventions: what each prices, and why a price may be 0."""

from __future__ import annotations

from lrac_audit.console.layout import Column, Table
from lrac_audit.console.screen import PLAIN, Screen
from lrac_audit.ledger.conventions import CONVENTIONS, ignored_reason
from lrac_audit.ledger.row import ALL_KINDS, MAC_KINDS


def render(screen: Screen = PLAIN) -> str:
    """Return what each convention is, the table of its prices, and the reasons for each 0."""
    found = CONVENTIONS.values()
    about = [f"{c.name} (version {c.version}): {c.summary}" for c in found]
    kinds = sorted(ALL_KINDS, key=lambda kind: kind not in MAC_KINDS)
    columns = [Column("Price of one")]
    columns += [Column(c.name, right=True, spare=i) for i, c in enumerate(found)]
    prices = Table(columns, [[kind, *(str(c.prices[kind]) for c in found)] for kind in kinds])
    reasons: dict[str, list[str]] = {}
    for kind in kinds:
        if any(c.prices[kind] == 0 for c in found):
            reasons.setdefault(ignored_reason(kind), []).append(kind)
    lines = [f"{', '.join(kinds)}: {reason}" for reason, kinds in reasons.items()]
    parts = [screen.bullets(about), screen.table(prices)]
    return "\n".join([*parts, screen.heading("Why a price may be 0") + screen.bullets(lines)])
