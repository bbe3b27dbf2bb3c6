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


INPUT = "input to a latent frame"
LATENTS = "latents to an output frame"
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

    One that is unknown or has no bound is left out.
    """
    ledger, seen, delay = audit.ledger, context(audit.ledger), latency(audit.ledger)
    step, ahead = delay.buffering_samples, delay.transmit_samples
    found = []
    if seen.encoder_samples is not None and ahead is not None:
        parts = (seen.encoder_samples - step - ahead, step, ahead)
        found.append(View(INPUT, TRANSMIT, *map(ledger.milliseconds, parts)))
    past_frames, ahead_frames = seen.decoder_past_frames, seen.decoder_future_frames
    if past_frames is not None and ahead_frames is not None:
        parts = (past_frames * step, step, ahead_frames * step)
        found.append(View(LATENTS, RECEIVE, *map(ledger.milliseconds, parts)))
    return found


def is_known(audit: Audit) -> bool:
    """Return whether any field of view is known and bounded."""
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
