"""The report of a gate: targets checked against their limits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

from lrac_audit.console.layout import Column, Table
from lrac_audit.report.audit_report import verdict_heading
from lrac_audit.report.blocks import (
    Bullets,
    Heading,
    IllustratedSection,
    PageSection,
    Paragraph,
    ScreenSection,
    StatusLine,
)
from lrac_audit.report.check_summary import Summary
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
    WorkbookContent,
)
from lrac_audit.report.numerals import NO_BOUND, check_figure, check_margin, has_no_bound

if TYPE_CHECKING:
    from lrac_audit.auditing.audit import Audit
    from lrac_audit.limits.check import Check
    from lrac_audit.report.workbook.page import Page


MANY_TARGETS = 8
"""More targets than this are shown to people as a summary, unless they ask for the checks."""

MAX_ADVISED = 20
"""Codecs of a batch on which advice is looked for, which takes longer than their audit."""


@dataclass(frozen=True)
class CheckReport(
    ScreenContent, PageContent, DocumentContent, RecordContent, WorkbookContent, CheckContent
):
    """Every check of every target, and for each target its verdict and why, or a row of each."""

    audits: Sequence[Audit]
    exit_code: int
    refused: Sequence[RefusedTarget] = ()
    """Targets that could not be audited."""
    by_target: bool | None = None
    """Whether there is a row for each target, not for each check; None to do so for people, where
    there are many targets or several judgements of one."""

    def screen_sections(self) -> Sequence[ScreenSection]:
        """Return the checks in one table, then for each target its verdict and why."""
        if self.is_summary:
            return [[self._summary.table()], [Paragraph(self._summary.counts())]]
        sections: list[ScreenSection] = [[self._table()]]
        for audit, target in zip(self.audits, self._targets, strict=True):
            sections += _verdict_sections(audit, target)
        return sections

    def page_sections(self) -> Sequence[PageSection]:
        """Return the verdict and the checks of each target."""
        checked = self.summary_sections() or [
            section for target in self._targets for section in target.page
        ]
        return [*checked, *(section for target in self.refused for section in target.page)]

    def illustrated_sections(self) -> Sequence[IllustratedSection]:
        """Return the page, and below the checks of each target why its verdict is so."""
        sections: list[IllustratedSection] = []
        if self.is_summary:
            sections.append([self._summary.table()])
        else:
            for audit, target in zip(self.audits, self._targets, strict=True):
                sections += [*target.page, *_verdict_sections(audit, target)]
        return [*sections, *(section for target in self.refused for section in target.page)]

    def summary_sections(self) -> Sequence[PageSection]:
        """Return a page with a row for each target, and each that differs from its baseline.

        It is empty where few targets need none.
        """
        if not self.is_summary:
            return []
        from lrac_audit.report.change_sections import changed_sections

        found = self._summary
        changed = [each for entry in found.entries for each in changed_sections(entry.first)]
        return [[Heading(found.counts())], [found.table()], *changed]

    @cached_property
    def is_summary(self) -> bool:
        """Whether people see a row for each target."""
        if self.by_target is not None:
            return self.by_target
        found = self._summary
        return found.has_several_terms or len(found.sources) > MANY_TARGETS

    def document(self) -> Mapping[str, Any]:
        """Return the audit document of every target, and the exit code."""
        from lrac_audit.auditing.document import gate_document

        document = gate_document(self.audits, self.exit_code, self.refused)
        for audit, target in zip(self.audits, document["targets"], strict=True):
            target["advice"] = _advice_data(audit) if self._is_advised(audit) else None
        return document

    def records(self) -> Sequence[Mapping[str, Any]]:
        """Return one record for each check or judgement of each target, and for each refused."""
        if self.by_target:
            return self._summary.records()
        several = self._summary.has_several_terms
        checks = [
            _record(audit.target.source, check) | (_terms_record(audit) if several else {})
            for audit in self.audits
            for check in audit.verdict.checks
        ]
        fields = checks[0]
        return [*checks, *(_refused_record(target.source, fields) for target in self.refused)]

    def pages(self) -> Sequence[Page]:
        """Return the summary, and the checks of each target."""
        from lrac_audit.report.workbook.gate import Grid, gate_pages

        return gate_pages(Grid(self._summary.counts(), *self._summary.grid()), self.audits)

    def title(self) -> str:
        """Return how many targets have passed."""
        return self._summary.counts()

    def checked_targets(self) -> Sequence[CheckedTarget]:
        """Return the targets in the order in which they were given."""
        return self._targets

    def refused_targets(self) -> Sequence[RefusedTarget]:
        """Return the targets that could not be audited."""
        return self.refused

    @cached_property
    def _summary(self) -> Summary:
        return Summary(self.audits, self.refused)

    @cached_property
    def _targets(self) -> list[CheckedTarget]:
        several = self._summary.has_several_terms
        return [checked_target(audit, self._is_advised(audit), several) for audit in self.audits]

    def _is_advised(self, audit: Audit) -> bool:
        """Return whether advice on a codec is looked for: on the first few that break a limit."""
        return any(audit is each for each in self._advised)

    @cached_property
    def _advised(self) -> list[Audit]:
        broken = (audit for audit in self.audits if audit.verdict.status != "pass")
        return list(islice(broken, MAX_ADVISED))

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
            [target.title, result.check.id, *check_cells(result.check)[1:]]
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


def checked_target(
    audit: Audit, is_advised: bool = True, one_of_several: bool = False
) -> CheckedTarget:
    """Return the checks of an audit with what people should read about them.

    Without advice they are told how much must go, which takes no search. Where it is one of several
    judgements of its target, its terms tell it from the others.
    """
    from lrac_audit.report import audit_sentences, audit_tables
    from lrac_audit.report.change_sections import change_sections

    results = [_result(audit, check, is_advised) for check in audit.verdict.checks]
    terms, doubts = _terms(audit), audit.verdict.doubts
    heading = verdict_heading(audit, terms if one_of_several else "")
    page: list[PageSection] = [[heading], [audit_tables.checks(audit)]]
    page += change_sections(audit)
    source = audit.target.source
    target = CheckedTarget(source, results, (), page, terms, doubts, one_of_several)
    mending = [*target.mending, *_without_advice(audit, is_advised)]
    return target._replace(reasons=audit_sentences.reasons(audit, mending))


def _result(audit: Audit, check: Check, is_advised: bool) -> CheckResult:
    field, line = "", None
    if check.status != "pass":
        field = audit.costliest_field(check)
        line = audit.target.lines.line(field)
    found = audit.remedies(check) if is_advised else audit.shortfalls(check)
    remedies = [remedy.text for remedy in found]
    return CheckResult(check, _sentence(check), remedies, field, line)


def _terms(audit: Audit) -> str:
    from lrac_audit.report import audit_sentences

    mode = audit.ledger.mode
    terms = [audit_sentences.bitrate(mode), audit.convention.name]
    if mode.rvq:
        terms.insert(0, mode.rvq)
    return f"{audit.verdict.limits.title}; {', '.join(terms)}"


def _without_advice(audit: Audit, is_advised: bool) -> list[str]:
    """Return the sentence on a design that breaks limits and gets no advice."""
    if audit.design is None or audit.verdict.status != "fail":
        return []
    if not is_advised:
        return ["checked alone, it gets advice on what would mend it"]
    limits = [check for check in audit.verdict.checks if check.status == "fail"]
    if audit.advice or all(audit.increase and check in audit.increase.checks for check in limits):
        return []
    return ["no change that was tried keeps all limits"]


def _advice_data(audit: Audit) -> list[dict[str, Any]]:
    """Return the advice on a codec as plain data: the text, the form and the changed fields."""
    from lrac_audit.design.addresses import address_text

    return [
        {
            "text": remedy.text,
            "rvq": remedy.rvq,
            "changes": {address_text(at): value for at, value in remedy.changes.items()},
        }
        for remedy in audit.advice
    ]


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


def _terms_record(audit: Audit) -> dict[str, str]:
    """Return the terms of a judgement, which tell it from others of the same target."""
    mode = audit.ledger.mode
    return {
        "rvq": mode.rvq or "",
        "bitrate_kbps": "" if mode.bitrate_kbps is None else _plain(mode.bitrate_kbps),
        "limits": audit.verdict.limits.name,
        "convention": audit.convention.name,
    }


def _refused_record(source: str, fields: Iterable[str]) -> dict[str, str]:
    return dict.fromkeys(fields, "") | {"target": source, "status": REFUSED}


def _plain(value: float | tuple[float | None, ...] | None) -> str:
    """Return the figure of a check as programs read it, without commas between thousands."""
    return check_figure(value).replace(",", "")
