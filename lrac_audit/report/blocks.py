"""The blocks that a readable report is made of; each format draws them in its own way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from lrac_audit.console.layout import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure


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


class Picture(NamedTuple):
    """A picture that matplotlib draws, for formats that can show one."""

    name: str
    """Its name in the page, of letters."""
    caption: str
    words: str
    """What it shows in words, for readers who do not see it."""
    draw: Callable[[], Figure]
    """Returns the figure, in the style that is set around the call."""


class Sound(NamedTuple):
    """Audio to listen to, for formats that can play it."""

    caption: str
    wav: Callable[[], bytes]
    """Returns a WAV file."""


PageBlock: TypeAlias = Heading | Paragraph | Bullets | Table
"""A block of a page, whose headings carry the statuses."""
ScreenBlock: TypeAlias = PageBlock | StatusLine
"""A block of a screen."""
PageSection: TypeAlias = Sequence[PageBlock]
"""Blocks that stand together; an empty line separates sections."""
IllustratedBlock: TypeAlias = ScreenBlock | Picture | Sound
"""A block of a page for a browser."""
ScreenSection: TypeAlias = Sequence[ScreenBlock]
"""The same for a screen."""

IllustratedSection: TypeAlias = Sequence[IllustratedBlock]
"""The same for a page for a browser."""


def listed(title: str, lines: Sequence[str]) -> list[PageSection]:
    """Return one section, a list under its title, or none where there are no lines."""
    return [[Heading(title), Bullets(lines)]] if lines else []
