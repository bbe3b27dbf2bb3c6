"""Whether witnesses say the same as a ledger: figure by figure, with nothing rounded away.

Everything here is whole numbers per latent frame or in samples, so agreement is equality. This
module needs no torch.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Literal, NamedTuple

from lrac_audit.ledger.row import Row, Side

Witness = Literal["operator trace", "fvcore", "latency probe", "streaming run"]
Scope = Literal["row", "module", "stage", "side", "codec"]
Quantity = Literal["macs_per_frame", "delay_samples", "stored_values", "state_values"]


class Finding(NamedTuple):
    """One figure as two witnesses have it, or as the ledger and a witness have it."""

    witness: Witness
    scope: Scope
    name: str
    """What the figure is about: a row's name and side, a stage, a side."""
    quantity: Quantity
    expected: int | None
    """What the ledger says; None where it has no such row."""
    found: int | None
    """What the witness says; None where it saw no such thing."""
    explanation: str = ""
    """Why the two may differ, where that is known."""

    @property
    def agrees(self) -> bool:
        """Whether the two are the same figure."""
        return self.expected == self.found

    def __str__(self) -> str:
        expected, found = (_shown(value) for value in (self.expected, self.found))
        text = f"{self.witness}: {self.quantity} of {self.name} is {found}, the ledger says "
        return f"{text}{expected}" + (f" ({self.explanation})" if self.explanation else "")


class Agreement(NamedTuple):
    """Everything that was compared."""

    findings: tuple[Finding, ...]
    remarks: tuple[str, ...] = ()
    """What the witnesses had to say besides figures: fallbacks, random output."""

    @property
    def differing(self) -> list[Finding]:
        """The findings that do not agree, explained or not."""
        return [finding for finding in self.findings if not finding.agrees]

    @property
    def doubts(self) -> tuple[str, ...]:
        """The disagreements that nothing explains; with any of them an audit is incomplete."""
        return tuple(str(finding) for finding in self.differing if not finding.explanation)


def compared(
    witness: Witness,
    scope: Scope,
    quantity: Quantity,
    expected: Mapping[str, int | None],
    found: Mapping[str, int | None],
    explanations: Mapping[str, str] | None = None,
) -> Iterable[Finding]:
    """Findings for every name of either; a name that one of them lacks does not agree."""
    why = explanations or {}
    for name in [*expected, *(name for name in found if name not in expected)]:
        yield Finding(
            witness, scope, name, quantity, expected.get(name), found.get(name), why.get(name, "")
        )


def _shown(value: int | None) -> str:
    return "none" if value is None else f"{value:,}"


def label(side: Side, name: str) -> str:
    """A row as findings name it; a name alone is unique only on its side."""
    return f"{name} ({side})"


def macs_by(rows: Iterable[Row], name_of: Callable[[Row], str]) -> dict[str, int]:
    """Multiply-accumulates per frame of ``rows`` by name, of what has any."""
    sums: dict[str, int] = {}
    for row in rows:
        if row.macs_per_frame:
            name = name_of(row)
            sums[name] = sums.get(name, 0) + row.macs_per_frame
    return sums


def nearest(side: Side, path: str, places: Collection[tuple[Side, str]]) -> str:
    """The module among ``places`` that is at ``path`` or holds what is there, else ``path``."""
    name = path
    while name and (side, name) not in places:
        name = name.rpartition(".")[0]
    return name or path
