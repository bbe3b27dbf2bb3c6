"""The registry of an audit's pictures, from which the command line takes their names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from lrac_audit.report.blocks import Picture
from lrac_audit.report.pictures import cost_picture, latency_picture, view_picture

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from lrac_audit.auditing.audit import Audit


class AuditPicture(NamedTuple):
    """One kind of picture of an audit."""

    caption: str
    words: Callable[[Audit], str]
    """Says what it shows, or why there is nothing to draw."""
    can_draw: Callable[[Audit], bool]
    draw: Callable[[Audit], Figure]


PICTURES: Mapping[str, AuditPicture] = MappingProxyType(
    {
        "cost": AuditPicture(
            "Cost of each side beside its limit, and of each block.",
            cost_picture.cost_words,
            cost_picture.has_costs,
            cost_picture.cost_picture,
        ),
        "latency": AuditPicture(
            "Latency as a waterfall: buffering, then each layer that adds look-ahead.",
            latency_picture.latency_words,
            latency_picture.is_bounded,
            latency_picture.latency_picture,
        ),
        "view": AuditPicture(
            "Field of view of one frame, whole and near the frame.",
            view_picture.view_words,
            view_picture.is_known,
            view_picture.view_picture,
        ),
    }
)
"""By name, in the order of a page."""


def picture_block(audit: Audit, name: str) -> Picture | None:
    """Return one of the pictures as a block; None where there is nothing to draw."""
    kind = PICTURES[name]
    if not kind.can_draw(audit):
        return None
    return Picture(name, kind.caption, kind.words(audit), lambda: kind.draw(audit))
