"""Comparison of a ledger with witnesses, figure by figure and without rounding.

All figures are whole numbers per latent frame or samples, so agreement is equality. This module
needs no torch.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Literal, NamedTuple

from lrac_audit.ledger.row import Row, Side

Witness = Literal[
    "operator trace", "fvcore", "dependency", "perturbation", "streaming run", "exported graph"
]
Scope = Literal["row", "module", "stage", "side", "codec"]
Quantity = Literal[
    "macs_per_frame", "delay_samples", "stored_values", "state_values", "receptive_field_samples"
]


class Finding(NamedTuple):
    """One figure according to the ledger and according to a witness."""

    witness: Witness
    scope: Scope
    name: str
    """The subject of the figure: a row's name and side, a stage, or a side."""
    quantity: Quantity
    expected: int | None
    """The figure of the ledger; None where it has no such row."""
    found: int | None
    """The figure of the witness; None where it saw no such thing."""
    explanation: str = ""
    """Why the two may differ, where that is known."""

    @property
    def agrees(self) -> bool:
        """Whether the two figures are equal."""
        return self.expected == self.found

    def __str__(self) -> str:
        expected, found = (_shown(value) for value in (self.expected, self.found))
        text = f"{self.witness}: {self.quantity} of {self.name} is {found}, the ledger says "
        return f"{text}{expected}" + (f" ({self.explanation})" if self.explanation else "")


class Agreement(NamedTuple):
    """The findings of all comparisons."""

    findings: tuple[Finding, ...]
    remarks: tuple[str, ...] = ()
    """Remarks of the witnesses besides figures, such as fallbacks and random output."""

    @property
    def differing(self) -> list[Finding]:
        """The findings that do not agree, explained or not."""
        return [finding for finding in self.findings if not finding.agrees]

    @property
    def shown_total(self) -> Finding | None:
        """The delay that changes of the input have shown; None where it was not looked for."""
        return next((f for f in self.findings if f.witness == "perturbation"), None)

    @property
    def doubts(self) -> tuple[str, ...]:
        """The disagreements that nothing explains; any of them makes an audit incomplete."""
        return tuple(str(finding) for finding in self.differing if not finding.explanation)


def compared(
    witness: Witness,
    scope: Scope,
    quantity: Quantity,
    expected: Mapping[str, int | None],
    found: Mapping[str, int | None],
    explanations: Mapping[str, str] | None = None,
) -> Iterable[Finding]:
    """Yield a finding for every name on either side; a name that one side lacks does not agree."""
    why = explanations or {}
    for name in [*expected, *(name for name in found if name not in expected)]:
        yield Finding(
            witness, scope, name, quantity, expected.get(name), found.get(name), why.get(name, "")
        )


def shown_delay(total_samples: int, lower_samples: int | None, parting: str) -> Finding:
    """Return the finding on a lower bound of the delay; less than the total is no doubt of it."""
    less = lower_samples is None or lower_samples < total_samples
    why = f"it is a lower bound; the effect was lost in {parting or 'the codec'}" if less else ""
    return Finding(
        "perturbation", "codec", "total", "delay_samples", total_samples, lower_samples, why
    )


def _shown(value: int | None) -> str:
    return "none" if value is None else f"{value:,}"


def label(side: Side, name: str) -> str:
    """Return the name of a row in findings; a name by itself is unique only on its side."""
    return f"{name} ({side})"


def macs_by(rows: Iterable[Row], name_of: Callable[[Row], str]) -> dict[str, int]:
    """Sum the multiply-accumulates per frame of ``rows`` by name, leaving out sums of zero."""
    sums: dict[str, int] = {}
    for row in rows:
        if row.macs_per_frame:
            name = name_of(row)
            sums[name] = sums.get(name, 0) + row.macs_per_frame
    return sums


def nearest(side: Side, path: str, places: Collection[tuple[Side, str]]) -> str:
    """Return the module among ``places`` that is at ``path`` or contains it, else ``path``."""
    name = path
    while name and (side, name) not in places:
        name = name.rpartition(".")[0]
    return name or path
