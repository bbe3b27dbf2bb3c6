"""The tables on the page Inputs with the price of each kind of work in each convention."""

from __future__ import annotations

from collections.abc import Sequence

from lrac_audit.design.activations import ACTIVATIONS
from lrac_audit.ledger.conventions import CONVENTIONS, ignored_reason
from lrac_audit.ledger.row import ALL_KINDS
from lrac_audit.report.workbook.figures import Figures
from lrac_audit.report.workbook.page import Page, Value, letter

FIRST_CONVENTION_COLUMN = 6
DERIVED_VALUE_ROWS = 13
"""Number of rows that the derived values above take."""


def put_prices(page: Page, figures: Figures) -> None:
    """Write the prices below everything else on the page Inputs."""
    heading = figures.layout.end + DERIVED_VALUE_ROWS
    _headings(page, figures, heading)
    conventions = list(CONVENTIONS.values())
    _row(page, heading + 1, "FLOPs per MAC", [c.flops_per_mac for c in conventions], figures)
    _row(page, heading + 2, "Unit", [c.unit for c in conventions], figures)
    page.name_cell("flops_per_mac", f"B{heading + 1}")
    page.name_cell("cost_unit", f"B{heading + 2}")
    first, last = letter(FIRST_CONVENTION_COLUMN), letter(_last_column())
    page.name_cell("all_flops_per_mac", f"{first}{heading + 1}:{last}{heading + 1}")
    row = heading + 3
    kinds = [kind for kind in ALL_KINDS if kind not in ACTIVATIONS]
    for kind in kinds:
        _row(page, row, kind, [c.prices[kind] for c in conventions], figures)
        page.name_cell(f"price_{kind}", f"B{row}")
        row += 1
    _activations(page, figures, row)


def _last_column() -> int:
    return FIRST_CONVENTION_COLUMN + len(CONVENTIONS) - 1


def _headings(page: Page, figures: Figures, heading: int) -> None:
    first, last = letter(FIRST_CONVENTION_COLUMN), letter(_last_column())
    page.put(f"A{heading}", "Prices per unit of work", "heading")
    for column, text in {"C": None, "D": None, "E": "Why it may cost nothing"}.items():
        page.put(f"{column}{heading}", text, "heading indent")
    page.put(f"B{heading}", "In effect", "heading right")
    for i, name in enumerate(CONVENTIONS):
        column = letter(FIRST_CONVENTION_COLUMN + i)
        page.put(f"{column}{heading}", name, "heading right")
        page.widths[column] = 18
    names = f"${first}${heading}:${last}${heading}"
    page.name_cell("all_conventions", f"{first}{heading}:{last}{heading}")
    row = heading - 1
    page.put(f"A{row}", "Number of the convention")
    position = list(CONVENTIONS).index(figures.convention.name) + 1
    page.calculate(f"B{row}", f"=MATCH(convention,{names},0)", position, "number right")
    page.name_cell("convention_number", f"B{row}")


def _row(page: Page, row: int, label: str, values: Sequence[Value], figures: Figures) -> None:
    position = list(CONVENTIONS).index(figures.convention.name)
    first, last = letter(FIRST_CONVENTION_COLUMN), letter(_last_column())
    page.put(f"A{row}", label.replace("_", " ") if label not in ACTIVATIONS else label)
    formula = f"=INDEX({first}{row}:{last}{row},convention_number)"
    page.calculate(f"B{row}", formula, values[position], "number right")
    for i, value in enumerate(values):
        page.put(f"{letter(FIRST_CONVENTION_COLUMN + i)}{row}", value, "faint number right")
    if label in ALL_KINDS and 0 in values:
        page.put(f"E{row}", ignored_reason(label), "faint indent")


def _activations(page: Page, figures: Figures, first: int) -> None:
    """Write the activations with their prices and parameters, which formulas look up by name."""
    page.put(f"A{first}", "Activations", "heading")
    for column, text in {"B": "In effect", "C": "Per channel", "D": "Shared"}.items():
        page.put(f"{column}{first}", text, "heading right")
    page.put(f"E{first}", "learned values, per channel and shared by all", "faint indent")
    for row, (name, kind) in enumerate(ACTIVATIONS.items(), first + 1):
        _row(page, row, name, [c.prices[name] for c in CONVENTIONS.values()], figures)
        learned: dict[str, Value] = {"C": kind.learned_per_channel, "D": kind.learned_shared}
        for column, value in learned.items():
            page.put(f"{column}{row}", value, "number right")
    page.name_cell("activations", f"A{first + 1}:D{first + len(ACTIVATIONS)}")
