"""Tables for a paper in LaTeX, with the rules of the package booktabs."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lrac_audit.console.layout import Column
from lrac_audit.console.screen import PLAIN, Screen
from lrac_audit.errors import printable
from lrac_audit.report.content import TypesetContent, TypesetTable
from lrac_audit.report.formats.interface import Format

MAX_ROWS = 45
"""A longer table goes on over the next pages."""
PREAMBLE = "% needs \\usepackage{booktabs}"
LONG_PREAMBLE = "% needs \\usepackage{booktabs,longtable}"
SPECIAL = {
    "\0": "{}",
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "[": "{[}",
    "*": "{*}",
    **{character: f"\\{character}" for character in "{}$&#_%"},
}
"""Characters that LaTeX would take for its own; ``[`` and ``*`` at the start of a line."""
_LIGATURE = re.compile(r"(?<=([-`',]))(?=\1)")
"""Where two characters would be drawn as one other."""
INDENT = "  "
SIZE = r"\footnotesize\setlength{\tabcolsep}{4pt}"
"""Lets tables of layers fit the lines of an article."""


class LatexFormat(Format[TypesetContent]):
    """The report's tables, to be read into a document by its command ``input``."""

    name = "latex"
    content = TypesetContent

    def render(self, report: TypesetContent, screen: Screen = PLAIN) -> str:
        """Return one floating table each, or one over several pages where it is long."""
        tables = report.typeset_tables()
        preamble = LONG_PREAMBLE if any(map(_is_long, tables)) else PREAMBLE
        return "\n".join([f"{preamble}\n", *map(_table, tables)])


def _is_long(table: TypesetTable) -> bool:
    return sum(len(part.rows) for part in table.parts) > MAX_ROWS


def _table(table: TypesetTable) -> str:
    return "".join(f"{line}\n" for line in (_long if _is_long(table) else _floating)(table))


def _floating(table: TypesetTable) -> list[str]:
    return [
        r"\begin{table}[t]",
        rf"\centering{SIZE}",
        *_caption(table),
        rf"\begin{{tabular}}{{{_alignment(table.columns)}}}",
        r"\toprule",
        _head(table),
        r"\midrule",
        *_rows(table),
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{table}",
    ]


def _long(table: TypesetTable) -> list[str]:
    """Return a table that repeats its head on every page."""
    caption, label = _caption(table)
    return [
        rf"\begingroup{SIZE}",
        rf"\begin{{longtable}}{{{_alignment(table.columns)}}}",
        rf"{caption}{label}\\",
        r"\toprule",
        _head(table),
        r"\midrule",
        r"\endfirsthead",
        r"\toprule",
        _head(table),
        r"\midrule",
        r"\endhead",
        r"\bottomrule",
        r"\endlastfoot",
        *_rows(table),
        r"\end{longtable}",
        r"\endgroup",
    ]


def _caption(table: TypesetTable) -> list[str]:
    return [rf"\caption{{{escaped(table.caption)}}}", rf"\label{{tab:{table.label}}}"]


def _alignment(columns: Sequence[Column]) -> str:
    return "".join("r" if column.right else "l" for column in columns)


def _head(table: TypesetTable) -> str:
    return _line([column.heading for column in table.columns])


def _rows(table: TypesetTable) -> list[str]:
    """Return the lines of the body, with a rule between its parts."""
    lines: list[str] = []
    for part in table.parts:
        if lines:
            lines.append(r"\midrule")
        if part.title:
            width = len(table.columns)
            lines.append(rf"\multicolumn{{{width}}}{{l}}{{\textit{{{escaped(part.title)}}}}} \\")
        lines += map(_line, part.rows)
    return lines


def _line(cells: Sequence[str]) -> str:
    return " & ".join(map(_cell, cells)) + r" \\"


def _cell(text: str) -> str:
    """Return a cell; a name that stands under another is indented, a minus is one."""
    depth = (len(text) - len(text.lstrip(" "))) // len(INDENT)
    body = text.strip()
    if body[:1] == "-" and body[1:2].isdigit():
        return f"$-${escaped(body[1:])}"
    return r"\quad " * depth + escaped(body)


def escaped(text: str) -> str:
    """Return ``text`` so that LaTeX prints its characters."""
    parted = _LIGATURE.sub("\0", printable(text))
    return "".join(SPECIAL.get(character, character) for character in parted)
