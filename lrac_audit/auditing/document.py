"""The JSON document: the versioned contract between an audit and other programs.

``docs/json.md`` describes it. Fields are added under the same version; a field that changes its
meaning or goes away raises it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from lrac_audit.ledger.conventions import fate_of
from lrac_audit.ledger.latency import context, latency
from lrac_audit.ledger.memory import BYTES_PER_VALUE, STATE_DTYPE, memory
from lrac_audit.ledger.row import Ledger, Row, Side
from lrac_audit.ledger.scratch import Scratch, scratch
from lrac_audit.ledger.totals import PARTS, WHOLE
from lrac_audit.limits.check import Check

if TYPE_CHECKING:
    from lrac_audit.auditing.targets import MeasuredTarget
    from lrac_audit.design.formats import LoadedDesign
    from lrac_audit.errors import InputError
    from lrac_audit.ledger.agreement import Agreement
    from lrac_audit.ledger.conventions import Convention
    from lrac_audit.ledger.totals import Totals
    from lrac_audit.limits.verdict import Verdict

SCHEMA_VERSION = 1


class Audited(Protocol):
    """The parts of an audit that its document is made from."""

    @property
    def target(self) -> LoadedDesign | MeasuredTarget: ...  # noqa: D102
    @property
    def ledger(self) -> Ledger: ...  # noqa: D102
    @property
    def totals(self) -> Totals: ...  # noqa: D102
    @property
    def convention(self) -> Convention: ...  # noqa: D102
    @property
    def verdict(self) -> Verdict: ...  # noqa: D102
    @property
    def other_verdicts(self) -> list[Verdict]: ...  # noqa: D102
    @property
    def agreement(self) -> Agreement | None: ...  # noqa: D102


def audit_document(audit: Audited) -> dict[str, Any]:
    """Return ``audit`` as plain data, ready for ``json.dumps``."""
    ledger, convention = audit.ledger, audit.convention
    working = scratch(ledger)
    return {
        "schema_version": SCHEMA_VERSION,
        "convention": {
            "name": convention.name,
            "version": convention.version,
            "flops_per_mac": convention.flops_per_mac,
            "unit": convention.unit,
        },
        "design": {
            "name": ledger.name,
            "source": audit.target.source,
            "sample_rate_hz": ledger.sample_rate_hz,
            "hop_samples": ledger.hop_samples,
            "frame_rate_hz": ledger.sample_rate_hz / ledger.hop_samples,
            "bitrates_kbps": list(ledger.bitrates_kbps),
        },
        "mode": {**ledger.mode._asdict(), **_frame_bits(audit)},
        "complexity": _complexity(audit),
        "latency": _latency(audit),
        "receptive_field": context(ledger)._asdict(),
        "memory": {
            "state_dtype": STATE_DTYPE,
            "transmit": _memory(ledger, "transmit", working.get("transmit")),
            "receive": _memory(ledger, "receive", working.get("receive")),
            "undivided": _memory(ledger, "undivided", None),
        },
        "limits": {
            "name": audit.verdict.limits.name,
            "source": audit.verdict.limits.source,
            "proposed": audit.verdict.limits.proposed or None,
            "convention": audit.verdict.limits.convention,
            "checks": [_check(check) for check in audit.verdict.checks],
        },
        "bitstream": _bitstream(ledger),
        "data_dependence": _data_dependence(ledger),
        "verdict": audit.verdict.status,
        "doubts": list(audit.verdict.doubts),
        "other_conventions": {
            other.convention.name: other.status for other in audit.other_verdicts
        },
        "witnesses": None if audit.agreement is None else _witnesses(audit.agreement),
        "layers": _layers(audit, working),
    }


def _frame_bits(audit: Audited) -> dict[str, float | None]:
    """Return the bits of a frame: those that its indices hold, and those that packing takes."""
    layers = audit.ledger.mode.active_layers
    if audit.target.design is None or layers is None:
        return {"information_bits_per_frame": None, "packed_bits_per_frame": None}
    quantizer = audit.target.design.quantizer
    return {
        "information_bits_per_frame": quantizer.information_bits_per_frame(layers),
        "packed_bits_per_frame": quantizer.bits_per_frame(layers),
    }


def _bitstream(ledger: Ledger) -> dict[str, Any] | None:
    found = ledger.bitstream
    if found is None:
        return None
    return {
        "declared_kbps": found.declared_kbps,
        "observed_kbps": found.observed_kbps,
        "table_kbps": found.table_bits_per_s / 1000,
        "streams": [stream._asdict() for stream in found.streams],
        "broken": list(found.broken),
        "unchecked": list(found.unchecked),
    }


def _data_dependence(ledger: Ledger) -> dict[str, Any] | None:
    found = ledger.data_dependence
    if found is None:
        return None
    return {
        "places": list(found.places),
        "macs_per_frame": dict(found.macs_per_frame),
        "dearest": found.dearest,
        "varies": found.varies,
    }


def _check(check: Check) -> dict[str, Any]:
    fields = check._asdict()
    return {k: list(v) if isinstance(v, tuple) else v for k, v in fields.items()}


def _complexity(audit: Audited) -> dict[str, Any]:
    ledger = audit.ledger
    parts: dict[str, Any] = dict.fromkeys(PARTS)
    for part in PARTS if ledger.is_divided else WHOLE:
        cost = audit.totals.cost(part, audit.convention)
        parts[part] = {
            "macs_per_s": ledger.per_second(cost.macs_per_frame),
            "mflops": ledger.millions_per_second(cost.price_per_frame),
            "macs_per_frame": cost.macs_per_frame,
            "flops_per_frame": cost.price_per_frame,
        }
    return parts


def _latency(audit: Audited) -> dict[str, Any]:
    ledger = audit.ledger
    delay = latency(ledger)
    sides = (delay.transmit_samples, delay.receive_samples) if ledger.is_divided else (None, None)
    return {
        "transmit": {
            "buffering_ms": ledger.milliseconds(delay.buffering_samples),
            "algorithmic_ms": ledger.milliseconds_or_none(sides[0]),
        },
        "receive": {
            "buffering_ms": 0.0,
            "algorithmic_ms": ledger.milliseconds_or_none(sides[1]),
        },
        "total_ms": ledger.milliseconds_or_none(delay.total_samples),
        "total_samples": delay.total_samples,
        **_shown_delay(audit.agreement),
    }


def _shown_delay(agreement: Agreement | None) -> dict[str, Any]:
    """Return the lower bound of the delay, and whether it is the total; null where not sought."""
    finding = None if agreement is None else agreement.shown_total
    if finding is None:
        return {"lower_total_samples": None, "proved": None}
    return {"lower_total_samples": finding.found, "proved": finding.agrees}


def _memory(ledger: Ledger, of: Side, working: Scratch | None) -> dict[str, Any] | None:
    if (of == "undivided") == ledger.is_divided:
        return None
    side = memory(ledger, of)
    return {
        "stored_values": dict(side.stored_values),
        "stored_bytes": {dtype: side.stored_bytes(dtype) for dtype in BYTES_PER_VALUE},
        "state_values": side.state_values,
        "state_bytes": side.state_bytes,
        "held_values": side.held_values,
        "held_bytes": side.held_bytes,
        "scratch_values": working and working.peak_values,
        "scratch_bytes": working and {d: working.peak_bytes(d) for d in BYTES_PER_VALUE},
        "scratch_peak_at": working and working.peak_at,
    }


def _witnesses(agreement: Agreement) -> dict[str, Any]:
    return {
        "agree": not agreement.doubts,
        "remarks": list(agreement.remarks),
        "findings": [
            {**finding._asdict(), "agrees": finding.agrees} for finding in agreement.findings
        ],
    }


class Refused(Protocol):
    """A target that could not be audited."""

    @property
    def source(self) -> str:
        """The target as it was given."""
        ...

    @property
    def error(self) -> InputError:
        """The problems with it."""
        ...


def gate_document(
    audits: Sequence[Audited], exit_code: int, refused: Sequence[Refused] = ()
) -> dict[str, Any]:
    """Return the JSON document of a gate: the audit document of every target, and the errors."""
    return {
        "schema_version": SCHEMA_VERSION,
        "exit_code": exit_code,
        "targets": [audit_document(audit) for audit in audits],
        "errors": [_refusal(target) for target in refused],
    }


def _refusal(target: Refused) -> dict[str, Any]:
    problems = [
        {"field": each.field, "line": each.line, "given": each.given, "allowed": each.allowed}
        for each in target.error.problems
    ]
    return {"source": target.source, "where": target.error.source, "problems": problems}


def layers(audit: Audited) -> list[dict[str, Any]]:
    """Return the rows of the ledger as plain data."""
    return _layers(audit, scratch(audit.ledger))


def _layers(audit: Audited, working: Mapping[Side, Scratch]) -> list[dict[str, Any]]:
    return [
        _layer(audit, row) | {"live_values": _live_values(row, working.get(row.side))}
        for row in audit.ledger.rows
    ]


def _live_values(row: Row, working: Scratch | None) -> int | None:
    """Return the values that live while ``row`` runs; 0 where the mode leaves it off."""
    return None if working is None else working.live_values.get(row.name, 0)


def _layer(audit: Audited, row: Row) -> dict[str, Any]:
    ledger = audit.ledger
    price = audit.convention.price(row.work)
    fate = fate_of(row, audit.convention)
    return {
        "name": row.name,
        "side": row.side,
        "stage": row.stage,
        "op": row.op,
        **row.geometry._asdict(),
        "rate_hz": ledger.per_second(row.runs_per_frame),
        "macs_per_s": ledger.per_second(row.macs_per_frame),
        "mflops": ledger.millions_per_second(price),
        "macs_per_frame": row.macs_per_frame,
        "flops_per_frame": price,
        "stored_values": row.stored_values,
        "shared_values": row.shared_values,
        "storage": row.storage,
        "past_samples": row.past_samples,
        "delay_samples": row.delay_samples,
        "delay_ms": ledger.milliseconds_or_none(row.delay_samples),
        "state_values": row.state_values,
        "held_values": row.held_values,
        "fate": fate.fate,
        "reason": fate.reason,
    }
