"""Hold printed totals to the limits that their codecs are meant for, with what print left out."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from lrac_audit.auditing.print_conventions import ConventionSearch
from lrac_audit.auditing.printed_limits import LIMITED, PrintedLimit, unit_ratio
from lrac_audit.auditing.readings import FigureToExplain, Reading, value
from lrac_audit.ledger.conventions import CONVENTIONS
from lrac_audit.ledger.totals import Part
from lrac_audit.limits.limit_set import LimitSet, load_limits
from lrac_audit.published.quantities import QUANTITIES, Quantity
from lrac_audit.published.sources import PublishedTable, Source


def limits_on_print(source: Source, found: ConventionSearch | None) -> list[PrintedLimit]:
    """Return the limits beside the printed totals of the codecs that are not rebuilt as a whole."""
    if not source.limits:
        return []
    limits = load_limits(source.limits)
    return [
        _on_limit(source, table, name, limits, found)
        for table in source.tables
        for name in table.figures
        if table.codec is None and QUANTITIES[name].part in LIMITED
    ]


def _on_limit(
    source: Source,
    table: PublishedTable,
    name: str,
    limits: LimitSet,
    found: ConventionSearch | None,
) -> PrintedLimit:
    quantity, written = QUANTITIES[name], CONVENTIONS[limits.convention]
    part = _limited_part(quantity)
    printed = table.figures[name].value * unit_ratio(written, CONVENTIONS[quantity.convention])
    left_out = sum(
        (
            _left_out(figure, found.best.reading) * unit_ratio(written, figure.convention)
            for figure in _parts_of(source, table, found)
            if found and found.best and (part == "overall" or figure.part == "rvq_receive")
        ),
        Fraction(0),
    )
    title, limit = f"{table.title}, {part}", getattr(limits, LIMITED[part])
    return PrintedLimit(title, limits.title, limit, written.unit, printed, printed + left_out)


def _limited_part(quantity: Quantity) -> Part:
    assert quantity.part is not None
    return quantity.part


def _parts_of(
    source: Source, whole: PublishedTable, found: ConventionSearch | None
) -> list[FigureToExplain]:
    """Return the explained figures that are about parts of ``whole``."""
    if found is None or found.best is None:
        return []
    titles = tuple(f"{one.title}: " for one in source.tables if one.part_of == whole.title)
    explained = [found.figures[i] for i in sorted(found.best.explained)]
    return [figure for figure in explained if figure.title.startswith(titles)]


def _left_out(figure: FigureToExplain, reading: Reading) -> Fraction:
    """Return the work that ``reading`` leaves out of a figure, in the figure's own unit."""
    complete = replace(reading, toggle_search=False, single_pass=False)
    with_all, as_read = value(figure, complete), value(figure, reading)
    assert with_all is not None and as_read is not None
    return with_all - as_read
