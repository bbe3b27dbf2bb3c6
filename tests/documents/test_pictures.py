"""The picture of the README shows what the audit prints today."""

from __future__ import annotations

import html
import re
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")


def shown(picture: str) -> list[tuple[str, str]]:
    """Return the texts of an SVG with the colour class of each.

    Releases of rich place and frame the same texts differently.
    """
    texts = re.findall(r'<text class="([^"]*)"[^>]*>(.*?)</text>', picture, re.DOTALL)
    return [(style, html.unescape(text).replace("\xa0", " ")) for style, text in texts]


def test_the_picture_shows_the_audit_of_today() -> None:
    from tests.documents.picture import PICTURE, draw

    kept, today = shown(PICTURE.read_text(encoding="utf-8")), shown(draw())
    assert any("603.264" in text for _, text in kept)
    assert kept == today
