"""Sentences on the conventions met in print that explain published figures, and how uniquely."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lrac_audit.report.numerals import number

if TYPE_CHECKING:
    from lrac_audit.auditing.print_conventions import ConventionSearch, Explanation

SHOWN = 3
"""Most explanations that are listed of several."""


def sentences(search: ConventionSearch) -> list[str]:
    """Return the simplest explanations, how many others fit, and what comes nearest."""
    groups = [group for group in search.groups if group[0].departures]
    lines = [line for group in groups[:SHOWN] for line in _group(search, group)]
    if not lines and search.best is not None:
        figures = f"{len(search.best.explained)} of {len(search.figures)} figures"
        tried = f"no other of {search.tried} ways of counting explains as many"
        return [f"counted as it stands: {figures}; {tried}"]
    if not lines:
        figures = "it" if len(search.figures) == 1 else f"any of the {len(search.figures)} figures"
        lines = [f"none of {search.tried} ways of counting explains {figures}"]
    if search.nearest is not None:
        nearest, gap = search.nearest
        lines.append(f"the nearest other ({nearest}) misses by {_percent(float(gap))}")
    return lines


def _percent(share: float) -> str:
    """Return a share in percent, to two digits where it has no more."""
    return f"{100 * share:,.0f} %" if share >= 0.1 else f"{100 * share:.2g} %"


def _group(search: ConventionSearch, group: Sequence[Explanation]) -> list[str]:
    """Return the simplest explanation of some figures, and how unique it is."""
    first, *others = group
    lines = [f"explained by the way of counting: {_described(search, first)}"]
    if len(first.explained) < len(search.figures):
        titles = "; ".join(search.figures[i].title for i in sorted(first.explained))
        lines.append(f"explains {len(first.explained)} of {len(search.figures)} figures: {titles}")
    if others:
        more = "; ".join(map(str, others[:SHOWN]))
        fit = "1 other" if len(others) == 1 else f"{len(others)} others"
        verb = "fits" if len(others) == 1 else "fit"
        lines.append(f"{fit} of {search.tried} ways of counting {verb} too: {more}")
    else:
        lines.append(f"no other of {search.tried} ways of counting fits")
    return lines


def _described(search: ConventionSearch, explanation: Explanation) -> str:
    """Return an explanation with what each figure is by it."""
    from lrac_audit.auditing.readings import value

    values = (value(search.figures[i], explanation.reading) for i in sorted(explanation.explained))
    figures = " / ".join(number(float(found)) for found in values if found is not None)
    return f"{explanation} ({figures})"


def explanation_tree(search: ConventionSearch) -> dict[str, Any]:
    """Return the explanations as plain data."""
    from lrac_audit.auditing.readings import value

    found = []
    for one in search.explanations:
        values = [value(figure, one.reading) for figure in search.figures]
        found.append(
            {
                "departures": [departure.name for departure in one.departures],
                "explains": [search.figures[i].title for i in sorted(one.explained)],
                "values": [None if exact is None else float(exact) for exact in values],
            }
        )
    nearest = None
    if search.nearest is not None:
        explanation, gap = search.nearest
        names = [departure.name for departure in explanation.departures]
        nearest = {"departures": names, "relative_gap": float(gap)}
    return {"explanations": found, "tried": search.tried, "nearest": nearest}
