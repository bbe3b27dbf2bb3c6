"""Tables and sentences as plain text and in a terminal."""

from __future__ import annotations

import io
import re
from unicodedata import east_asian_width

import pytest
from rich.console import Console

from lrac_audit import audit
from lrac_audit.auditing.print_conventions import explain
from lrac_audit.auditing.printed_figure import parse_figure
from lrac_audit.auditing.readings import FigureToExplain
from lrac_audit.auditing.reconcile import reconcile
from lrac_audit.auditing.subject import read_subject
from lrac_audit.console.layout import Column, Table
from lrac_audit.console.rich_screen import RichScreen
from lrac_audit.console.screen import PLAIN, PlainScreen, Screen
from lrac_audit.published.comparison import compare
from lrac_audit.published.sources import load_source
from lrac_audit.report.audit_report import AuditReport
from lrac_audit.report.audit_tables import layers
from lrac_audit.report.check_report import CheckReport
from lrac_audit.report.content import ScreenContent
from lrac_audit.report.conventions_report import ConventionsReport
from lrac_audit.report.formats.table_format import TableFormat
from lrac_audit.report.limit_sets_report import LimitSetsReport
from lrac_audit.report.paper_report import PaperReport
from lrac_audit.report.reconciliation_report import ReconciliationReport

COSTS = Table(
    [Column("Layer"), Column("MFLOPS", right=True)],
    [["encoder", "75.0000"], ["声码器", "25.0000"], ["skip", ""]],
    [0.75, 0.25, None],
)


def screen(width: int = 60, colour: bool = False, encoding: str = "utf-8") -> RichScreen:
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    system = "standard" if colour else None
    return RichScreen(Console(file=file, width=width, force_terminal=True, color_system=system))


def cells(text: str) -> int:
    return sum(1 + (east_asian_width(character) in "WF") for character in text)


def test_plain_tables_are_as_wide_as_their_content() -> None:
    columns = [Column("Name"), Column("MFLOPS", right=True)]
    assert PLAIN.table(Table(columns, [["a" * 200, "1.5"], ["b", "22.25"]])).splitlines() == [
        "Name" + " " * 198 + "MFLOPS",
        "-" * 208,
        "a" * 200 + "     1.5",
        "b" + " " * 202 + " 22.25"[1:],
    ]


def test_plain_tables_have_no_bars() -> None:
    assert PLAIN.table(COSTS) == (
        "Layer     MFLOPS\n----------------\nencoder  75.0000\n声码器   25.0000\nskip\n"
    )


def test_boxes_and_bars_in_a_terminal() -> None:
    # The largest share fills the bar of 8 cells; a third of it fills 2 and 5 eighths of the next.
    assert screen().table(COSTS).splitlines() == [
        "╭─────────┬─────────┬─────────────────╮",
        "│ Layer   │  MFLOPS │ Share of total  │",
        "├─────────┼─────────┼─────────────────┤",
        "│ encoder │ 75.0000 │  75.0% ████████ │",
        "│ 声码器  │ 25.0000 │  25.0% ██▋      │",
        "│ skip    │         │                 │",
        "╰─────────┴─────────┴─────────────────╯",
    ]


def test_boxes_and_bars_in_ascii() -> None:
    text = screen(encoding="ascii").table(COSTS)
    assert text.replace("声码器", "").isascii()
    assert "75.0% ########" in text
    assert "25.0% ##  " in text


def test_the_bar_goes_before_what_is_not_spare() -> None:
    assert "Share" not in screen(38).table(COSTS)
    assert "Share" in screen(39).table(COSTS)


def test_columns_that_are_more_spare_than_the_bar_go_before_it() -> None:
    columns = [*COSTS.columns, Column("Shape", spare=2)]
    table = COSTS._replace(columns=columns, rows=[[*row, "8>8"] for row in COSTS.rows])
    assert "Shape" in screen(47).table(table)  # the 39 cells of the others, and 8 of its own
    narrower = screen(46).table(table)
    assert "Shape" not in narrower
    assert "Share" in narrower


def test_a_console_too_narrow_for_figures_gets_them_whole() -> None:
    assert screen(12).table(COSTS).splitlines()[3:5] == [
        "│ encoder │ 75.0000 │",
        "│ 声码器  │ 25.0000 │",
    ]


def test_statuses_are_coloured_and_nothing_else_moves() -> None:
    table = Table(
        [Column("S", is_status=True), Column("N", right=True)],
        [["fail: why", "1"], ["pass", "2"], ["incomplete", "3"]],
    )
    coloured = screen(colour=True).table(table)
    for code, text in (("1;31", "fail: why"), ("32", "pass"), ("33", "incomplete")):
        assert f"\x1b[{code}m{text}" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == screen().table(table)


def test_verdicts_are_coloured() -> None:
    assert screen(colour=True).verdict("verdict", "pass") == "verdict: \x1b[32mpass\x1b[0m\n"
    assert PLAIN.verdict("x.yaml", "fail", " (limits)") == "x.yaml: fail (limits)\n"


def test_markup_in_a_name_is_shown_as_it_is() -> None:
    name = "[bold red]x[/]"
    assert screen().table(Table([Column(name)], [[name]])).count(name) == 2
    assert screen().heading(name) == screen().text(name) == f"{name}\n"
    assert screen().bullets([name]) == f"- {name}\n"


def test_plain_text_is_only_broken_where_the_width_is_known() -> None:
    text = "word " * 40 + "end"
    assert PLAIN.text(text) == f"{text}\n"
    assert max(map(len, PlainScreen(30).text(text).splitlines())) == 29  # 6 words, 5 spaces


def reports() -> list[ScreenContent]:
    track2 = audit("track2", rvq="projected")
    figure = parse_figure("563.3", "published")
    found = reconcile(track2.ledger, track2.convention, "decoder", figure)
    subject = read_subject("track2", rvq="projected")
    asked = FigureToExplain("decoder", "decoder", figure, subject.convention, subject.works)
    return [
        AuditReport(track2, per_frame=False, verbose=True),
        AuditReport(track2, per_frame=True, verbose=False),
        CheckReport([audit("track1"), track2], exit_code=1),
        PaperReport(compare(load_source("lrac-2025"))),
        PaperReport(compare(load_source("vocodec"))),
        ReconciliationReport(subject, explain([asked]), [found]),
        LimitSetsReport(),
        ConventionsReport(),
    ]


@pytest.mark.parametrize("width", [60, 80, 100])
@pytest.mark.parametrize("kind", ["plain", "rich"])
def test_no_report_is_wider_than_its_screen(width: int, kind: str) -> None:
    shown_on: Screen = PlainScreen(width) if kind == "plain" else screen(width)
    for report in reports():
        lines = TableFormat().render(report, shown_on).splitlines()
        assert len(lines) > 4
        longest = max(lines, key=cells)
        assert cells(longest) <= width, longest


def test_the_share_of_every_row_is_its_cost_over_the_total() -> None:
    table = layers(audit("track1"), per_frame=False)
    shares = [share for share in table.shares if share is not None]
    assert sum(shares) == pytest.approx(1)
    by_name = dict(zip((row[0] for row in table.rows), table.shares, strict=True))
    assert by_name["decoder.output"] == pytest.approx(8.064 / 691.3536)
