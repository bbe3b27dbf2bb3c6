"""The limits on the page Inputs: those of the named set, and the cells that replace them."""

from __future__ import annotations

from lrac_audit.auditing.audit import Audit
from lrac_audit.design.sheet import layout
from lrac_audit.errors import InputError, Problem
from lrac_audit.ledger.conventions import CONVENTIONS
from lrac_audit.limits.bitrates import BITRATES
from lrac_audit.limits.limit_set import (
    BOUNDS,
    CHALLENGE_LIMITS,
    DEFAULT_LIMITS,
    LimitSet,
    load_limits,
)
from lrac_audit.report.workbook.figures import Figures
from lrac_audit.report.workbook.inputs import limit_set_choices, put_input
from lrac_audit.report.workbook.page import Page, Rule, Value, letter

FIRST_SET_COLUMN = 6
"""Column F, where the limit sets of the package begin."""


def refuse_limits(audit: Audit) -> None:
    """Refuse a design whose limits a sheet has no cells for: it would leave them out.

    Raises:
        InputError: with the bounds that a sheet does not hold.
    """
    limits = audit.verdict.limits
    held = {*layout.LIMIT_FIELDS, BITRATES.id}
    others = [name for name in BOUNDS if name not in held and getattr(limits, name)]
    if others:
        allowed = "for a sheet, only " + ", ".join(name for name in BOUNDS if name in held)
        problem = Problem("limits", f"{limits.title} with {', '.join(others)}", allowed)
        raise InputError(audit.target.source, [problem])


def put_limits(page: Page, figures: Figures) -> None:
    """Write the section Limits of the page Inputs."""
    rows, sets = figures.layout.rows, [load_limits(name) for name in CHALLENGE_LIMITS]
    heading = rows["Limits"]
    titles = {"B": "Own, in place of it", "C": "In the named set", "D": "In effect"}
    titles |= {letter(FIRST_SET_COLUMN + i): found.name for i, found in enumerate(sets)}
    for column, text in titles.items():
        page.put(f"{column}{heading}", text, "heading right")
    _named(page, figures, heading, len(sets))
    for key in layout.LIMIT_FIELDS:
        values = [getattr(found, key) for found in sets]
        _limit(page, figures, key, values, getattr(figures.named_limits, key))
    _bitrates(page, figures, sets)


def _named(page: Page, figures: Figures, heading: int, sets: int) -> None:
    cell = figures.layout.cell("limits")
    row = figures.layout.rows["limits"]
    put_input(page, cell, figures.design.limits or layout.NONE, None, "typed")
    if (figures.design.limits or layout.NONE) in limit_set_choices():
        page.rules[cell] = Rule(
            choices=limit_set_choices(), hint="The set the design is meant for."
        )
    page.put(
        f"E{row}",
        f"what the design is meant for; none: {DEFAULT_LIMITS}, the strictest",
        "faint indent",
    )
    first, last = letter(FIRST_SET_COLUMN), letter(FIRST_SET_COLUMN + sets - 1)
    formula = f"=IFERROR(MATCH({cell},${first}${heading}:${last}${heading},0),1)"
    number = CHALLENGE_LIMITS.index(figures.named_limits.name) + 1
    page.calculate(f"C{row}", formula, number, "number right")
    page.name_cell("limit_set_number", f"C{row}")
    page.name_cell("limit_set", cell)
    page.name_cell("all_limit_sets", f"{first}{heading}:{last}{heading}")
    slots = figures.layout.bitrate_slots
    page.name_cell("own_limits", f"B{row + 1}:B{row + len(layout.LIMIT_FIELDS) + slots}")


def _limit(page: Page, figures: Figures, key: str, values: list[Value], named: Value) -> None:
    row = figures.layout.rows[f"limits.{key}"]
    effective = getattr(figures.audit.verdict.limits, key)
    own = None if effective == named else layout.NONE if effective is None else effective
    rule = None
    if key == "convention":
        rule = Rule(choices=tuple(CONVENTIONS), hint="The convention that the MFLOPS are meant in.")
    _put(page, row, own, values, named, effective, rule)
    formula = f"=IF(COUNTA(B{row})=0,C{row},B{row})"
    page.calculate(f"D{row}", formula, _or_none(effective), "number right")
    page.name_cell(f"limit_{key}", f"D{row}")


def _put(
    page: Page,
    row: int,
    own: Value,
    values: list[Value],
    named: Value,
    effective: Value,
    rule: Rule | None,
) -> None:
    put_input(page, f"B{row}", own, rule, "number right")
    for i, value in enumerate(values):
        page.put(f"{letter(FIRST_SET_COLUMN + i)}{row}", _or_none(value), "faint number right")
    first, last = letter(FIRST_SET_COLUMN), letter(FIRST_SET_COLUMN + len(values) - 1)
    formula = f"=INDEX({first}{row}:{last}{row},limit_set_number)"
    page.calculate(f"C{row}", formula, _or_none(named), "number right")


def _bitrates(page: Page, figures: Figures, sets: list[LimitSet]) -> None:
    slots = figures.layout.bitrate_slots
    first = figures.layout.rows["limits.bitrates_kbps[0]"]
    named = figures.named_limits.bitrates_kbps
    effective = figures.audit.verdict.limits.bitrates_kbps
    own = () if effective == named else effective or (layout.NONE,)
    cells = f"$B${first}:$B${first + slots - 1}"
    for i in range(slots):
        row = first + i
        values: list[Value] = [_nth(found.bitrates_kbps, i) for found in sets]
        typed = own[i] if i < len(own) else None
        in_effect = _nth(effective, i)
        _put(page, row, typed, values, _nth(named, i), in_effect, None)
        formula = f'=IF(COUNTA({cells})=0,C{row},IF(COUNT(B{row})=1,B{row},"none"))'
        page.calculate(f"D{row}", formula, _or_none(in_effect), "number right")
    note = "one mode of at most each; own bitrates replace all of the set's"
    page.put(f"E{first}", note, "faint indent")
    page.name_cell("limit_bitrates", f"D{first}:D{first + slots - 1}")
    overall = figures.layout.rows["limits.overall_mflops"]
    page.put(f"E{overall}", "type a number to try another limit, none to lift it", "faint indent")


def _nth(values: tuple[float, ...], i: int) -> float | None:
    return values[i] if i < len(values) else None


def _or_none(value: Value) -> Value:
    return layout.NONE if value is None else value
