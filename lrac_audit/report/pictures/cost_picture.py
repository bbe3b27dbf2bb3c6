"""Draw what each block costs, and the sums beside their limits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lrac_audit.report.cost_groups import STAGE_TITLES, CostGroup, cost_groups
from lrac_audit.report.numerals import number
from lrac_audit.report.pictures.canvas import (
    LIMIT,
    MAX_ROWS,
    OTHERS,
    QUANTIZER_HATCH,
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
    from matplotlib.patches import Rectangle

    from lrac_audit.auditing.audit import Audit

SUMS = {"transmit": "transmit side", "receive": "receive side", "overall": "overall"}


def has_costs(audit: Audit) -> bool:
    """Return whether anything costs something under the convention."""
    return bool(_drawn(audit))


def cost_words(audit: Audit) -> str:
    """Return in words what the picture shows."""
    stages = ", ".join(
        f"{group.name} {_cost(audit, group):,.1f}" for group in cost_groups(audit, "stage")
    )
    dearest = sorted(_drawn(audit), key=lambda group: -group.price_per_frame)[:3]
    blocks = ", ".join(f"{group.name} {_cost(audit, group):,.1f}" for group in dearest)
    return f"Cost in {audit.convention.unit}: {stages}. The dearest blocks: {blocks}."


def cost_picture(audit: Audit) -> Figure:
    """Return the sums of each side with their limits, and below them a bar for each block."""
    blocks = _drawn(audit)
    sums = list(SUMS) if audit.ledger.is_divided else ["overall"]
    heights = [len(sums) + 1.5, len(blocks) + 1.5]
    figure, (above, below) = new_figure(sum(heights) * ROW_INCHES, nrows=2, height_ratios=heights)
    _draw_sums(above, audit, sums)
    _draw_blocks(below, audit, blocks)
    return figure


def _drawn(audit: Audit) -> list[CostGroup]:
    """Return the blocks that cost something, the cheapest of very many as one."""
    blocks = [group for group in cost_groups(audit, "block") if group.price_per_frame]
    rest = smallest([group.price_per_frame for group in blocks], MAX_ROWS)
    if not rest:
        return blocks
    price = sum(blocks[i].price_per_frame for i in rest)
    kept = [group for i, group in enumerate(blocks) if i not in rest]
    return [*kept, CostGroup(f"{len(rest)} other blocks", "", "", 0, price, 0, 0)]


def _cost(audit: Audit, group: CostGroup) -> float:
    return audit.ledger.millions_per_second(group.price_per_frame)


def _draw_sums(axes: Axes, audit: Audit, sums: Sequence[str]) -> None:
    """Draw the stages of each sum one behind the other, and its limit as a line across."""
    stages = cost_groups(audit, "stage")
    for row, part in enumerate(sums):
        end = 0.0
        for group in stages:
            if part in (group.side, "overall"):
                _draw_bar(axes, row, _cost(audit, group), group, left=end)
                end += _cost(audit, group)
        text, limit = number(end), _limit(audit, part)
        if limit is not None:
            axes.plot([limit, limit], [row - 0.48, row + 0.48], color=LIMIT, linewidth=1.5)
            text, end = f"{text}, limit {number(limit)}", max(end, limit)
        label(axes, row, end, text)
    bare(axes, [SUMS[part] for part in sums])
    axes.margins(x=0.25)


def _limit(audit: Audit, part: str) -> float | None:
    """Return the limit of a sum in the unit of the picture, where the limit set has one."""
    for check in audit.verdict.checks:
        if check.id == f"{part}_mflops" and isinstance(check.limit, int | float):
            return check.limit
    return None


def _draw_blocks(axes: Axes, audit: Audit, blocks: Sequence[CostGroup]) -> None:
    legend: dict[str, Rectangle] = {}
    for row, group in enumerate(blocks):
        cost = _cost(audit, group)
        drawn = _draw_bar(axes, row, cost, group)
        label(axes, row, cost, f"{cost:,.2f}")
        if group.stage:
            legend.setdefault(STAGE_TITLES[group.stage], drawn)
    bare(axes, [group.name for group in blocks])
    axes.margins(x=0.1)
    axes.set_xlabel(f"{audit.convention.unit}, counted by {audit.convention.name}")
    if len(legend) > 1:
        axes.legend(legend.values(), legend, fontsize="small")


def _draw_bar(axes: Axes, row: int, width: float, group: CostGroup, left: float = 0.0) -> Rectangle:
    hatch = QUANTIZER_HATCH if group.stage.startswith("rvq") else ""
    drawn = bar(axes, row, width, left, Look(SIDES.get(group.side, OTHERS), hatch))
    mark(drawn, f"{group.name}: {number(width)}")
    return drawn
