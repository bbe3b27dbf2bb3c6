"""The report that sets public codecs beside the limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lrac_audit.auditing.codec_figures import codec_figures
from lrac_audit.report.blocks import Bullets, PageSection, ScreenSection
from lrac_audit.report.codecs_tables import SKIPPED, cost_table, verdict_table, without_figures
from lrac_audit.report.content import DocumentContent, PageContent, RecordContent, ScreenContent

if TYPE_CHECKING:
    from lrac_audit.auditing.public_codecs import Compared, Comparison

TRACED = (
    "transmit_mmacs_per_s",
    "receive_mmacs_per_s",
    "overall_mmacs_per_s",
    "transmit_stored_values",
    "receive_stored_values",
    "total_latency_ms",
)
"""Figures of a trace that stand in a record beside those of the design."""


@dataclass(frozen=True)
class CodecsReport(ScreenContent, PageContent, DocumentContent, RecordContent):
    """Cost, storage, latency and verdicts of each codec."""

    comparison: Comparison

    def screen_sections(self) -> Sequence[ScreenSection]:
        """Return the same as on a page."""
        return self.page_sections()

    def title(self) -> str:
        """Return what the codecs are compared with."""
        return "Public codecs beside the limits"

    def page_sections(self) -> Sequence[PageSection]:
        """Return the table of costs, the table of verdicts, and notes."""
        return [
            [cost_table(self.comparison)],
            [verdict_table(self.comparison)],
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
        skipped = [unknown | {"name": name} for name in without_figures(self.comparison)]
        return [*self._codec_records, *skipped]

    @cached_property
    def _codec_records(self) -> list[dict[str, Any]]:
        measured = self.comparison.measured
        return [codec_record(codec, measured) for codec in self.comparison.codecs]


def codec_record(codec: Compared, measured: bool = False) -> dict[str, Any]:
    """Return one codec as plain data; None where something is not known or has no bound.

    Args:
        codec: The codec.
        measured: Whether to add the figures of the trace, and whether it confirms the design.
    """
    record: dict[str, Any] = {"name": codec.name, **codec_figures(codec.audit)._asdict()}
    record.update({f"verdict_{name}": status for name, status in codec.verdicts})
    record["source"] = "trace" if codec.design is None else "design"
    record["rvq"] = codec.audit.ledger.mode.rvq
    if measured:
        trace = None if codec.trace is None else codec_figures(codec.trace)
        record.update({f"trace_{name}": getattr(trace, name, None) for name in TRACED})
        record["trace_agrees"] = not codec.unexplained if codec.design and codec.trace else None
    return record


def _notes(comparison: Comparison) -> list[str]:
    """Return the terms of the tables, remarks on each codec, and what is missing."""
    convention = comparison.codecs[0].audit.convention
    notes = [
        f"Transmit, receive and overall in {convention.unit} by {convention.name}, version "
        f"{convention.version}: 1 MAC = {convention.flops_per_mac} FLOPs.",
        "Each codec at its highest bitrate within the limits. Stored: values that its two sides "
        "use there, codebooks included.",
        "By design: derived from presets, the public codecs with output projections as trained, "
        "as their packages run them, the baselines with them absorbed.",
    ]
    if comparison.measured:
        notes.append(
            "By trace: measured on the model that a package makes, with random weights; a figure "
            "that is not the design's has an exclamation mark, unless a note explains it."
        )
    for codec in comparison.codecs:
        notes += [f"{codec.name}: {remark}" for remark in _remarks(codec)]
    return notes + [f"Skipped: {one}" for one in comparison.missing]


def _remarks(codec: Compared) -> list[str]:
    """Return the remarks of the witnesses that measured a codec, what is explained, and doubts."""
    agreement = None if codec.trace is None else codec.trace.agreement
    remarks = () if agreement is None else agreement.remarks
    explained = [str(one) for one in codec.differences if one.explanation]
    return [*remarks, *explained, *(f"not proved: {doubt}" for doubt in codec.doubts)]
