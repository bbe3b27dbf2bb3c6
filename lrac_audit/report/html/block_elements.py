"""The blocks of a page as elements of HTML."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from typing import assert_never
from xml.etree.ElementTree import Element

from lrac_audit.console.layout import Table
from lrac_audit.report.blocks import (
    Bullets,
    Heading,
    IllustratedBlock,
    IllustratedSection,
    Paragraph,
    Picture,
    Sound,
    StatusLine,
)
from lrac_audit.report.html.elements import element
from lrac_audit.report.html.picture_elements import picture_element
from lrac_audit.report.html.table_elements import status_element, table_element


def section_element(section: IllustratedSection) -> Element:
    """Return the blocks that stand together as one section."""
    return element("section", *map(_block, section))


def _block(block: IllustratedBlock) -> Element:
    match block:
        case Heading(text):
            return element("h2", text)
        case Paragraph(text):
            return element("p", text)
        case Bullets(lines):
            return _list(lines)
        case Table():
            return table_element(block)
        case Picture():
            return picture_element(block)
        case Sound(caption, wav):
            return _player(caption, wav())
        case StatusLine(subject, status, terms):
            return element("p", f"{subject}: ", status_element(status), terms, class_="verdict")
        case _:
            assert_never(block)


def _list(lines: Sequence[str]) -> Element:
    return element("ul", *(element("li", line) for line in lines))


def _player(caption: str, wav: bytes) -> Element:
    source = f"data:audio/wav;base64,{b64encode(wav).decode()}"
    player = element("audio", controls="", preload="metadata", aria_label=caption, src=source)
    return element("figure", element("figcaption", caption), player, class_="sound")
