"""The table of public codecs as the README has it."""

from __future__ import annotations

import re

from tests.conftest import ROOT


def table_of_readme() -> str:
    """What stands between the markers."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.search(r"<!-- codecs -->\n(.*)<!-- /codecs -->", readme, re.DOTALL)
    assert found is not None
    return found[1]
