"""Draw a Pareto front: each design as a point, the first objective beside each of the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from lrac_audit.auditing.exploring.values import value_text
from lrac_audit.report.numerals import number
from lrac_audit.report.pictures.canvas import (
    GRID,
    GROUND,
    MUTED,
    RECEIVE,
    TICKS,
    TRANSMIT,
    mark,
    new_figure,
    shortened_name,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from lrac_audit.auditing.exploring.exploration import Exploration
    from lrac_audit.auditing.exploring.objectives import Objective

MAX_NAMED = 12
"""Of more designs than these, only a pointer shows the names."""
START = "start"
"""Names the design that the knobs are turned on."""


class Point(NamedTuple):
    """A design in a picture of two objectives."""

    name: str
    x: float
    y: float
    text: str
    """Its figures and the values of its knobs."""


def points(exploration: Exploration, place: int) -> list[Point]:
    """Return the designs whose first objective and that at ``place`` are known and bounded."""
    found = []
    knobs = [knob.name for knob in exploration.space.knobs]
    for design in exploration.designs:
        settings = zip(knobs, map(value_text, design.values), strict=True)
        words = [*_figures(exploration, design.figures), *(f"{k} {v}" for k, v in settings)]
        x, y = design.figures[0], design.figures[place]
        if x is not None and y is not None:
            found.append(Point(design.name, x, y, f"{design.name}: {', '.join(words)}"))
    return found


def start(exploration: Exploration, place: int) -> Point | None:
    """Return the design that the knobs are turned on; None where a figure of it has no bound."""
    figures = [each.measure(exploration.base) for each in exploration.objectives]
    x, y = figures[0], figures[place]
    if x is None or y is None:
        return None
    return Point(START, x, y, f"{START}: {', '.join(_figures(exploration, figures))}")


def _figures(exploration: Exploration, figures: Sequence[float | None]) -> list[str]:
    return [
        f"{each.name} {number(figure)}"
        for each, figure in zip(exploration.objectives, figures, strict=True)
        if figure is not None
    ]


def has_front(exploration: Exploration) -> bool:
    """Return whether two objectives of a design can be set beside each other."""
    return any(points(exploration, i) for i in range(1, len(exploration.objectives)))


def front_words(exploration: Exploration) -> str:
    """Return in words what the picture shows: the ends of the front."""
    designs = exploration.designs
    ends = {design.name: design.figures for design in (designs[0], designs[-1])}
    told = [
        f"{name}: {', '.join(_figures(exploration, figures))}" for name, figures in ends.items()
    ]
    return f"Pareto front of {len(designs):,} designs. Its ends: {'; '.join(told)}."


def front_picture(exploration: Exploration) -> Figure:
    """Return a chart for each objective after the first."""
    others = range(1, len(exploration.objectives))
    figure, axes = new_figure(2.8 * len(others), nrows=len(others), sharex=True)
    for each, place in zip(axes, others, strict=True):
        _draw(each, points(exploration, place), start(exploration, place))
        each.set_ylabel(_title(exploration, exploration.objectives[place]))
    axes[-1].set_xlabel(_title(exploration, exploration.objectives[0]))
    return figure


def _draw(axes: Axes, found: list[Point], first: Point | None) -> None:
    from matplotlib.ticker import StrMethodFormatter

    axes.grid(color=GRID, linewidth=0.5)
    for point in found:
        _draw_point(axes, point, "o", TRANSMIT)
    if first is not None:
        _draw_point(axes, first, "X", RECEIVE)
    named = [*(found if len(found) <= MAX_NAMED else ()), *([] if first is None else [first])]
    for point in named:
        axes.annotate(
            shortened_name(point.name),
            (point.x, point.y),
            (4, 3),
            textcoords="offset points",
            fontsize="small",
            color=MUTED,
        )
    axes.margins(0.08)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(StrMethodFormatter(TICKS))


def _draw_point(axes: Axes, point: Point, marker: str, color: str) -> None:
    (drawn,) = axes.plot(
        point.x, point.y, marker, color=color, markersize=6, markeredgecolor=GROUND
    )
    mark(drawn, point.text)


def _title(exploration: Exploration, objective: Objective) -> str:
    unit = exploration.unit_of(objective)
    better = "more is better" if objective.is_maximised else "less is better"
    return f"{shortened_name(objective.name)}{f', {unit}' if unit else ''} ({better})"
