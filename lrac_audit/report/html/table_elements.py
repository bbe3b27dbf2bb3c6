"""Tables as elements of HTML."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from lrac_audit.console.layout import Column, Table
from lrac_audit.report.html.elements import element

KNOWN_STATUSES = ("pass", "equal", "fail", "error", "different", "stale")
"""Statuses that the style sheet colours; any other is drawn as a doubt."""
INDENT = "  "
"""Two spaces before a name put it under the one above."""


def table_element(table: Table) -> Element:
    """Return a table with a caption, in a frame that scrolls where the page is too narrow."""
    found = element("table", _caption(table), element("thead", _head(table)), _body(table))
    if table.is_list:
        found.set("data-list", "")
    label = f"table: {found[0].text}"
    return element("div", found, class_="scroll", role="region", tabindex="0", aria_label=label)


def _caption(table: Table) -> Element:
    """Return the caption; where it is the first heading again, for those who do not see that."""
    if table.caption:
        return element("caption", table.caption)
    first = next((column.heading for column in table.columns if column.heading), "Table")
    return element("caption", first, class_="unseen")


def _head(table: Table) -> Element:
    found = element("tr", *map(_heading, table.columns))
    if table.shares:
        found.append(_heading(Column("Share", right=True)))
    return found


def _heading(column: Column) -> Element:
    """Return the heading of a column; one without a text is a cell, for there is nothing to say."""
    if not column.heading:
        return element("td")
    return element("th", column.heading, scope="col", **_alignment(column))


def _alignment(column: Column) -> dict[str, str]:
    return {"class_": "number"} if column.right else {}


def _body(table: Table) -> Element:
    found = element("tbody", *(_row(table.columns, row) for row in table.rows))
    largest = max((share for share in table.shares if share), default=1.0)
    for row, share in zip(found, table.shares, strict=bool(table.shares)):
        row.append(_share(share, largest))
    return found


def _row(columns: Sequence[Column], cells: Sequence[str]) -> Element:
    found = element("tr", _name(cells[0]))
    for column, cell in zip(columns[1:], cells[1:], strict=True):
        is_status = column.is_status and cell
        found.append(
            element("td", status_element(cell) if is_status else cell, **_alignment(column))
        )
    return found


def _name(text: str) -> Element:
    depth = (len(text) - len(text.lstrip(" "))) // len(INDENT)
    indent = {"style": f"--depth: {depth}"} if depth else {}
    return element("th", text.strip(), scope="row", **indent)


def status_element(text: str) -> Element:
    """Return a status, which its own words and a colour show."""
    word = text.partition(":")[0].partition(",")[0]
    kind = word if word in KNOWN_STATUSES else "doubt"
    return element("span", text, class_=f"status {kind}")


def _share(share: float | None, largest: float) -> Element:
    """Return a share in percent, over a bar that is full for the largest share."""
    if share is None:
        return element("td")
    bar = element("span", class_="bar", style=f"--share: {share / largest:.4f}", aria_hidden="true")
    return element("td", f"{share:.2%}".replace("%", " %"), bar, class_="number")
