"""Pictures as elements of HTML: drawn into the page, or in words where matplotlib is missing."""

from __future__ import annotations

import re
from importlib.util import find_spec
from xml.etree.ElementTree import Element

from lrac_audit.errors import printable
from lrac_audit.report.blocks import Picture
from lrac_audit.report.html.elements import element
from lrac_audit.report.pictures import canvas

COLORS = {
    canvas.INK: "--ink",
    canvas.MUTED: "--muted",
    canvas.GRID: "--rule",
    canvas.GROUND: "--ground",
    canvas.TRANSMIT: "--transmit",
    canvas.RECEIVE: "--receive",
    canvas.PAST: "--past",
    canvas.OTHERS: "--others",
    canvas.LIMIT: "--bad",
}
"""Colours of a picture, and the variables of the style sheet that stand for them."""
PAINTS = ("fill", "stroke")
_COLOR = re.compile("|".join(COLORS))
HOW_TO_DRAW = "To see it drawn, install matplotlib: pip install 'lrac-audit[report]'."


def picture_element(picture: Picture) -> Element:
    """Return a picture with its caption, and its words for readers who do not see it."""
    if find_spec("matplotlib") is None:
        note = element("small", HOW_TO_DRAW)
        caption = element("figcaption", f"{picture.caption} ", note)
        return element("figure", element("p", picture.words), caption)
    drawing = _drawn(picture)
    label = f"picture: {picture.caption}"
    frame = element("div", drawing, class_="drawing", role="region", tabindex="0", aria_label=label)
    return element("figure", frame, element("figcaption", picture.caption))


def _drawn(picture: Picture) -> Element:
    from lrac_audit.report.pictures.svg import svg_element

    with canvas.drawn_style():
        found = svg_element(picture.draw(), f"{picture.name}-")
    for node in found.iter():
        _take_colors_of_page(node)
    found.set("role", "img")
    found.set("aria-label", printable(picture.words))
    return found


def _take_colors_of_page(node: Element) -> None:
    """Let the style sheet choose the colours; attributes other than styles cannot refer to it."""
    properties = [f"{name}: {node.attrib.pop(name)}" for name in PAINTS if name in node.attrib]
    style = "; ".join([*properties, *filter(None, [node.get("style")])])
    if style:
        node.set("style", _COLOR.sub(lambda match: f"var({COLORS[match[0]]})", style))
