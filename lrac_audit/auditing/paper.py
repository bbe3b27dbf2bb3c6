"""Comparison of the paper's tables with the recomputed figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from lrac_audit.auditing.audit import Audit, audit
from lrac_audit.auditing.printed_figure import PublishedFigure, parse_figure
from lrac_audit.design.yaml_source import read_yaml
from lrac_audit.ledger.latency import context, latency
from lrac_audit.ledger.totals import Part

SOURCE = "Baseline Systems for the 2025 LRAC Challenge (arXiv 2510.00264)"
"""The paper that the figures are from."""
PAPER = Path(__file__).with_name("lrac-2025-paper.yaml")


class Cell(NamedTuple):
    """One published figure and the figure of the ledger."""

    title: str
    published: PublishedFigure
    recomputed: Fraction

    @property
    def status(self) -> str:
        """``equal`` at the printed precision, or ``different``."""
        return "equal" if self.published.agrees_with(self.recomputed) else "different"


class PaperTable(NamedTuple):
    """One table of the paper."""

    title: str
    target: str
    cells: list[Cell]


def compare_with_paper() -> list[PaperTable]:
    """Return each published figure of the two baselines beside the recomputed ``lrac-2025`` one."""
    tables = []
    tree = read_yaml(PAPER)
    assert isinstance(tree, list)
    for entry in tree:
        assert isinstance(entry, dict)
        assert isinstance(entry["cells"], dict)
        target = str(entry["target"])
        forms = {form: audit(target, rvq=form) for form in ("absorbed", "projected")}
        cells = []
        for name, text in entry["cells"].items():
            title, form, recompute = _QUANTITIES[name]
            published = parse_figure(str(text), name, str(PAPER))
            cells.append(Cell(title, published, recompute(forms[form])))
        tables.append(PaperTable(str(entry["title"]), target, cells))
    return tables


def _mflops(part: Part) -> Callable[[Audit], Fraction]:
    def recompute(found: Audit) -> Fraction:
        price = found.totals.cost(part, found.convention).price_per_frame
        return Fraction(price * found.ledger.sample_rate_hz, found.ledger.hop_samples * 1_000_000)

    return recompute


def _milliseconds(name: str) -> Callable[[Audit], Fraction]:
    def recompute(found: Audit) -> Fraction:
        samples = getattr(latency(found.ledger), name)
        return Fraction(samples * 1000, found.ledger.sample_rate_hz)

    return recompute


def _receptive_field(found: Audit) -> Fraction:
    samples = context(found.ledger).encoder_samples
    assert samples is not None
    return Fraction(samples)


_QUANTITIES: Mapping[str, tuple[str, str, Callable[[Audit], Fraction]]] = {
    "encoder_mflops": ("encoder, MFLOPS", "absorbed", _mflops("encoder")),
    "rvq_projected_mflops": ("RVQ projected, MFLOPS", "projected", _mflops("rvq_transmit")),
    "rvq_absorbed_mflops": ("RVQ absorbed, MFLOPS", "absorbed", _mflops("rvq_transmit")),
    "decoder_mflops": ("decoder, MFLOPS", "absorbed", _mflops("decoder")),
    "overall_absorbed_mflops": ("overall, absorbed, MFLOPS", "absorbed", _mflops("overall")),
    "buffering_ms": ("buffering, ms", "absorbed", _milliseconds("buffering_samples")),
    "transmit_ms": ("transmit side, ms", "absorbed", _milliseconds("transmit_samples")),
    "receive_ms": ("receive side, ms", "absorbed", _milliseconds("receive_samples")),
    "total_ms": ("total latency, ms", "absorbed", _milliseconds("total_samples")),
    "receptive_field_samples": ("encoder receptive field", "absorbed", _receptive_field),
}
"""Name in the data file to its title, the RVQ form it holds for, and how to recompute it."""
