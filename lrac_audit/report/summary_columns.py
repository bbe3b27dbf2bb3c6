"""The columns of the summary of a gate, and how their values follow from an entry."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from lrac_audit.console.layout import Column
from lrac_audit.report.numerals import NO_BOUND, check_figure, number

if TYPE_CHECKING:
    from lrac_audit.auditing.audit import Audit
    from lrac_audit.auditing.entries import Entry, JudgementTerms
    from lrac_audit.ledger.totals import Part

Value = float | str | None
COSTS: dict[Part, str] = {"overall": "Overall", "transmit": "Transmit", "receive": "Receive"}
"""Parts of a codec, with their headings."""
SPARE = {"overall": 0, "transmit": 3, "receive": 2}
UNKNOWN = check_figure(None)
NO_NUMBER = "none"
"""Stands for a margin where a limit is broken and no number says by how much."""


class SummaryColumn(NamedTuple):
    """One column of the summary."""

    heading: str
    value: Callable[[Entry], Value]
    spare: int = 0
    """As of a column of a table: too wide a table loses that with the highest number first."""
    is_text: bool = False
    is_status: bool = False
    decimals: int = 4

    @property
    def layout(self) -> Column:
        """The column of a table."""
        return Column(self.heading, not self.is_text, self.spare, self.is_status)

    def text(self, value: Value) -> str:
        """Return a value as people read it."""
        return value if isinstance(value, str) else number(value, self.decimals)


def summary_columns(entries: Sequence[Entry], for_people: bool = True) -> list[SummaryColumn]:
    """Return the columns of ``entries``, of which the first is the target and the last a verdict.

    What differs between the judgements of one entry stands side by side, what differs between
    entries is a column, and what is the same for all has none. For people each of several
    judgements is one column, and else two, so that its margin is a number.
    """
    terms = list(dict.fromkeys(each for entry in entries for each in entry.judgements))
    columns = [
        SummaryColumn("Target", lambda entry: entry.first.target.source, is_text=True),
        *_differing(entries),
    ]
    for convention in dict.fromkeys(each.convention for each in terms):
        columns += _costs(entries, convention)
    columns.append(SummaryColumn("Latency ms", _latency, spare=1))
    if len(terms) > 1 and for_people:
        return [*columns, *map(_verdict_and_margin, terms)]
    return [*columns, *(each for one in terms for each in _judgement(one, len(terms) == 1))]


def _differing(entries: Sequence[Entry]) -> Iterator[SummaryColumn]:
    """Yield a column for each term that differs between entries, and that for the bitrate."""
    found: tuple[tuple[str, Callable[[Entry], Value]], ...] = (
        ("RVQ", lambda entry: entry.first.ledger.mode.rvq),
        ("Limits", lambda entry: entry.first.verdict.limits.name),
        ("Convention", lambda entry: entry.first.convention.name),
    )
    has_modes = len({entry.first.target.source for entry in entries}) < len(entries)
    for heading, value in found:
        if len({value(entry) for entry in entries}) > 1:
            yield SummaryColumn(heading, value, spare=0 if has_modes else 1, is_text=True)
    yield SummaryColumn(
        "kbps", lambda entry: entry.first.ledger.mode.bitrate_kbps, spare=0 if has_modes else 4
    )


def _costs(entries: Sequence[Entry], convention: str) -> Iterator[SummaryColumn]:
    """Yield the costs counted by a convention, which is empty where entries have but one."""
    counted = [audit for entry in entries if (audit := _counted(entry, convention))]
    units = {audit.convention.unit for audit in counted}
    unit = f" {min(units)}" if len(units) == 1 else ""
    after = f", {convention}" if convention else ""

    def column(part: Part, heading: str) -> SummaryColumn:
        def value(entry: Entry) -> Value:
            audit = _counted(entry, convention)
            return None if audit is None else _cost(audit, part)

        return SummaryColumn(f"{heading}{unit}{after}", value, SPARE[part])

    for part, heading in COSTS.items():
        yield column(part, heading)


def _counted(entry: Entry, convention: str) -> Audit | None:
    found = (audit for terms, audit in entry.judgements.items() if terms.convention == convention)
    return next(found, None)


def _cost(audit: Audit, part: Part) -> Value:
    from lrac_audit.auditing.entry_order import mflops

    value = mflops(audit, part)
    return UNKNOWN if value is None else value


def _latency(entry: Entry) -> Value:
    from lrac_audit.auditing.entry_order import latency_ms

    value = latency_ms(entry.first)
    if value is None:
        return UNKNOWN if entry.first.ledger.measured else NO_BOUND
    return value


def _judgement(terms: JudgementTerms, is_only: bool) -> Iterator[SummaryColumn]:
    """Yield the columns of the judgements on ``terms``; the only ones also name the check."""

    def column(heading: str, of_audit: Callable[[Audit], Value], **looks: Any) -> SummaryColumn:
        title = heading if is_only else f"{heading}, {terms.title}"
        return SummaryColumn(title, _judged(terms, of_audit), **looks, decimals=2)

    yield column("Margin %", _margin)
    if is_only:
        yield column("Tightest", _tightest_check, spare=5, is_text=True)
    yield column("Verdict", lambda audit: audit.verdict.status, is_text=True, is_status=True)


def _verdict_and_margin(terms: JudgementTerms) -> SummaryColumn:
    """Return the column of the judgements on ``terms``, each as in ``pass: 40 %``."""

    def text(audit: Audit) -> Value:
        margin, status = _margin(audit), audit.verdict.status
        return status if isinstance(margin, str) else f"{status}: {number(margin, 2)} %"

    return SummaryColumn(terms.title, _judged(terms, text), is_text=True, is_status=True)


def _judged(terms: JudgementTerms, of_audit: Callable[[Audit], Value]) -> Callable[[Entry], Value]:
    """Return the value of the judgement on ``terms``; None for an entry that has none."""

    def value(entry: Entry) -> Value:
        return of_audit(entry.judgements[terms]) if terms in entry.judgements else None

    return value


def _margin(audit: Audit) -> float | str:
    from lrac_audit.limits.margins import tightest

    found = tightest(audit.verdict.checks)
    if found is None:
        return UNKNOWN
    return found.percent if found.is_number else NO_NUMBER


def _tightest_check(audit: Audit) -> Value:
    from lrac_audit.limits.margins import tightest

    found = tightest(audit.verdict.checks)
    return None if found is None else found.check.id
