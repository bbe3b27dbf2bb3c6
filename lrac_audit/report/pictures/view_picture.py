"""Draw the field of view of a frame on a time axis: past, its own hop and look-ahead."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from lrac_audit.ledger.latency import context, latency
from lrac_audit.report.numerals import number
from lrac_audit.report.pictures.canvas import (
    AHEAD_HATCH,
    GRID,
    PAST,
    RECEIVE,
    ROW_INCHES,
    TRANSMIT,
    Look,
    bar,
    bare,
    mark,
    new_figure,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from lrac_audit.auditing.audit import Audit


HEIGHT = 0.55
"""Height of a bar, under the figures of its parts."""


class View(NamedTuple):
    """The stretch of time that one frame depends on, in milliseconds around its own."""

    name: str
    color: str
    past_ms: float
    own_ms: float
    ahead_ms: float


def views(audit: Audit) -> list[View]:
    """Return what a latent frame sees of the input, and what a frame of output sees of latents.

    Empty where one of the two is unknown or has no bound.
    """
    ledger, seen, delay = audit.ledger, context(audit.ledger), latency(audit.ledger)
    past_frames, ahead_frames = seen.decoder_past_frames, seen.decoder_future_frames
    if seen.encoder_samples is None or delay.transmit_samples is None:
        return []
    if past_frames is None or ahead_frames is None:
        return []
    step = delay.buffering_samples
    past = seen.encoder_samples - step - delay.transmit_samples
    sent = map(ledger.milliseconds, (past, step, delay.transmit_samples))
    received = map(ledger.milliseconds, (past_frames * step, step, ahead_frames * step))
    return [
        View("input to a latent frame", TRANSMIT, *sent),
        View("latents to an output frame", RECEIVE, *received),
    ]


def is_known(audit: Audit) -> bool:
    """Return whether the field of view is known and bounded."""
    return bool(views(audit))


def view_words(audit: Audit) -> str:
    """Return in words what the picture shows."""
    return " ".join(
        f"The {view.name}: {number(view.past_ms)} ms of past, {number(view.own_ms)} ms of its own, "
        f"{number(view.ahead_ms)} ms of look-ahead."
        for view in views(audit)
    )


def view_picture(audit: Audit) -> Figure:
    """Return the whole field of view, and below it the same around the frame, with figures."""
    found = views(audit)
    figure, (whole, near) = new_figure(12 * ROW_INCHES, nrows=2, height_ratios=[2, 3])
    for axes in (whole, near):
        for row, view in enumerate(found):
            _draw(axes, row, view)
        axes.axvline(0, color=GRID, linewidth=0.8, zorder=0)
        bare(axes, [view.name for view in found])
    own, ahead = max(view.own_ms for view in found), max(view.ahead_ms for view in found)
    near.set_xlim(-1.5 * own, 1.5 * own + ahead)
    for row, view in enumerate(found):
        _name_parts(near, row, view, -1.5 * own)
    near.set_xlabel("ms from the start of the frame")
    return figure


def _draw(axes: Axes, row: int, view: View) -> None:
    parts = (
        ("past", -view.past_ms, view.past_ms, Look(PAST, "", HEIGHT)),
        ("its own", 0.0, view.own_ms, Look(view.color, "", HEIGHT)),
        ("look-ahead", view.own_ms, view.ahead_ms, Look(view.color, AHEAD_HATCH, HEIGHT)),
    )
    for name, start, width, look in parts:
        if width:
            mark(bar(axes, row, width, start, look), f"{name}: {number(width)} ms")


def _name_parts(axes: Axes, row: int, view: View, left_ms: float) -> None:
    """Write the length of each part over its beginning."""
    parts = (("past", left_ms, view.past_ms), ("own", 0.0, view.own_ms))
    for name, start, width in (*parts, ("look-ahead", view.own_ms, view.ahead_ms)):
        place = (start, row - HEIGHT / 2)
        text = f"{name} {number(width, 1)} ms"
        axes.annotate(text, place, (1, 1), textcoords="offset points", fontsize="small")
