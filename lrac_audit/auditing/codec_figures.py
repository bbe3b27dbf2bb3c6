"""The figures by which codecs are compared, and the differences between two counts of one codec."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from lrac_audit.design.modes import matching_bitrate
from lrac_audit.ledger.latency import latency

if TYPE_CHECKING:
    from lrac_audit.auditing.audit import Audit
    from lrac_audit.ledger.row import Ledger, Side
    from lrac_audit.ledger.totals import Part
    from lrac_audit.witness.codec_catalogue import Surplus

STORED = ("transmit_stored_values", "receive_stored_values")


Figure = float | int | str | None


class CodecFigures(NamedTuple):
    """Figures of one codec at one bitrate; costs in millions per second."""

    sample_rate_hz: int
    bitrate_kbps: float | None
    """None for a codec that quantizes nothing."""
    convention: str
    transmit_mflops: float
    transmit_mmacs_per_s: float
    receive_mflops: float
    receive_mmacs_per_s: float
    overall_mflops: float
    overall_mmacs_per_s: float
    transmit_stored_values: int
    """Values that the side uses at this bitrate, codebooks included."""
    receive_stored_values: int
    total_latency_ms: float | None
    """None where the output depends on the whole clip."""


class Difference(NamedTuple):
    """One figure of which the model of a codec's package and its design disagree."""

    figure: str
    """A field of :class:`CodecFigures`."""
    design: Figure
    trace: Figure
    explanation: str = ""
    """Why the two differ, where that is known."""

    @property
    def surplus(self) -> int | None:
        """Values that the trace stores beyond those of the design; None for another figure."""
        if self.figure not in STORED:
            return None
        assert isinstance(self.design, int) and isinstance(self.trace, int)
        return self.trace - self.design

    def __str__(self) -> str:
        name = self.figure.replace("_", " ")
        text = f"{name}: {self.trace} by the trace, {self.design} by the design"
        return f"{text} ({self.explanation})" if self.explanation else text


def codec_figures(audit: Audit) -> CodecFigures:
    """Return the figures of an audited codec.

    Each is rounded once from whole numbers, so that equal counts give equal figures, whatever
    number of samples the two call a hop.
    """
    ledger = audit.ledger
    return CodecFigures(
        ledger.sample_rate_hz,
        ledger.mode.bitrate_kbps,
        audit.convention.name,
        *_costs(audit, "transmit"),
        *_costs(audit, "receive"),
        *_costs(audit, "overall"),
        stored_in_use(ledger, "transmit"),
        stored_in_use(ledger, "receive"),
        ledger.milliseconds_or_none(latency(ledger).total_samples),
    )


def _costs(audit: Audit, part: Part) -> tuple[float, float]:
    """Return the cost of ``part`` in the convention's unit, and in MACs."""
    cost = audit.totals.cost(part, audit.convention)
    millions = audit.ledger.millions_per_second
    return millions(cost.price_per_frame), millions(cost.macs_per_frame)


def stored_in_use(ledger: Ledger, side: Side) -> int:
    """Return the values that ``side`` stores for the rows that work in the ledger's mode.

    A trace sees no other; a design keeps the rows of quantizer layers that are off, with a note.
    """
    return sum(row.stored_values for row in ledger.rows if row.side == side and not row.note)


def differences(
    design: CodecFigures, trace: CodecFigures, surplus: Surplus | None = None
) -> Iterator[Difference]:
    """Yield the figures that are not equal; bitrates may differ by the rounding of a float.

    Values that are stored beyond those of the design are explained by as many in ``surplus``.
    """
    for figure, ours, theirs in zip(CodecFigures._fields, design, trace, strict=True):
        if ours == theirs or (figure == "bitrate_kbps" and _is_one_bitrate(ours, theirs)):
            continue
        found = Difference(figure, ours, theirs)
        is_known = surplus is not None and found.surplus == surplus.values
        yield found._replace(explanation=surplus.reason) if surplus and is_known else found


def _is_one_bitrate(ours: Figure, theirs: Figure) -> bool:
    if not isinstance(ours, float | int) or not isinstance(theirs, float | int):
        return False
    return matching_bitrate((ours,), theirs) is not None
