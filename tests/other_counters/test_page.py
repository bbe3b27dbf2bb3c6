"""The page on other counters shows what they report."""

from __future__ import annotations

import re
from functools import cache

import pytest

from tests.conftest import ROOT
from tests.other_counters.cases import CASES, Case
from tests.other_counters.counters import COUNTERS, Counter, heading, share_of_true

PAGE = ROOT / "docs" / "other-counters.md"
OWN = COUNTERS[0]


@cache
def published() -> dict[str, dict[str, str]]:
    """Return the cells of the page's table: operation, then heading of the column."""
    text = PAGE.read_text(encoding="utf-8")
    found = re.search(r"<!-- counters -->\n(.*)<!-- /counters -->", text, re.DOTALL)
    assert found is not None
    lines = [line.strip("| \n").split(" | ") for line in found[1].splitlines()]
    head, _, *rows = lines
    return {row[0]: dict(zip(head[1:], row[1:], strict=True)) for row in rows}


def test_the_page_has_every_case_with_its_count() -> None:
    counts = {name: cells["MACs"] for name, cells in published().items()}
    assert counts == {case.name: f"{case.macs:,}" for case in CASES}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_this_project_counts_every_case(case: Case) -> None:
    assert share_of_true(OWN, case) == "1" == published()[case.name][heading(OWN)]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.parametrize("counter", COUNTERS[1:], ids=lambda counter: counter.name)
def test_others_report_what_the_page_says(counter: Counter, case: Case) -> None:
    if counter.installed_version is None:
        pytest.skip(f"{counter.package} is not installed")
    if heading(counter) not in published()[case.name]:
        pytest.skip(f"the page was measured with another version than {heading(counter)}")
    assert share_of_true(counter, case) == published()[case.name][heading(counter)]
