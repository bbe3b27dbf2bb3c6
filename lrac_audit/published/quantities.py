"""The quantities that publications print, and how each is recomputed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from lrac_audit.auditing.subject import Subject
from lrac_audit.ledger.latency import context, latency
from lrac_audit.ledger.totals import PARTS, Part, part_of
from lrac_audit.published.rebuilding import Rebuilt

ATTENTION = "attention"
"""Kind of the rows that are attention; the others are the layers."""


@dataclass(frozen=True)
class Quantity:
    """One quantity in print."""

    title: str
    recompute: Callable[[Rebuilt], Fraction | None]
    """Returns the quantity of a rebuilt codec; None where no number bounds it."""
    part: Part | None = None
    """The part of the codec, where the quantity is a cost that conventions can explain."""
    convention: str = ""
    """The convention that such a cost is printed in."""
    form: str = "absorbed"
    """The form of a design's quantizer that the figure is about."""

    def subject(self, rebuilt: Rebuilt) -> Subject:
        """Return what the quantity is taken from."""
        return rebuilt.subject(self.convention, self.form)


def _cost(title: str, part: Part, convention: str, form: str = "absorbed") -> Quantity:
    def recompute(rebuilt: Rebuilt) -> Fraction:
        subject = rebuilt.subject(convention, form)
        prices = {kind: Fraction(n) for kind, n in subject.convention.prices.items()}
        return next(iter(subject.works.values())).millions_per_second(part, prices)

    return Quantity(title, recompute, part, convention, form)


def _attention(stage: str, wanted: bool) -> Callable[[Rebuilt], Fraction]:
    def recompute(rebuilt: Rebuilt) -> Fraction:
        ledger = rebuilt.subject("macs").ledger
        rows = [row for row in ledger.rows if part_of(row) == stage]
        macs = sum(row.macs_per_frame for row in rows if (row.op == ATTENTION) == wanted)
        return Fraction(macs * ledger.sample_rate_hz, ledger.hop_samples * 1_000_000)

    return recompute


def _milliseconds(name: str) -> Callable[[Rebuilt], Fraction]:
    """Return how a delay of a design is recomputed, by its name in the latency."""

    def recompute(rebuilt: Rebuilt) -> Fraction:
        ledger = rebuilt.subject("lrac-2025").ledger
        return Fraction(getattr(latency(ledger), name) * 1000, ledger.sample_rate_hz)

    return recompute


def _total_samples(rebuilt: Rebuilt) -> Fraction | None:
    samples = rebuilt.delay_samples
    return None if samples is None else Fraction(samples)


def _receptive_field(rebuilt: Rebuilt) -> Fraction | None:
    samples = context(rebuilt.subject("lrac-2025").ledger).encoder_samples
    return None if samples is None else Fraction(samples)


def _costs() -> dict[str, Quantity]:
    found = {}
    for part in PARTS:
        words = part.replace("_", " ").replace("rvq", "RVQ")
        found[f"{part}_mflops"] = _cost(f"{words}, MFLOPS", part, "lrac-2025")
        found[f"{part}_mmacs"] = _cost(f"{words}, MMAC/s", part, "macs")
    return found


QUANTITIES: Mapping[str, Quantity] = {
    **_costs(),
    "rvq_projected_mflops": _cost(
        "RVQ projected, MFLOPS", "rvq_transmit", "lrac-2025", "projected"
    ),
    "rvq_absorbed_mflops": _cost("RVQ absorbed, MFLOPS", "rvq_transmit", "lrac-2025"),
    "overall_absorbed_mflops": _cost("overall, absorbed, MFLOPS", "overall", "lrac-2025"),
    "encoder_layers_mmacs": Quantity(
        "encoder without attention, MMAC/s", _attention("encoder", False)
    ),
    "decoder_layers_mmacs": Quantity(
        "decoder without attention, MMAC/s", _attention("decoder", False)
    ),
    "encoder_attention_mmacs": Quantity(
        "attention of the encoder, MMAC/s", _attention("encoder", True)
    ),
    "decoder_attention_mmacs": Quantity(
        "attention of the decoder, MMAC/s", _attention("decoder", True)
    ),
    "parameters_millions": Quantity(
        "parameters, M", lambda rebuilt: Fraction(rebuilt.parameters, 1_000_000)
    ),
    "parameters": Quantity("parameters", lambda rebuilt: Fraction(rebuilt.parameters)),
    "buffering_ms": Quantity("buffering, ms", _milliseconds("buffering_samples")),
    "transmit_ms": Quantity("transmit side, ms", _milliseconds("transmit_samples")),
    "receive_ms": Quantity("receive side, ms", _milliseconds("receive_samples")),
    "total_ms": Quantity("total latency, ms", _milliseconds("total_samples")),
    "total_samples": Quantity("total latency, samples", _total_samples),
    "receptive_field_samples": Quantity("encoder receptive field", _receptive_field),
}
"""By name in the data files."""
