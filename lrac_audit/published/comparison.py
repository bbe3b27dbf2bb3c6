"""Compare the figures of a source with those of the rebuilt codecs, and explain the differences."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal, NamedTuple

from lrac_audit.auditing.print_conventions import ConventionSearch, explain
from lrac_audit.auditing.printed_figure import PublishedFigure
from lrac_audit.auditing.printed_limits import PrintedLimit
from lrac_audit.auditing.readings import FigureToExplain
from lrac_audit.auditing.reconcile import Reconciliation, reconcile
from lrac_audit.progress import Progress, tell_nobody
from lrac_audit.published.formula import evaluate
from lrac_audit.published.limits_on_print import limits_on_print
from lrac_audit.published.quantities import QUANTITIES, Quantity
from lrac_audit.published.rebuilding import Rebuilt
from lrac_audit.published.sources import PublishedTable, Source

CellStatus = Literal["equal", "different", "not rebuilt"]


class Cell(NamedTuple):
    """One published figure and the recomputed one."""

    title: str
    quantity: Quantity
    published: PublishedFigure
    recomputed: Fraction | None
    """None where the codec is not rebuilt and no sum by hand is known."""
    formula: str = ""
    """The sum by hand that gave the recomputed figure; empty where a ledger did."""

    @property
    def status(self) -> CellStatus:
        """``equal`` at the printed precision, or ``different``; else ``not rebuilt``."""
        if self.recomputed is None:
            return "not rebuilt"
        return "equal" if self.published.agrees_with(self.recomputed) else "different"


class ComparedTable(NamedTuple):
    """The cells of one table."""

    title: str
    target: str
    """The codec that was rebuilt; empty where none was."""
    cells: list[Cell]


class ExplainedByLayers(NamedTuple):
    """A cost that differs, and the edits of layers that explain it."""

    title: str
    found: Reconciliation


class Comparison(NamedTuple):
    """A source, its figures beside the recomputed ones, and what explains the differences."""

    source: Source
    tables: list[ComparedTable]
    conventions: ConventionSearch | None
    """What explains the costs that differ, all of them together; None where none does."""
    layers: list[ExplainedByLayers]
    """For each cost that differs, what explains it alone."""
    limits: list[PrintedLimit]


def compare(source: Source, progress: Progress | None = None) -> Comparison:
    """Return each figure of ``source`` beside the recomputed one.

    Raises:
        Exception: the package of a codec that is measured is missing, whatever its import raises.
    """
    tables: list[ComparedTable] = []
    differing: list[FigureToExplain] = []
    layers: list[ExplainedByLayers] = []
    for table in source.tables:
        (progress or tell_nobody)(table.title)
        rebuilt = None if table.codec is None else Rebuilt(table.codec, progress)
        compared = compare_table(table, rebuilt)
        tables.append(compared)
        if rebuilt is not None:
            for cell in compared.cells:
                _explain_cell(table, cell, rebuilt, differing, layers)
    found = explain(differing) if differing else None
    return Comparison(source, tables, found, layers, limits_on_print(source, found))


def compare_table(table: PublishedTable, rebuilt: Rebuilt | None) -> ComparedTable:
    """Return each figure of ``table`` beside that of ``rebuilt``."""
    cells = [_cell(table, name, rebuilt) for name in table.figures]
    return ComparedTable(table.title, "" if rebuilt is None else rebuilt.name, cells)


def _explain_cell(
    table: PublishedTable,
    cell: Cell,
    rebuilt: Rebuilt,
    differing: list[FigureToExplain],
    layers: list[ExplainedByLayers],
) -> None:
    """Add a cost that differs to those that conventions explain, and what layers explain it."""
    part = cell.quantity.part
    if cell.status != "different" or part is None:
        return
    subject = cell.quantity.subject(rebuilt).also_counted(rebuilt.clips)
    title, convention = f"{table.title}: {cell.title}", subject.convention
    differing.append(FigureToExplain(title, part, cell.published, convention, subject.works))
    found = reconcile(subject.ledger, convention, part, cell.published)
    layers.append(ExplainedByLayers(title, found))


def _cell(table: PublishedTable, name: str, rebuilt: Rebuilt | None) -> Cell:
    quantity, published = QUANTITIES[name], table.figures[name]
    formula = table.formulas.get(name, "")
    if formula:
        return Cell(quantity.title, quantity, published, evaluate(formula), formula)
    recomputed = None if rebuilt is None else quantity.recompute(rebuilt)
    return Cell(quantity.title, quantity, published, recomputed)
