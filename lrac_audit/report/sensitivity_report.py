"""The report of what one step of each knob changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lrac_audit.console.layout import Column, Table
from lrac_audit.design.addresses import address_text
from lrac_audit.ledger.latency import first_of
from lrac_audit.report.blocks import Bullets, Heading, PageSection, Paragraph, ScreenSection
from lrac_audit.report.content import DocumentContent, PageContent, RecordContent, ScreenContent
from lrac_audit.report.numerals import NO_BOUND, signed

if TYPE_CHECKING:
    from lrac_audit.auditing.audit import Audit
    from lrac_audit.auditing.exploring.sensitivity import Sensitivity, Step

DIRECTIONS = {-1: "less", 1: "more"}
TITLES = {
    "overall_mflops": "Overall",
    "transmit_mflops": "Transmit",
    "receive_mflops": "Receive",
    "latency_ms": "Latency ms",
    "stored_values": "Stored",
    "state_values": "State",
    "receptive_field_samples": "Receptive field",
}
"""Headings of the figures; those in the unit of the convention come first."""
SPARE = {**dict.fromkeys(TITLES, 1), "overall_mflops": 0, "latency_ms": 0, "state_values": 2}
"""Which figures are left out first where space is short."""


@dataclass(frozen=True)
class SensitivityReport(ScreenContent, PageContent, DocumentContent, RecordContent):
    """The steps of a design, those that a user would turn first at the top."""

    audit: Audit
    sensitivity: Sensitivity
    top: int
    """How many steps people are shown; programs get all."""

    def screen_sections(self) -> Sequence[ScreenSection]:
        """Return the same as on a page."""
        return self.page_sections()

    def title(self) -> str:
        """Return the design whose knobs are turned."""
        return f"Sensitivity of {self.audit.target.source}"

    def page_sections(self) -> Sequence[PageSection]:
        """Return the codec and its terms, the steps, and how to read them."""
        from lrac_audit.report.audit_report import verdict_heading
        from lrac_audit.report.audit_sentences import terms

        title = Heading(f"Changes per step, costs in {self.audit.convention.unit}")
        return [
            [verdict_heading(self.audit), Paragraph(terms(self.audit))],
            [title, self._table()],
            [Bullets(self._notes())],
        ]

    def document(self) -> Mapping[str, Any]:
        """Return every step with its figures before and after."""
        from lrac_audit.auditing.document import SCHEMA_VERSION

        convention = self.audit.convention
        return {
            "schema_version": SCHEMA_VERSION,
            "convention": {"name": convention.name, "unit": convention.unit},
            "design": {"name": self.audit.ledger.name, "source": self.audit.target.source},
            "limits": self.audit.verdict.limits.name,
            "verdict": self.audit.verdict.status,
            "figures": dict(self.sensitivity.base.figures),
            "inert_steps": self.sensitivity.inert,
            "steps": [self._data(step) for step in self.sensitivity.steps],
        }

    def records(self) -> Sequence[Mapping[str, Any]]:
        """Return one record for each step, with the changes of the figures."""
        return [self._record(step) for step in self.sensitivity.steps]

    def _table(self) -> Table:
        spare = {"transmit_mflops": 1, "receive_mflops": 1, "receptive_field_samples": 2}
        columns = [
            Column("Knob"),
            Column("Step"),
            Column("Limits"),
            *(
                Column(
                    TITLES[name], right=True, spare=spare.get(name, 3 if "values" in name else 0)
                )
                for name in self.sensitivity.quantities
            ),
        ]
        rows = [
            [step.knob.name, _turn(step), self._limits(step), *self._changes(step)]
            for step in self.sensitivity.steps[: self.top]
        ]
        return Table(columns, rows, is_list=True)

    def _changes(self, step: Step) -> list[str]:
        return [self._change(step, name) for name in self.sensitivity.quantities]

    def _change(self, step: Step, quantity: str) -> str:
        change = self.sensitivity.change(step, quantity)
        if change is not None:
            return signed(change) if change else ""
        return NO_BOUND if step.trial.figures[quantity] is None else "bounded"

    def _limits(self, step: Step) -> str:
        """Return how far the knob may go, in words; empty where no limit comes nearer."""
        value, breaks, is_sought = step.reach
        if value is None:
            return "not enough alone" if is_sought else ""
        if not self.sensitivity.base.passes:
            return f"mends at {_shown(step, value)}"
        words = [] if value == step.knob.value else [f"keeps to {_shown(step, value)}"]
        if breaks:
            words.append(f"breaks {first_of(breaks)}")
        return ", then ".join(words)

    def _notes(self) -> list[str]:
        found = [
            "A step is the next valid design. Steps whose knob mends a broken limit come first, "
            "the least relative change at the top, then those that change the cost most.",
        ]
        hidden = len(self.sensitivity.steps) - self.top
        if hidden > 0:
            found.append(f"{hidden} more steps change less; --top shows more, csv and json all.")
        if self.sensitivity.inert:
            found.append(f"{self.sensitivity.inert} steps change no figure and are left out.")
        return found

    def _data(self, step: Step) -> dict[str, Any]:
        value, breaks, _ = step.reach
        before, after = self.sensitivity.base.figures, step.trial.figures
        return {
            "knob": step.knob.name,
            "fields": [address_text(address) for address in step.turned.changed.changes],
            "direction": _direction(step),
            "before": step.knob.value,
            "after": step.turned.value,
            "figures": {
                name: {
                    "before": before[name],
                    "after": after[name],
                    "absolute": self.sensitivity.change(step, name),
                }
                for name in self.sensitivity.quantities
            },
            "breaks": [check.id for check in step.trial.broken],
            "limits": {"farthest": value, "then_breaks": list(breaks)}
            if self.sensitivity.base.passes
            else {"mends_at": value},
        }

    def _record(self, step: Step) -> dict[str, Any]:
        return {
            "knob": step.knob.name,
            "direction": _direction(step),
            "before": step.knob.value,
            "after": step.turned.value,
            **{
                f"{name}_change": self.sensitivity.change(step, name)
                for name in self.sensitivity.quantities
            },
            "limits": self._limits(step),
        }


def _direction(step: Step) -> str:
    return DIRECTIONS[1 if step.turned.value > step.knob.value else -1]


def _turn(step: Step) -> str:
    return f"{_shown(step, step.knob.value)} -> {_shown(step, step.turned.value)}"


def _shown(step: Step, value: int) -> str:
    return step.knob.shown(value)
