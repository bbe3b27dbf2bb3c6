"""The report that sets public codecs beside the limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lrac_audit.console.layout import Column, Table
from lrac_audit.report.blocks import Bullets, PageSection, ScreenSection
from lrac_audit.report.content import DocumentContent, PageContent, RecordContent, ScreenContent
from lrac_audit.report.numerals import NO_BOUND, number

if TYPE_CHECKING:
    from lrac_audit.auditing.public_codecs import Compared, Comparison
    from lrac_audit.ledger.totals import Part
    from lrac_audit.limits.limit_set import LimitSet

SKIPPED = "skipped"
"""Stands in the row of a codec whose package cannot be used here; a note says why."""
PARTS: tuple[Part, ...] = ("transmit", "receive", "overall")


@dataclass(frozen=True)
class CodecsReport(ScreenContent, PageContent, DocumentContent, RecordContent):
    """Cost, storage, latency and verdicts of each codec."""

    comparison: Comparison

    def screen_sections(self) -> Sequence[ScreenSection]:
        """Return the same as on a page."""
        return self.page_sections()

    def page_sections(self) -> Sequence[PageSection]:
        """Return the table of costs, the table of verdicts, and notes."""
        return [
            [_costs(self.comparison, self._codec_records)],
            [_verdicts(self.comparison)],
            [Bullets(_notes(self.comparison))],
        ]

    def document(self) -> Mapping[str, Any]:
        """Return the figures of each codec, what is missing, and the notes."""
        from lrac_audit.auditing.document import SCHEMA_VERSION

        return {
            "schema_version": SCHEMA_VERSION,
            "codecs": self._codec_records,
            "missing": [one._asdict() for one in self.comparison.missing],
            "notes": _notes(self.comparison),
        }

    def records(self) -> Sequence[Mapping[str, Any]]:
        """Return one record for each codec; one that was skipped has no figures."""
        verdicts = {f"verdict_{limits.name}": SKIPPED for limits in self.comparison.limits}
        unknown = dict.fromkeys(self._codec_records[0]) | verdicts
        skipped = [unknown | {"name": one.name} for one in self.comparison.missing]
        return [*self._codec_records, *skipped]

    @cached_property
    def _codec_records(self) -> list[dict[str, Any]]:
        return [codec_record(codec) for codec in self.comparison.codecs]


def codec_record(codec: Compared) -> dict[str, Any]:
    """Return one codec as plain data; None where something is not known or has no bound."""
    from lrac_audit.ledger.latency import latency
    from lrac_audit.ledger.memory import memory

    audit = codec.audit
    ledger, convention = audit.ledger, audit.convention
    record: dict[str, Any] = {
        "name": codec.name,
        "sample_rate_hz": ledger.sample_rate_hz,
        "bitrate_kbps": ledger.mode.bitrate_kbps,
        "convention": convention.name,
    }
    for part in PARTS:
        cost = audit.totals.cost(part, convention)
        record[f"{part}_mflops"] = ledger.millions_per_second(cost.price_per_frame)
        record[f"{part}_mmacs_per_s"] = ledger.millions_per_second(cost.macs_per_frame)
    for side in ("transmit", "receive"):
        record[f"{side}_stored_values"] = memory(ledger, side).total_stored_values
    record["total_latency_ms"] = ledger.milliseconds_or_none(latency(ledger).total_samples)
    record.update({f"verdict_{name}": status for name, status in codec.verdicts})
    return record


def _costs(comparison: Comparison, records: Sequence[Mapping[str, Any]]) -> Table:
    """Return a table: sides and whole in the convention's unit, MACs, storage and latency."""
    columns = (
        Column("Codec"),
        Column("kbps", right=True, spare=3),
        Column("Transmit", right=True),
        Column("Receive", right=True),
        Column("Overall", right=True),
        Column("MMAC/s", right=True, spare=2),
        Column("Stored, M", right=True, spare=1),
        Column("Latency ms", right=True),
    )
    rows = [_cost_row(record) for record in records]
    blank = [""] * (len(columns) - 2)
    rows += [[one.name, SKIPPED, *blank] for one in comparison.missing]
    rows += [_limit_row(one) for one in comparison.limits]
    return Table(columns, rows)


def _cost_row(record: Mapping[str, Any]) -> list[str]:
    latency_ms = record["total_latency_ms"]
    stored = (record["transmit_stored_values"] + record["receive_stored_values"]) / 1e6
    return [
        record["name"],
        number(record["bitrate_kbps"], 2),
        *(number(record[f"{part}_mflops"], 1) for part in PARTS),
        number(record["overall_mmacs_per_s"], 1),
        number(stored, 2),
        NO_BOUND if latency_ms is None else number(latency_ms, 1),
    ]


def _limit_row(limits: LimitSet) -> list[str]:
    overall, receive = number(limits.overall_mflops), number(limits.receive_mflops)
    bitrate = number(max(limits.bitrates_kbps))
    cells = [f"limit {limits.name}", bitrate, "", receive, overall, "", ""]
    return [*cells, number(limits.total_latency_ms)]


def _verdicts(comparison: Comparison) -> Table:
    """Return a table: the verdict of each limit set on each codec."""
    columns = (Column("Verdict"), *(Column(one.name, is_status=True) for one in comparison.limits))
    rows = [[codec.name, *(status for _, status in codec.verdicts)] for codec in comparison.codecs]
    rows += [[one.name, *(SKIPPED for _ in comparison.limits)] for one in comparison.missing]
    return Table(columns, rows)


def _notes(comparison: Comparison) -> list[str]:
    """Return the terms of the tables, remarks on each codec, and what is missing."""
    convention = comparison.codecs[0].audit.convention
    notes = [
        f"Transmit, receive and overall in {convention.unit} by {convention.name}, version "
        f"{convention.version}: 1 MAC = {convention.flops_per_mac} FLOPs.",
        "Each codec at its highest bitrate within the limits. Stored: values that its two sides "
        "use there, codebooks included.",
    ]
    for codec in comparison.codecs:
        agreement = codec.audit.agreement
        if agreement is not None:
            notes += [f"{codec.name}: {remark}" for remark in agreement.remarks]
        notes += [f"{codec.name}: not proved: {doubt}" for doubt in codec.audit.verdict.doubts]
    return notes + [f"Skipped: {one}" for one in comparison.missing]
