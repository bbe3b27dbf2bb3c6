"""Write pages as the bytes of a workbook. Text stays text, even where it begins like a formula.

The same pages give the same bytes: the dates of the document are fixed, and XlsxWriter dates the
parts of the archive 1980.
"""

from __future__ import annotations

import datetime
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lrac_audit import __version__
from lrac_audit.report.workbook import styles
from lrac_audit.report.workbook.page import Cell, Chart, Page, Rule, row_and_column

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

_DATE = datetime.datetime(2025, 1, 1)
_A3, _A4 = 8, 9


def workbook_bytes(pages: Sequence[Page], title: str) -> bytes:
    """Return a workbook of ``pages``."""
    from xlsxwriter import Workbook

    buffer = io.BytesIO()
    book = Workbook(buffer, {"in_memory": True})
    book.set_properties(
        {"title": title, "author": "lrac-audit", "comments": __version__, "created": _DATE}
    )
    formats = _Formats(book)
    for page in pages:
        sheet = book.add_worksheet(page.name)
        _write_cells(sheet, page, formats)
        _lay_out(sheet, page, formats)
        _set_up_print(sheet, page)
        for name, address in page.names.items():
            book.define_name(name, f"={page.name}!{address}")
        for chart in page.charts:
            _draw(book, sheet, chart)
    book.close()
    return buffer.getvalue()


class _Formats:
    """The formats of a workbook, one for each style."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._made: dict[str, Format] = {}

    def __call__(self, style: str) -> Format:
        if style not in self._made:
            self._made[style] = self._book.add_format(styles.properties(style))
        return self._made[style]

    def conditional(self, **properties: Any) -> Format:
        """Return the format that a condition lays over that of a cell."""
        return self._book.add_format(properties)


def _write_cells(sheet: Worksheet, page: Page, formats: _Formats) -> None:
    for (row, column), cell in sorted(page.cells.items()):
        _write(sheet, row - 1, column - 1, cell, formats(cell.style))


def _write(sheet: Worksheet, row: int, column: int, cell: Cell, looks: Format) -> None:
    if cell.formula:
        sheet.write_formula(row, column, cell.formula, looks, cell.value)
    elif cell.value is None:
        sheet.write_blank(row, column, None, looks)
    elif isinstance(cell.value, str):
        sheet.write_string(row, column, cell.value, looks)
    else:
        sheet.write_number(row, column, cell.value, looks)


def _lay_out(sheet: Worksheet, page: Page, formats: _Formats) -> None:
    sheet.hide_gridlines(2)
    for columns, width in page.widths.items():
        sheet.set_column(columns if ":" in columns else f"{columns}:{columns}", width)
    for row, height in page.heights.items():
        sheet.set_row(row - 1, height)
    _group(sheet, page)
    for area in page.merged:
        first = area.split(":")[0]
        row, column = row_and_column(first)
        cell = page.cells[row, column]
        sheet.merge_range(area, "", formats(cell.style))
        _write(sheet, row - 1, column - 1, cell, formats(cell.style))
    if page.header_row:
        frozen_rows = page.header_row if page.frozen_rows is None else page.frozen_rows
        sheet.freeze_panes(frozen_rows, page.frozen_columns)
        sheet.repeat_rows(page.header_row - 1)
    if page.filtered:
        sheet.autofilter(page.filtered)
    for address, rule in page.rules.items():
        sheet.data_validation(address, _validation(rule))
    _mark(sheet, page, formats)
    if page.colour:
        sheet.set_tab_color(page.colour)


def _group(sheet: Worksheet, page: Page) -> None:
    """Let groups of rows fold up under the row above them."""
    if page.groups:
        sheet.outline_settings(symbols_below=False)
    for first, last in page.groups:
        for row in range(first, last + 1):
            sheet.set_row(row - 1, None, None, {"level": 1})


def _mark(sheet: Worksheet, page: Page, formats: _Formats) -> None:
    good = formats.conditional(bg_color=styles.PASS_FILL, font_color=styles.PASS_INK)
    bad = formats.conditional(bg_color=styles.FAIL_FILL, font_color=styles.FAIL_INK)
    for area in page.marked:
        for word, looks in (
            *((word, good) for word in ("pass", "equal")),
            *((word, bad) for word in ("fail", "refused", "different")),
        ):
            rule = {"type": "cell", "criteria": "==", "value": f'"{word}"', "format": looks}
            sheet.conditional_format(area, rule)
    for area in page.margins:
        sheet.conditional_format(area, {"type": "cell", "criteria": "<", "value": 0, "format": bad})


def _validation(rule: Rule) -> dict[str, Any]:
    found: dict[str, Any] = {"ignore_blank": True, "error_title": "Not allowed here"}
    if rule.hint:
        found |= {"error_message": rule.hint[:255], "input_message": rule.hint[:255]}
    if rule.choices:
        return found | {"validate": "list", "source": list(rule.choices)}
    return found | {
        "validate": "integer" if rule.whole else "decimal",
        "criteria": "between",
        "minimum": rule.low,
        "maximum": rule.high,
    }


def _set_up_print(sheet: Worksheet, page: Page) -> None:
    sheet.set_landscape()
    sheet.set_paper(_A3 if page.large else _A4)
    if page.break_before:
        sheet.set_h_pagebreaks([page.break_before - 1])
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.set_footer("&L&8&F, &A&R&8page &P of &N")


def _draw(book: Workbook, sheet: Worksheet, chart: Chart) -> None:
    column = chart.kind == "column"
    options = {"type": "column", "subtype": "stacked"} if column else {"type": chart.kind}
    drawn = book.add_chart(options)
    for series in chart.series:
        looks: dict[str, Any] = {
            "name": series.name,
            "categories": f"={series.categories}",
            "values": f"={series.values}",
        }
        if chart.colours:
            looks["points"] = [{"fill": {"color": colour}} for colour in chart.colours]
            looks["data_labels"] = {"percentage": True, "font": {"size": 9}}
        else:
            none = {"none": True}
            looks["fill"] = {"color": series.colour} if series.colour else none
            looks["border"] = none
            looks["gap"] = 40
        drawn.add_series(looks)
    drawn.set_title({"name": chart.title, "name_font": {"size": 12}, "overlay": False})
    drawn.set_size({"width": chart.size[0], "height": chart.size[1]})
    if column:
        drawn.set_x_axis({"num_font": {"size": 8, "rotation": -90}, "label_position": "low"})
        axis = {"name": chart.axis, "name_font": {"size": 9}, "num_font": {"size": 8}}
        drawn.set_y_axis(
            axis | {"major_gridlines": {"visible": True, "line": {"color": "#E4E7EB"}}}
        )
        hidden = [i for i, series in enumerate(chart.series) if not series.colour]
        drawn.set_legend({"position": "top", "font": {"size": 9}, "delete_series": hidden})
    else:
        drawn.set_legend({"position": "right", "font": {"size": 9}})
    sheet.insert_chart(chart.cell, drawn)
