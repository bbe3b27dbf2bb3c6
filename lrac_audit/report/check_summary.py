"""The summary of a gate: one row for each target, with its judgements side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lrac_audit.console.layout import Table
from lrac_audit.report.content import REFUSED, RefusedTarget
from lrac_audit.report.summary_columns import SummaryColumn, Value, summary_columns

if TYPE_CHECKING:
    from lrac_audit.auditing.audit import Audit
    from lrac_audit.auditing.entries import Entry

STATUSES = ("pass", "fail", "incomplete")
RECORD_FIELDS = (
    *("target", "name", "rvq", "bitrate_kbps", "limits", "convention", "unit"),
    *("overall_mflops", "transmit_mflops", "receive_mflops", "total_latency_ms"),
    *("margin_percent", "tightest", "verdict"),
)


@dataclass(frozen=True)
class Summary:
    """Entries in the order of their audits, then the targets that could not be audited."""

    audits: Sequence[Audit]
    refused: Sequence[RefusedTarget]

    @cached_property
    def entries(self) -> list[Entry]:
        """Each target in each of its modes."""
        from lrac_audit.auditing.entries import entries_of

        return entries_of(self.audits)

    @property
    def sources(self) -> set[str]:
        """The targets, each once."""
        audited = {audit.target.source for audit in self.audits}
        return audited | {target.source for target in self.refused}

    @property
    def has_several_terms(self) -> bool:
        """Whether a target is judged more than once: in several modes, or on several terms."""
        modes = {(entry.first.target.source, entry.first.ledger.mode) for entry in self.entries}
        is_judged_twice = any(len(entry.judgements) > 1 for entry in self.entries)
        return is_judged_twice or len({source for source, _ in modes}) < len(modes)

    def grid(self) -> tuple[list[str], list[list[Value]]]:
        """Return headings, and the values of each row."""
        columns = summary_columns(self.entries, for_people=False)
        return [column.heading for column in columns], self._rows(columns)

    def table(self) -> Table:
        """Return the summary as text."""
        columns = summary_columns(self.entries)
        rows = [
            [column.text(value) for column, value in zip(columns, row, strict=True)]
            for row in self._rows(columns)
        ]
        return Table([column.layout for column in columns], rows, is_list=True)

    def _rows(self, columns: Sequence[SummaryColumn]) -> list[list[Value]]:
        """Return the values of each row; those of a refused target are its name and status."""
        rows = [[column.value(entry) for column in columns] for entry in self.entries]
        empty: list[Value] = [None] * (len(columns) - 2)
        return [*rows, *([target.source, *empty, REFUSED] for target in self.refused)]

    def counts(self) -> str:
        """Return how many targets there are, and how many judgements of each status."""
        found: Counter[str] = Counter(audit.verdict.status for audit in self.audits)
        counts = {status: found[status] for status in STATUSES} | {REFUSED: len(self.refused)}
        said = ", ".join(f"{count} {status}" for status, count in counts.items() if count)
        total = len(self.sources)
        return f"{total} target{'' if total == 1 else 's'}: {said}"

    def records(self) -> list[Mapping[str, Any]]:
        """Return one record for each judgement of each entry, and for each refused target."""
        empty = dict.fromkeys(RECORD_FIELDS)
        refused = [empty | {"target": each.source, "verdict": REFUSED} for each in self.refused]
        return [*map(_record, self._judged()), *refused]

    def _judged(self) -> Iterator[Audit]:
        for entry in self.entries:
            yield from entry.judgements.values()


def _record(audit: Audit) -> Mapping[str, Any]:
    """Return the figures of an audit as programs read them; None for what no number says."""
    from lrac_audit.auditing.entry_order import latency_ms, mflops
    from lrac_audit.limits.margins import tightest

    found, mode = tightest(audit.verdict.checks), audit.ledger.mode
    has_number = found is not None and found.is_number
    values = (
        *(audit.target.source, audit.ledger.name, mode.rvq, mode.bitrate_kbps),
        *(audit.verdict.limits.name, audit.convention.name, audit.convention.unit),
        *(mflops(audit, "overall"), mflops(audit, "transmit"), mflops(audit, "receive")),
        latency_ms(audit),
        *(found.percent if found and has_number else None, found and found.check.id),
        audit.verdict.status,
    )
    return dict(zip(RECORD_FIELDS, values, strict=True))
