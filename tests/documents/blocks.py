"""Find the pages and the fenced blocks in them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.conftest import ROOT

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


@dataclass(frozen=True)
class Block:
    """A fenced block: the page's file name, the language after the fence, and the text."""

    page: str
    language: str
    text: str


def blocks(page: str | None = None, *languages: str) -> list[Block]:
    """Return the fenced blocks of one page or of all, in these languages or in all."""
    found = [
        Block(path.name, language, text)
        for path in PAGES
        for language, text in re.findall(
            r"^```(\w*)\n(.*?)^```$", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
        )
    ]
    return [
        block
        for block in found
        if page in (None, block.page) and (not languages or block.language in languages)
    ]


def commands(page: str | None = None) -> list[str]:
    """Return the commands of the shell blocks, with continued lines joined."""
    lines = (block.text.replace("\\\n", " ").splitlines() for block in blocks(page, "bash", "sh"))
    return [" ".join(line.split("#")[0].split()) for found in lines for line in found]
