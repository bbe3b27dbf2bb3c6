"""The paper's figures on the page Summary of a baseline, beside the sheet's own."""

from __future__ import annotations

from collections.abc import Mapping

from lrac_audit.auditing.reconcile import reconcile
from lrac_audit.design.formats import load_design
from lrac_audit.ledger.row import RvqForm
from lrac_audit.ledger.totals import Part
from lrac_audit.presets import BASELINES
from lrac_audit.published.comparison import Cell, ComparedTable, compare_table
from lrac_audit.published.rebuilding import Rebuilt
from lrac_audit.published.sources import DEFAULT_SOURCE, load_source
from lrac_audit.report.workbook.figures import Figures, required
from lrac_audit.report.workbook.summary import SummaryPage

CONVENTION = "lrac-2025"
"""Convention in which the paper counts."""
_ROUNDING = 1e-9
"""Rounding error that a spreadsheet program's figure may have."""
_PARTS: Mapping[str, Part] = {
    "encoder, MFLOPS": "encoder",
    "RVQ projected, MFLOPS": "rvq_transmit",
    "RVQ absorbed, MFLOPS": "rvq_transmit",
    "decoder, MFLOPS": "decoder",
    "overall, absorbed, MFLOPS": "overall",
}
"""Title of a published figure to the part of the codec that it is about."""


def baseline_table(figures: Figures) -> ComparedTable | None:
    """Return the paper's table of this design; None where it is no baseline."""
    for name in BASELINES:
        if load_design(name).design == figures.design:
            tables = load_source(DEFAULT_SOURCE).tables
            table = next(one for one in tables if one.codec == {"design": name})
            return compare_table(table, Rebuilt({"design": name}))
    return None


def put_published(builder: SummaryPage, table: ComparedTable) -> None:
    """Write the section at the end of the page Summary."""
    page = builder.page
    builder.row += 3
    page.break_before = builder.row - 2
    page.put(f"A{builder.row - 2}", "Published beside recomputed", "heading")
    for column in "BCDEFGHI":
        page.put(f"{column}{builder.row - 2}", None, "heading")
    note = "; RVQ on the transmit side, lrac-2025, at the highest bitrate"
    page.put(
        f"A{builder.row - 1}",
        f"{table.title} of {load_source(DEFAULT_SOURCE).citation}{note}",
        "lead",
    )
    titles = ("Figure", "Published", "Printed to ±", "This sheet", "Difference", "Mark")
    for column, text in zip("ABCDEF", titles, strict=True):
        style = "header" if column == "A" else "header right"
        page.put(f"{column}{builder.row}", text, "header centre" if column == "F" else style)
    for column in "GHI":
        page.put(f"{column}{builder.row}", None, "header")
    first = builder.row + 1
    explaining: set[tuple[str, int]] = set()
    for cell in table.cells:
        _line(builder, cell, explaining)
    page.marked.append(f"F{first}:F{builder.row}")


def _line(builder: SummaryPage, cell: Cell, explaining: set[tuple[str, int]]) -> None:
    page = builder.page
    builder.row += 1
    row, shown = builder.row, _shown(builder.figures, cell)
    difference = shown - float(cell.published.value)
    equal = abs(difference) <= float(cell.published.half_unit) + _ROUNDING
    page.put(f"A{row}", f"   {cell.title}")
    page.put(f"B{row}", float(cell.published.value), "number")
    page.put(f"C{row}", float(cell.published.half_unit), "number faint")
    page.calculate(f"D{row}", f"={_source(builder, cell.title)}", shown, "time")
    page.calculate(f"E{row}", f"=D{row}-B{row}", difference, "margin")
    formula = f'=IF(ABS(E{row})<=C{row}+{_ROUNDING:.9f},"equal","different")'
    page.calculate(f"F{row}", formula, "equal" if equal else "different", "mark")
    if cell.status == "different" and _in_the_papers_terms(builder.figures):
        builder.row += 1
        page.put(f"A{builder.row}", _explanation(builder.figures, cell, explaining), "explanation")
        page.merged.append(f"A{builder.row}:I{builder.row}")
        page.heights[builder.row] = 28


def _form(title: str) -> RvqForm:
    return "projected" if "projected" in title else "absorbed"


def _shown(figures: Figures, cell: Cell) -> float:
    """Return the sheet's own figure in the mode and convention that it shows."""
    if cell.title not in _PARTS:
        return float(required(cell.recomputed))
    return figures.mflops(_PARTS[cell.title], _form(cell.title), figures.layers_on)


def _in_the_papers_terms(figures: Figures) -> bool:
    """Return whether the sheet counts as the paper does, so that a gap can be explained."""
    highest = figures.design.quantizer.mode_layers[-1]
    return (figures.convention.name, figures.layers_on) == (CONVENTION, highest)


def _source(builder: SummaryPage, title: str) -> str:
    """Return the cell of the sheet that recomputes a published figure."""
    if title == "encoder receptive field":
        return "receptive_field"
    delays = {
        "buffering, ms": "hop_samples",
        "transmit side, ms": "encoder_delay",
        "receive side, ms": "decoder_delay",
        "total latency, ms": "(hop_samples+encoder_delay+decoder_delay)",
    }
    if title in delays:
        return f"{delays[title]}*1000/sample_rate_hz"
    return f"summary_{_PARTS[title]}_{_form(title)}"


def _explanation(figures: Figures, cell: Cell, explaining: set[tuple[str, int]]) -> str:
    """Return the finding of :mod:`lrac_audit.auditing.reconcile` as a sentence.

    Of several edits that explain a figure, one that explains another figure too goes first, and
    ``explaining`` remembers it.
    """
    found = reconcile(figures.ledger, figures.convention, _PARTS[cell.title], cell.published)
    if not found.singles:
        return f"No single layer explains it; {found.pair_count} pairs of layers would."
    singles = sorted(found.singles, key=lambda edit: (edit.row.name, edit.kernel) not in explaining)
    edit = singles[0]
    again = (edit.row.name, edit.kernel) in explaining
    explaining.add((edit.row.name, edit.kernel))
    change = figures.ledger.millions_per_second(edit.price_per_frame)
    others = len(singles) - 1
    unique = f"{others} other single layers would" if others else "no other single layer does"
    return (
        f"Explained by {edit.row.name}, {edit}, in the published figure ({change:+g} MFLOPS)"
        f"{', as above' if again else ''}; {unique}, and {found.pair_count} pairs of layers would."
    )
