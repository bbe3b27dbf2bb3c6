"""The card of an audited codec, for the page of a model hub."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lrac_audit import __version__
from lrac_audit.ledger.latency import latency
from lrac_audit.ledger.totals import WHOLE, Part
from lrac_audit.report.blocks import Bullets, Heading, PageSection, Paragraph

if TYPE_CHECKING:
    from lrac_audit.auditing.audit import Audit

TAGS = ("audio", "speech", "neural-audio-codec", "low-resource")
SIDES: Sequence[Part] = ("transmit", "receive", "overall")
TASK = "audio-to-audio"
"""The task of a codec in the list of the hubs."""


def card_metadata(audit: Audit) -> Mapping[str, Any]:
    """Return what a hub files the model under, and the figures under a key of the auditor's own."""
    ledger, convention = audit.ledger, audit.convention
    costs: Sequence[Part] = SIDES if ledger.is_divided else WHOLE
    samples = latency(ledger).total_samples
    figures = {
        "version": __version__,
        "sample_rate_hz": ledger.sample_rate_hz,
        "bitrates_kbps": list(ledger.bitrates_kbps),
        **{key: value for key, value in ledger.mode._asdict().items() if value is not None},
        "convention": f"{convention.name}, version {convention.version}",
        convention.unit: {
            part: ledger.millions_per_second(audit.totals.cost(part, convention).price_per_frame)
            for part in costs
        },
        "total_latency_ms": ledger.milliseconds_or_none(samples),
        "limits": {audit.verdict.limits.name: audit.verdict.status},
    }
    return {"pipeline_tag": TASK, "tags": list(TAGS), "lrac_audit": figures}


def card_sections(audit: Audit) -> Sequence[PageSection]:
    """Return the figures that a user of the model asks for, layer by layer left out."""
    from lrac_audit.report import audit_sentences, audit_tables

    status = audit.verdict.status
    return [
        [Heading("Complexity and latency")],
        [Paragraph(audit_sentences.terms(audit))],
        [audit_tables.totals(audit, per_frame=False)],
        [Heading("Memory")],
        [audit_tables.storage(audit)],
        [Heading(f"Limits of {audit.verdict.limits.title}: {status}")],
        [audit_tables.checks(audit)],
        [Heading("Remarks")],
        [Bullets(audit_sentences.remarks(audit))],
        [Paragraph(f"Figures by lrac-audit {__version__}, of {audit.target.source}.")],
    ]
