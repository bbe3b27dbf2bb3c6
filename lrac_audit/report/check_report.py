"""The report of a gate: targets checked against their limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lrac_audit.console.layout import Column, Table
from lrac_audit.report.audit_report import verdict_heading
from lrac_audit.report.blocks import Bullets, PageSection, ScreenSection, StatusLine
from lrac_audit.report.content import (
    REFUSED,
    CheckContent,
    CheckedTarget,
    CheckResult,
    DocumentContent,
    PageContent,
    RecordContent,
    RefusedTarget,
    ScreenContent,
)
from lrac_audit.report.numerals import NO_BOUND, check_figure, check_margin, has_no_bound

if TYPE_CHECKING:
    from lrac_audit.auditing.audit import Audit
    from lrac_audit.limits.check import Check


@dataclass(frozen=True)
class CheckReport(ScreenContent, PageContent, DocumentContent, RecordContent, CheckContent):
    """Every check of every target, and for each target its verdict and why."""

    audits: Sequence[Audit]
    exit_code: int
    refused: Sequence[RefusedTarget] = ()
    """Targets that could not be audited."""

    def screen_sections(self) -> Sequence[ScreenSection]:
        """Return the checks in one table, then for each target its verdict and why."""
        sections: list[ScreenSection] = [[self._table()]]
        for audit, target in zip(self.audits, self._targets, strict=True):
            sections += _verdict_sections(audit, target)
        return sections

    def title(self) -> str:
        """Return the target, or how many there are."""
        sources = [target.source for target in self._targets]
        sources += [target.source for target in self.refused]
        return f"Check of {sources[0] if len(sources) == 1 else f'{len(sources)} targets'}"

    def page_sections(self) -> Sequence[PageSection]:
        """Return the verdict and the checks of each target."""
        checked = [section for target in self._targets for section in target.page]
        return [*checked, *(section for target in self.refused for section in target.page)]

    def document(self) -> Mapping[str, Any]:
        """Return the audit document of every target, and the exit code."""
        from lrac_audit.auditing.document import gate_document

        return gate_document(self.audits, self.exit_code, self.refused)

    def records(self) -> Sequence[Mapping[str, Any]]:
        """Return one record for each check of each target, and for each that was refused."""
        checks = [
            _record(target.source, result.check)
            for target in self._targets
            for result in target.results
        ]
        return [*checks, *(_refused_record(target.source) for target in self.refused)]

    def checked_targets(self) -> Sequence[CheckedTarget]:
        """Return the targets in the order in which they were given."""
        return self._targets

    def refused_targets(self) -> Sequence[RefusedTarget]:
        """Return the targets that could not be audited."""
        return self.refused

    @cached_property
    def _targets(self) -> list[CheckedTarget]:
        return [checked_target(audit) for audit in self.audits]

    def _table(self) -> Table:
        from lrac_audit.report.audit_tables import check_cells

        columns = (
            Column("Target"),
            Column("Check"),
            Column("Limit", right=True),
            Column("Value", right=True),
            Column("Margin", right=True, spare=1),
            Column("Status", is_status=True),
        )
        rows = [
            [target.source, result.check.id, *check_cells(result.check)[1:]]
            for target in self._targets
            for result in target.results
        ]
        rows += [[target.source, "", "", "", "", REFUSED] for target in self.refused]
        return Table(columns, rows)


def _verdict_sections(audit: Audit, target: CheckedTarget) -> list[ScreenSection]:
    verdict = StatusLine(target.source, audit.verdict.status, f" ({target.terms})")
    sections: list[ScreenSection] = [[verdict, Bullets(target.reasons)]]
    if audit.agreement is not None:
        from lrac_audit.report import witness_tables

        sections += witness_tables.sections(audit.agreement)
    return sections


def checked_target(audit: Audit) -> CheckedTarget:
    """Return the checks of an audit with what people should read about them."""
    from lrac_audit.report import audit_sentences, audit_tables
    from lrac_audit.report.change_sections import change_sections

    results = [_result(audit, check) for check in audit.verdict.checks]
    mending = [line for result in results for line in result.mending]
    reasons = audit_sentences.reasons(audit, mending)
    page: list[PageSection] = [[verdict_heading(audit)], [audit_tables.checks(audit)]]
    page += change_sections(audit)
    source, doubts = audit.target.source, audit.verdict.doubts
    return CheckedTarget(source, results, reasons, page, _terms(audit), doubts)


def _result(audit: Audit, check: Check) -> CheckResult:
    field, line = "", None
    if check.status != "pass":
        field = audit.costliest_field(check)
        line = audit.target.lines.line(field)
    return CheckResult(check, _sentence(check), audit.remedies(check), field, line)


def _terms(audit: Audit) -> str:
    from lrac_audit.report import audit_sentences

    mode = audit.ledger.mode
    terms = [audit_sentences.bitrate(mode), audit.convention.name]
    if mode.rvq:
        terms.insert(0, mode.rvq)
    return f"{audit.verdict.limits.title}; {', '.join(terms)}"


def _sentence(check: Check) -> str:
    limit, margin = check_figure(check.limit), check_margin(check)
    value = f"{check_figure(check.value)} {check.unit}"
    if has_no_bound(check):
        value = NO_BOUND
    if check.at_least is not None:
        least = check_figure(check.at_least)
        value = f"at least {least}, at most {value}; judged at most {value}"
    return f"{check.id} {check.status}: {value}, limit {limit}, margin {margin}"


def _record(source: str, check: Check) -> dict[str, str]:
    return {
        "target": source,
        "check": check.id,
        "limit": _plain(check.limit),
        "value": NO_BOUND if has_no_bound(check) else _plain(check.value),
        "margin": "none" if has_no_bound(check) else _plain(check.margin),
        "unit": check.unit,
        "status": check.status,
        "at_least": "" if check.at_least is None else _plain(check.at_least),
    }


def _refused_record(source: str) -> dict[str, str]:
    empty = dict.fromkeys(("check", "limit", "value", "margin", "unit"), "")
    return {"target": source, **empty, "status": REFUSED, "at_least": ""}


def _plain(value: float | tuple[float | None, ...] | None) -> str:
    """Return the figure of a check as programs read it, without commas between thousands."""
    return check_figure(value).replace(",", "")
