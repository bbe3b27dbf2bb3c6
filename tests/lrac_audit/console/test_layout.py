"""Fitting, shortening and wrapping, against widths that are counted another way."""

from __future__ import annotations

import textwrap
from unicodedata import east_asian_width

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrac_audit.console.layout import (
    Column,
    Frame,
    Table,
    cell_width,
    fit,
    shortened,
    total_width,
    wrapped,
)

FRAME = Frame(per_column=2, once=-2)
WIDE = "声码器编解码"
LETTERS = "ab.声é "


def cells(text: str) -> int:
    """Cells by Unicode's own table: wide and full-width characters take two."""
    return sum(1 + (east_asian_width(character) in "WF") for character in text)


def test_chinese_characters_take_two_cells() -> None:
    assert (cell_width("abc"), cell_width(WIDE), cell_width("é声")) == (3, 12, 3)


@pytest.mark.parametrize(
    ("text", "width", "short"),
    [
        ("encoder", 7, "encoder"),
        ("encoder", 6, "enc…er"),
        ("encoder.blocks.3", 9, "enco…ks.3"),
        (WIDE, 9, "声码…解码"),
        (WIDE, 8, "声码…码"),
    ],
)
def test_names_lose_their_middle(text: str, width: int, short: str) -> None:
    assert shortened(text, width) == short


@given(st.text(LETTERS), st.integers(1, 12))
def test_short_names_fit_and_keep_both_ends(text: str, width: int) -> None:
    short = shortened(text, width)
    assert cells(short) <= width
    if cells(text) > width:
        head, tail = short.split("…")
        assert text.startswith(head)
        assert text.endswith(tail)


def table(name: str, **spare: int) -> Table:
    columns = [
        Column("Name"),
        Column("Shape", spare=spare.get("shape", 0)),
        Column("Cost", right=True, spare=spare.get("cost", 0)),
    ]
    return Table(columns, [[name, "1>8", "1,234.5"]])


def test_a_table_that_fits_is_left_alone() -> None:
    # 20 cells of the name, 5 of the heading Shape, 7 of the cost, and two gaps of 2
    given = table("n" * 20, shape=1)
    assert fit(given, 36, FRAME) == given


def test_spare_columns_go_first_and_the_most_spare_before_the_others() -> None:
    given = table("n" * 20, shape=1, cost=2)
    assert [column.heading for column in fit(given, 35, FRAME).columns] == ["Name", "Shape"]
    assert [column.heading for column in fit(given, 26, FRAME).columns] == ["Name"]


def test_names_are_shortened_when_no_column_is_spare() -> None:
    found = fit(table("encoder.blocks.3.down", shape=1), 22, FRAME)
    assert found.rows == [["encode…3.down", "1,234.5"]]  # 13 cells, a gap of 2, and 7
    assert total_width(found, FRAME) == 22


def test_figures_and_statuses_are_never_cut() -> None:
    columns = [Column("Name"), Column("Cost", right=True), Column("Status", is_status=True)]
    given = Table(columns, [["encoder.blocks.3.down", "1,234.5678", "incomplete"]])
    (row,) = fit(given, 10, FRAME).rows
    assert row == ["enco…own", "1,234.5678", "incomplete"]


@given(st.lists(st.text(LETTERS, max_size=30), min_size=1, max_size=4), st.integers(20, 80))
def test_a_table_of_a_name_and_a_figure_fits(names: list[str], width: int) -> None:
    columns = [Column("Name"), Column("Cost", right=True)]
    found = fit(Table(columns, [[name, "1,234.5"] for name in names]), width, FRAME)
    assert [figure for _, figure in found.rows] == ["1,234.5"] * len(names)
    for name, _ in found.rows:
        assert cells(name) + 2 + 7 <= width


SENTENCE = "the design names no limits; lrac-2025-track1 is the strictest that is known here"


@pytest.mark.parametrize("width", [10, 17, 18, 40, 79, 200])
def test_sentences_break_as_the_standard_library_breaks_them(width: int) -> None:
    expected = textwrap.wrap(
        SENTENCE,
        width,
        initial_indent="- ",
        subsequent_indent="  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    assert wrapped(SENTENCE, width, "- ", "  ") == expected


def test_wide_characters_count_twice_in_a_sentence() -> None:
    assert wrapped(f"{WIDE} {WIDE}", 24, "", "") == [WIDE, WIDE]
    assert wrapped(f"{WIDE} {WIDE}", 25, "", "") == [f"{WIDE} {WIDE}"]
