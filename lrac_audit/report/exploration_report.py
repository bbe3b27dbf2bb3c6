"""The report of an exploration: the Pareto front, and what each of its designs costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from lrac_audit.auditing.exploring.terms import RATE_LIMITS
from lrac_audit.auditing.exploring.values import Value, value_text
from lrac_audit.console.layout import Column, Table
from lrac_audit.report.blocks import (
    Bullets,
    IllustratedSection,
    PageSection,
    Picture,
    ScreenSection,
)
from lrac_audit.report.content import (
    DocumentContent,
    PageContent,
    RecordContent,
    ScreenContent,
    WorkbookContent,
)
from lrac_audit.report.numerals import NO_BOUND, number

if TYPE_CHECKING:
    from lrac_audit.auditing.exploring.exploration import Exploration, FrontDesign
    from lrac_audit.report.workbook.page import Page

LETTERS = "abcdefghijklmnopqrstuvwxyz"
SHOWN_VALUES = 6
"""How many values of a knob are listed one by one."""


@dataclass(frozen=True)
class ExplorationReport(
    ScreenContent, PageContent, DocumentContent, RecordContent, WorkbookContent
):
    """The designs on the front, with their knobs, objectives and margins."""

    exploration: Exploration

    def screen_sections(self) -> Sequence[ScreenSection]:
        """Return the same as on a page."""
        return self.page_sections()

    def page_sections(self) -> Sequence[PageSection]:
        """Return the front, and how it was found."""
        return [[self._front()], [Bullets(list(self._facts()))]]

    def title(self) -> str:
        """Return the design that the knobs are turned on."""
        return f"Exploration of {self.exploration.base.target.source}"

    def illustrated_sections(self) -> Sequence[IllustratedSection]:
        """Return a picture of the front before what a page has."""
        from lrac_audit.report.pictures.front_picture import front_picture, front_words, has_front

        found = self.exploration
        if not has_front(found):
            return self.page_sections()
        caption = "The Pareto front, and the design that the knobs are turned on."
        drawn = Picture("front", caption, front_words(found), partial(front_picture, found))
        return [[drawn], *self.page_sections()]

    def document(self) -> Mapping[str, Any]:
        """Return the space, the objectives and the front."""
        from lrac_audit.auditing.document import SCHEMA_VERSION

        found = self.exploration
        convention = found.base.convention
        return {
            "schema_version": SCHEMA_VERSION,
            "source": found.base.target.source,
            "convention": {"name": convention.name, "unit": convention.unit},
            "limits": found.base.verdict.limits.name,
            "space": {"designs": found.space.size, "decided": found.decided},
            "is_exact": found.is_exact,
            "is_interrupted": found.is_interrupted,
            "knobs": [
                {"name": knob.name, "fields": len(knob.addresses), "values": list(knob.values)}
                for knob in found.space.knobs
            ],
            "objectives": [
                {
                    "name": each.name,
                    "is_maximised": each.is_maximised,
                    "unit": found.unit_of(each),
                }
                for each in found.objectives
            ],
            "front": [self._design_data(design) for design in found.designs],
        }

    def records(self) -> Sequence[Mapping[str, Any]]:
        """Return one record for each design: its knobs, its objectives, its margins."""
        names = [knob.name for knob in self.exploration.space.knobs]
        return [
            {
                "design": design.name,
                **dict(zip(names, design.values, strict=True)),
                **self._objectives(design),
                **{f"{name}_margin": margin for name, margin in _margins(design).items()},
            }
            for design in self.exploration.designs
        ] or [{"design": None}]

    def pages(self) -> Sequence[Page]:
        """Return the front, and the knobs with all their values."""
        from lrac_audit.report.workbook.gate import Grid, grid_page

        found, records = self.exploration, self.records()
        designs = [list(map(_cell, record.values())) for record in records]
        knobs: list[list[Any]] = [
            [knob.name, len(knob.addresses), ", ".join(map(value_text, knob.values))]
            for knob in found.space.knobs
        ]
        return [
            grid_page("Front", Grid(found.method, list(records[0]), designs)),
            grid_page("Space", Grid(self.title(), ("Knob", "Fields", "Values"), knobs)),
        ]

    def _front(self) -> Table:
        found = self.exploration
        told = self._told_places()
        columns = [Column("Design"), *(Column(letter(place), right=True) for place in told)]
        for objective in found.objectives:
            unit = found.unit_of(objective)
            heading = f"{objective.name} [{unit}]" if unit else objective.name
            columns.append(Column(heading, right=True))
        columns.append(Column("Least margin", spare=1))
        return Table(columns, [self._row(design, told) for design in found.designs], is_list=True)

    def _row(self, design: FrontDesign, told: Sequence[int]) -> list[str]:
        values = [value_text(design.values[place]) for place in told]
        return [design.name, *values, *map(_figure, design.figures), _least_margin(design)]

    def _told_places(self) -> list[int]:
        """Return the places of the knobs that are not the same in all designs of the front."""
        settings = zip(*(design.values for design in self.exploration.designs), strict=True)
        return [place for place, values in enumerate(settings) if len(set(values)) > 1]

    def _facts(self) -> Iterator[str]:
        found, told = self.exploration, self._told_places()
        yield found.method
        wishes = ", ".join(each.wish for each in found.objectives)
        count = len(found.designs)
        designs = "1 design" if count == 1 else f"{count:,} designs"
        yield f"{designs} within {found.base.verdict.limits.title}, none better in all of: {wishes}"
        for place, knob in enumerate(found.space.knobs):
            listed = _values(knob.values)
            if place in told:
                yield f"{letter(place)} is {knob.name}, of {listed}"
            elif found.designs:
                value = value_text(found.designs[0].values[place])
                yield f"{knob.name} is {value} in every design of the front, of {listed}"

    def _objectives(self, design: FrontDesign) -> dict[str, Any]:
        names = [each.name for each in self.exploration.objectives]
        return dict(zip(names, design.figures, strict=True))

    def _design_data(self, design: FrontDesign) -> dict[str, Any]:
        names = [knob.name for knob in self.exploration.space.knobs]
        return {
            "name": design.name,
            "knobs": dict(zip(names, design.values, strict=True)),
            "objectives": self._objectives(design),
            "verdict": design.audit.verdict.status,
            "checks": [
                {
                    "id": check.id,
                    "limit": check.limit,
                    "value": check.value,
                    "margin": check.margin,
                    "status": check.status,
                }
                for check in design.audit.verdict.checks
            ],
        }


def letter(place: int) -> str:
    """Return the letter of a knob, with a number where there are more knobs than letters."""
    turn, index = divmod(place, len(LETTERS))
    return f"{LETTERS[index]}{turn + 1}" if turn else LETTERS[index]


def _margins(design: FrontDesign) -> dict[str, float]:
    """Return the margin of each limit that is one number and an upper bound, by its check."""
    return {
        check.id: check.margin
        for check in design.audit.verdict.checks
        if check.id not in RATE_LIMITS and isinstance(check.margin, int | float)
    }


def _least_margin(design: FrontDesign) -> str:
    """Return the check that comes nearest to its limit, and how near as a share of it."""
    margins, limits = _margins(design), design.audit.verdict.limits
    shares = [
        (margins[check.id] / check.limit, check.id)
        for check in design.audit.verdict.checks
        if check.id in margins and isinstance(check.limit, int | float)
    ]
    if not shares:
        return f"no upper bound in {limits.name}"
    share, name = min(shares)
    return f"{name} {100 * share:.1f} %"


def _cell(value: Any) -> Any:
    """Return a value as a cell of a workbook takes it."""
    return value_text(value) if isinstance(value, bool) else value


def _figure(value: float | None) -> str:
    return NO_BOUND if value is None else number(value)


def _values(values: Sequence[Value]) -> str:
    if len(values) <= SHOWN_VALUES:
        return ", ".join(map(value_text, values))
    return f"{value_text(values[0])} to {value_text(values[-1])}, {len(values):,} values"
