"""Draw what changed from one codec to another: the cost of each stage, and of each layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from lrac_audit.report.numerals import number
from lrac_audit.report.pictures.canvas import (
    INK,
    MAX_ROWS,
    MUTED,
    OTHERS,
    ROW_INCHES,
    SIDES,
    Look,
    bar,
    bare,
    label,
    mark,
    new_figure,
    smallest,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from lrac_audit.auditing.comparison.compare import Difference

STAGES = {
    "encoder": "transmit",
    "rvq_transmit": "transmit",
    "rvq_receive": "receive",
    "decoder": "receive",
    "overall": "",
}
"""Sums that are drawn, with their sides."""


class CostChange(NamedTuple):
    """How much more one codec needs than another, for one part."""

    name: str
    side: str
    """Empty for parts of both sides."""
    change: float


def stage_changes(difference: Difference) -> list[CostChange]:
    """Return the change of each sum that both codecs have."""
    found = {change.quantity.key: change for change in difference.changes}
    changes = []
    for part, side in STAGES.items():
        change = found.get(f"complexity_{part}_mflops")
        if change is not None and change.absolute is not None:
            changes.append(CostChange(change.quantity.title, side, change.absolute))
    return changes


def layer_changes(difference: Difference) -> list[CostChange]:
    """Return the change of each layer that differs in its cost, the least of very many as one."""
    changes = []
    for pair in difference.differing:
        costs = [0.0 if layer is None else layer.mflops for layer in pair]
        one = pair.after or pair.before
        if one is not None and costs[0] != costs[1]:
            changes.append(CostChange(one.name, one.side, costs[1] - costs[0]))
    rest = smallest([change.change for change in changes], MAX_ROWS)
    if not rest:
        return changes
    others = sum(changes[i].change for i in rest)
    kept = [change for i, change in enumerate(changes) if i not in rest]
    return [*kept, CostChange(f"{len(rest)} other layers", "", others)]


def change_words(difference: Difference) -> str:
    """Return in words what the picture shows."""
    unit = difference.before.unit
    stages = ", ".join(f"{c.name} {c.change:+,.4g}" for c in stage_changes(difference))
    ranked = sorted(layer_changes(difference), key=lambda c: -abs(c.change))[:3]
    layers = ", ".join(f"{c.name} {c.change:+,.4g}" for c in ranked)
    return f"Change of the cost in {unit}: {stages}. Layers that changed most: {layers}."


def change_picture(difference: Difference) -> Figure:
    """Return the changes of the sums, and below them those of the layers."""
    parts = [stage_changes(difference), layer_changes(difference)]
    heights = [len(part) + 1.5 for part in parts]
    figure, axes = new_figure(sum(heights) * ROW_INCHES, nrows=2, height_ratios=heights)
    for each, changes in zip(axes, parts, strict=True):
        _draw(each, changes)
    axes[1].set_xlabel(f"change in {difference.before.unit}")
    return figure


def _draw(axes: Axes, changes: list[CostChange]) -> None:
    for row, change in enumerate(changes):
        color = INK if change.name == "overall" else SIDES.get(change.side, OTHERS)
        drawn = bar(axes, row, change.change, 0, Look(color))
        text = f"{'+' if change.change > 0 else ''}{number(change.change, 2)}"
        mark(drawn, f"{change.name}: {text}")
        label(axes, row, max(change.change, 0), text)
    axes.axvline(0, color=MUTED, linewidth=0.6)
    bare(axes, [change.name for change in changes])
    axes.margins(x=0.15)
