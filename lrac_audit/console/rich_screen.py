"""Rendering of tables and sentences as coloured text for a terminal, by rich."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich import table as rich_table
from rich.console import Console, RenderableType
from rich.text import Text

from lrac_audit.console.layout import Column, Frame, Table, fit, total_width
from lrac_audit.console.screen import bullet_list

BOX_FRAME = Frame(per_column=3, once=1)
BAR_CELLS = 8
MAX_TEXT_WIDTH = 100
STATUS_STYLES = {
    "pass": "green",
    "equal": "green",
    "fail": "bold red",
    "different": "bold red",
}
OTHER_STATUS_STYLE = "yellow"
EIGHTHS = " ▏▎▍▌▋▊▉"


class RichScreen:
    """A screen with boxes, colours and bars, fitted to a given console."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def table(self, table: Table) -> str:
        """Return ``table`` in a box that fits the console, with bars for its shares."""
        fitted = fit(self._with_bars(table), self._console.width, BOX_FRAME)
        drawn = rich_table.Table(
            box=box.ROUNDED,
            width=total_width(fitted, BOX_FRAME),  # even where the console has less
            header_style="bold",
            border_style="dim",
        )
        for column in fitted.columns:
            drawn.add_column(
                Text(column.heading),
                justify="right" if column.right else "left",
                no_wrap=True,
            )
        for row in fitted.rows:
            cells = zip(fitted.columns, row, strict=True)
            drawn.add_row(*(_cell(column, cell) for column, cell in cells))
        return self._rendered(drawn)

    def bullets(self, lines: Sequence[str]) -> str:
        """Return sentences as a list, broken between words."""
        return bullet_list(lines, min(self._console.width, MAX_TEXT_WIDTH))

    def text(self, text: str) -> str:
        """Return lines of text, broken between words."""
        return self._rendered(Text(text))

    def heading(self, text: str) -> str:
        """Return ``text`` in bold."""
        return self._rendered(Text(text, style="bold"))

    def verdict(self, subject: str, status: str, terms: str = "") -> str:
        """Return a line with the status of a subject in its colour, and its terms."""
        return self._rendered(Text.assemble(f"{subject}: ", (status, _status_style(status)), terms))

    def _rendered(self, content: RenderableType) -> str:
        with self._console.capture() as captured:
            self._console.print(content, crop=False)
        return captured.get()

    def _with_bars(self, table: Table) -> Table:
        if not table.shares:
            return table
        largest = max((share for share in table.shares if share is not None), default=0) or 1
        full = "█" if self._console.encoding.startswith("utf") else "#"
        rows = [
            [*row, "" if share is None else f"{share:6.1%} {_bar(share / largest, full)}"]
            for row, share in zip(table.rows, table.shares, strict=True)
        ]
        return Table([*table.columns, Column(table.shares_heading, spare=1)], rows)


def _cell(column: Column, cell: str) -> Text:
    return Text(cell, style=_status_style(cell) if column.is_status else "")


def _status_style(text: str) -> str:
    return STATUS_STYLES.get(text.partition(":")[0], OTHER_STATUS_STYLE)


def _bar(share: float, full: str) -> str:
    """Return a bar of at most :data:`BAR_CELLS` cells, in eighths of a cell where that shows."""
    eighths = round(share * BAR_CELLS * 8)
    part = EIGHTHS[eighths % 8] if full == "█" else ""
    return (full * (eighths // 8) + part).rstrip()
