"""The report on the counting conventions."""

from __future__ import annotations

from collections.abc import Sequence

from lrac_audit.console.layout import Column, Table
from lrac_audit.ledger.conventions import CONVENTIONS, ignored_reason
from lrac_audit.ledger.row import ALL_KINDS, MAC_KINDS
from lrac_audit.report.blocks import Bullets, ScreenSection, listed
from lrac_audit.report.content import ScreenContent


class ConventionsReport(ScreenContent):
    """The price that each convention puts on each kind of operation."""

    def screen_sections(self) -> Sequence[ScreenSection]:
        """Return a line about each convention, the prices, and why a price may be 0."""
        about = [f"{c.name} (version {c.version}): {c.summary}" for c in CONVENTIONS.values()]
        kinds = sorted(ALL_KINDS, key=lambda kind: kind not in MAC_KINDS)
        return [
            [Bullets(about)],
            [_prices(kinds)],
            *listed("Why a price may be 0", _reasons(kinds)),
        ]


def _prices(kinds: Sequence[str]) -> Table:
    columns = [Column("Price of one")]
    columns += [Column(name, right=True, spare=i) for i, name in enumerate(CONVENTIONS)]
    rows = [[kind, *(str(c.prices[kind]) for c in CONVENTIONS.values())] for kind in kinds]
    return Table(columns, rows)


def _reasons(kinds: Sequence[str]) -> list[str]:
    """Return the reasons of the prices that are 0, each with the kinds it holds for."""
    reasons: dict[str, list[str]] = {}
    for kind in kinds:
        if any(c.prices[kind] == 0 for c in CONVENTIONS.values()):
            reasons.setdefault(ignored_reason(kind), []).append(kind)
    return [f"{', '.join(kinds)}: {reason}" for reason, kinds in reasons.items()]
