"""Draw the latency as a waterfall: each layer that adds delay, and how the sum grows."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from lrac_audit.ledger.latency import first_of, latency, unbounded_rows
from lrac_audit.report.numerals import number
from lrac_audit.report.pictures.canvas import (
    GROUND,
    INK,
    LIMIT,
    MAX_ROWS,
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
    from matplotlib.figure import Figure

    from lrac_audit.auditing.audit import Audit


BACKGROUND = {"facecolor": GROUND, "edgecolor": "none", "pad": 0.8}
"""Lies between a figure and the line of the limit."""


class DelayStep(NamedTuple):
    """One addition to the delay."""

    name: str
    side: str
    """Empty for buffering, and for layers of both sides."""
    delay_samples: int


def delay_steps(audit: Audit) -> list[DelayStep]:
    """Return the buffering and the layers that add delay, the least of very many as one."""
    rows = [row for row in audit.ledger.rows if row.delay_samples]
    steps = [DelayStep(row.name, row.side, row.delay_samples or 0) for row in rows]
    rest = smallest([step.delay_samples for step in steps], MAX_ROWS)
    kept = [step for i, step in enumerate(steps) if i not in rest]
    if rest:
        others = sum(steps[i].delay_samples for i in rest)
        kept.append(DelayStep(f"{len(rest)} other layers", "", others))
    return [DelayStep("buffering", "", latency(audit.ledger).buffering_samples), *kept]


def is_bounded(audit: Audit) -> bool:
    """Return whether a number bounds the latency."""
    return latency(audit.ledger).total_samples is not None


def latency_words(audit: Audit) -> str:
    """Return in words what the picture shows: the total, and the layers it is made of."""
    ledger, total = audit.ledger, latency(audit.ledger).total_samples
    if total is None:
        return f"No number bounds the latency, because of {first_of(unbounded_rows(ledger))}."
    steps = [f"{s.name} {number(ledger.milliseconds(s.delay_samples))}" for s in delay_steps(audit)]
    return f"Latency of {number(ledger.milliseconds(total))} ms: {', '.join(steps)} ms."


def latency_picture(audit: Audit) -> Figure:
    """Return a bar for each addition, which begins where the last one ended, and the total."""
    steps = delay_steps(audit)
    figure, (axes,) = new_figure((len(steps) + 2.5) * ROW_INCHES)
    end = 0.0
    for row, step in enumerate(steps):
        width = audit.ledger.milliseconds(step.delay_samples)
        drawn = bar(axes, row, width, end, Look(SIDES.get(step.side, OTHERS)))
        mark(drawn, f"{step.name}: {number(width)} ms")
        axes.plot([end, end], [row - 1, row], color=OTHERS, linewidth=0.5, zorder=0)
        end += width
        label(axes, row, end, f"+{number(width)}", bbox=BACKGROUND)
    bar(axes, len(steps), end, 0, Look(INK))
    label(axes, len(steps), end, number(end), fontweight="bold")
    limit = latency_limit_ms(audit)
    if limit is not None:
        axes.axvline(limit, color=LIMIT, linewidth=1.2, linestyle="--")
        label(axes, -0.3, limit, f"limit {number(limit)}", color=LIMIT)
    bare(axes, [*(step.name for step in steps), "total"])
    axes.margins(x=0.12)
    axes.set_xlabel("ms")
    return figure


def latency_limit_ms(audit: Audit) -> float | None:
    """Return the limit on the total latency, where the limit set has one."""
    for check in audit.verdict.checks:
        if check.id == "total_latency_ms" and isinstance(check.limit, int | float):
            return check.limit
    return None
