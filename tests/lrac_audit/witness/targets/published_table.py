"""The tables and notes of public codecs as their page has them."""

from __future__ import annotations

import re

from tests.conftest import ROOT


def published_tables() -> str:
    """Return what stands between the markers of ``docs/public-codecs.md``."""
    page = (ROOT / "docs" / "public-codecs.md").read_text(encoding="utf-8")
    found = re.search(r"<!-- codecs -->\n(.*)<!-- /codecs -->", page, re.DOTALL)
    assert found is not None
    return found[1]
