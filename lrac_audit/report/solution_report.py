"""The report of the largest scaling that keeps all limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lrac_audit.auditing.exploring.scaling import Scaled
from lrac_audit.auditing.exploring.solve import MAX_SCALE, Solution, Unsolved
from lrac_audit.console.layout import Column, Table
from lrac_audit.design.addresses import address_text
from lrac_audit.report.blocks import Bullets, Heading, PageSection, Paragraph, ScreenSection
from lrac_audit.report.content import DocumentContent, PageContent, RecordContent, ScreenContent
from lrac_audit.report.numerals import check_figure, check_margin, check_value

if TYPE_CHECKING:
    from lrac_audit.auditing.audit import Audit
    from lrac_audit.auditing.changing.trial import Trial
    from lrac_audit.limits.check import Check


@dataclass(frozen=True)
class SolutionReport(ScreenContent, PageContent, DocumentContent, RecordContent):
    """A scaling, the fields that it changes, and every limit before and after."""

    audit: Audit
    base: Trial
    patterns: Sequence[str]
    found: Solution | Unsolved

    def screen_sections(self) -> Sequence[ScreenSection]:
        """Return the same as on a page."""
        return self.page_sections()

    def title(self) -> str:
        """Return the design that is scaled."""
        return f"Scaling of {self.audit.target.source}"

    def page_sections(self) -> Sequence[PageSection]:
        """Return the scaling and its terms, the fields, the limits, and what was proved."""
        from lrac_audit.report.audit_sentences import terms

        named, best = " and ".join(self.patterns), self._best
        outcome = f"no scaling of {named} keeps all limits"
        if best is not None:
            outcome = f"{named} times {_times(best)}"
        sections: list[PageSection] = [
            [Heading(f"{self.audit.ledger.name}: {outcome}"), Paragraph(terms(self.audit))],
            [self._checks()],
            [Bullets(list(_proof(self.found)))],
        ]
        if best is not None:
            sections.insert(1, [self._fields(best)])
        return sections

    def document(self) -> Mapping[str, Any]:
        """Return the scaling, the fields and figures before and after, and what was proved."""
        from lrac_audit.auditing.document import SCHEMA_VERSION

        convention, found = self.audit.convention, self.found
        return {
            "schema_version": SCHEMA_VERSION,
            "convention": {"name": convention.name, "unit": convention.unit},
            "design": {"name": self.audit.ledger.name, "source": self.audit.target.source},
            "limits": self.audit.verdict.limits.name,
            "grow": list(self.patterns),
            "before": _figures(self.base),
            "solution": self._data(found) if isinstance(found, Solution) else None,
        }

    def records(self) -> Sequence[Mapping[str, Any]]:
        """Return one record for each field that changes, and for each check."""
        fields = [] if self._best is None else list(self._changes(self._best))
        checks = [(old.id, _plain(old), _plain(new)) for old, new in self._pairs()]
        return [
            {"what": what, "name": name, "before": before, "after": after}
            for what, rows in (("field", fields), ("check", checks))
            for name, before, after in rows
        ]

    @property
    def _best(self) -> Scaled | None:
        return self.found.best if isinstance(self.found, Solution) else None

    def _data(self, found: Solution) -> dict[str, Any]:
        following = found.following
        return {
            "scale": float(found.best.scale),
            "after": _figures(found.best.trial),
            "changes": {
                name: {"before": before, "after": after}
                for name, before, after in self._changes(found.best)
            },
            "next": following and {"scale": float(following.scale), "breaks": _broken(following)},
            "larger_broken": found.broken,
            "larger_refused": found.refused,
            "audited_to": float(found.audited_to),
            "fixed": [address_text(address) for address in found.fixed],
        }

    def _changes(self, best: Scaled) -> Iterator[tuple[str, Any, Any]]:
        for address, after in best.changed.changes.items():
            yield address_text(address), self.base.fields.values[address], after

    def _fields(self, best: Scaled) -> Table:
        columns = (Column("Field"), Column("Before", right=True), Column("After", right=True))
        rows = [[name, str(before), str(after)] for name, before, after in self._changes(best)]
        return Table(columns, rows or [["none changes", "", ""]])

    def _pairs(self) -> list[tuple[Check, Check]]:
        before = self.base.verdict.checks
        after = before if self._best is None else self._best.trial.verdict.checks
        return list(zip(before, after, strict=True))

    def _checks(self) -> Table:
        columns = (
            Column("Check"),
            Column("Limit", right=True),
            Column("Before", right=True),
            Column("After", right=True),
            Column("Margin left", right=True),
            Column("Status", is_status=True),
        )
        return Table(columns, [_check_row(before, after) for before, after in self._pairs()])


def _check_row(before: Check, after: Check) -> list[str]:
    values = [check_value(before), check_value(after)]
    return [before.id, check_figure(before.limit), *values, check_margin(after), after.status]


def _proof(found: Solution | Unsolved) -> Iterator[str]:
    """Yield what the audits of other scalings have shown."""
    if isinstance(found, Unsolved):
        if found.least is None:
            yield "no smaller scaling that was tried makes a valid design"
        else:
            yield f"at {_times(found.least)} it still breaks {', '.join(_broken(found.least))}"
        return
    if found.best.scale >= MAX_SCALE:
        yield f"no limit stops it: {MAX_SCALE} is the largest factor that is tried"
    elif found.following is None:
        yield "no larger scaling that was tried makes a valid design"
    else:
        broken = ", ".join(_broken(found.following))
        yield f"the next larger valid design, at {_times(found.following)}, breaks {broken}"
    if tried := found.broken + found.refused:
        yield (
            f"all {tried} larger scalings up to {float(found.audited_to):.4g} were audited: "
            f"{found.broken} break a limit, {found.refused} make no valid design"
        )
    if found.fixed:
        yield f"not scaled, since other fields fix it: {', '.join(map(address_text, found.fixed))}"


def _times(one: Scaled) -> str:
    return f"{float(one.scale):.4g}"


def _broken(one: Scaled) -> list[str]:
    return [check.id for check in one.trial.broken]


def _figures(trial: Trial) -> dict[str, Any]:
    margins = {check.id: check.margin for check in trial.verdict.checks}
    return {**trial.figures, "margins": margins}


def _plain(check: Check) -> str:
    return check_value(check).replace(",", "")
