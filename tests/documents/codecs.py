"""Write the tables of public codecs into ``docs/public-codecs.md`` and ``README.md``.

Run ``python -m tests.documents.codecs``, after a change of a preset or of the report. It measures
the models of packages, which takes minutes.
"""

from __future__ import annotations

import re
from pathlib import Path

from lrac_audit.auditing.public_codecs import Comparison, compare_codecs
from lrac_audit.report.codecs_report import CodecsReport
from lrac_audit.report.formats.markdown_format import MarkdownFormat
from tests.conftest import ROOT

PAGE = ROOT / "docs" / "public-codecs.md"
README = ROOT / "README.md"
DESIGNS, MEASURED, SHORT = "codecs", "codecs measured", "codecs in short"
"""Names of the markers between which the tables stand."""


def between(path: Path, name: str) -> str:
    """Return what stands between the markers called ``name``."""
    found = re.search(_marked(name), path.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


def write(path: Path, name: str, text: str) -> None:
    """Put ``text`` between the markers called ``name``."""
    page = path.read_text(encoding="utf-8")
    path.write_text(re.sub(_marked(name), lambda _: text, page, flags=re.DOTALL), encoding="utf-8")


def _marked(name: str) -> str:
    return rf"(?<=<!-- {name} -->\n)(.*)(?=<!-- /{name} -->)"


def tables(comparison: Comparison) -> str:
    """Return the comparison as ``lrac-audit codecs --format markdown`` prints it."""
    return MarkdownFormat().render(CodecsReport(comparison))


def rows(text: str) -> list[list[str]]:
    """Return the cells of the lines of a Markdown table."""
    return [[cell.strip() for cell in line[1:-1].split("|")] for line in text.splitlines()]


def short_table() -> str:
    """Return the table of the README, taken from the measured one of the page.

    It has the bitrate, cost, latency and verdicts of each codec, by its design where one ships.
    """
    costs, verdicts = (rows(text) for text in between(PAGE, MEASURED).split("\n\n")[:2])
    figures: dict[str, tuple[str, str, str]] = {}
    for name, _, kbps, _, _, overall, _, _, latency_ms in costs[2:]:
        figures.setdefault(name, (kbps, overall, latency_ms))
    (_, *limits), _, *judged = verdicts
    lines = [
        ["Codec", "kbps", "MFLOPS", "Latency ms", *limits],
        ["---", *["--:"] * 3, "---", "---"],
    ]
    lines += [[name, *figures[name], *statuses] for name, *statuses in judged]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def main() -> None:
    """Write all tables anew."""
    write(PAGE, DESIGNS, tables(compare_codecs()))
    write(PAGE, MEASURED, tables(compare_codecs(measured=True)))
    write(README, SHORT, short_table())


if __name__ == "__main__":
    main()
