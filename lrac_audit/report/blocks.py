"""The blocks that a readable report is made of; each format draws them in its own way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from lrac_audit.console.layout import Table


class Heading(NamedTuple):
    """A title above what follows."""

    text: str


class Paragraph(NamedTuple):
    """Sentences; each line of the text stays a line where space allows."""

    text: str


class Bullets(NamedTuple):
    """A list of sentences."""

    lines: Sequence[str]


class StatusLine(NamedTuple):
    """A subject, its status such as ``pass``, and the terms on which it holds."""

    subject: str
    status: str
    terms: str = ""


PageBlock: TypeAlias = Heading | Paragraph | Bullets | Table
"""A block of a page, whose headings carry the statuses."""
ScreenBlock: TypeAlias = PageBlock | StatusLine
"""A block of a screen."""
PageSection: TypeAlias = Sequence[PageBlock]
"""Blocks that stand together; an empty line separates sections."""
ScreenSection: TypeAlias = Sequence[ScreenBlock]
"""The same for a screen."""


def listed(title: str, lines: Sequence[str]) -> list[PageSection]:
    """Return one section, a list under its title, or none where there are no lines."""
    return [[Heading(title), Bullets(lines)]] if lines else []
