"""Sheets that several modules edit and calculate."""

from __future__ import annotations

import functools
from collections.abc import Callable

import pytest

from tests.lrac_audit.report.workbook.engine import Recalculation
from tests.lrac_audit.report.workbook.sheets import write_baseline

Baseline = Callable[[str], Recalculation]


@pytest.fixture(scope="session")
def baseline(tmp_path_factory: pytest.TempPathFactory) -> Baseline:
    """The sheet of a baseline, which the engine has calculated once, and calculates on from."""
    folder = tmp_path_factory.mktemp("baselines")

    @functools.cache
    def calculated(track: str) -> Recalculation:
        sheet = Recalculation(write_baseline(folder / f"{track}.xlsx", track))
        sheet.summary()
        return sheet

    return calculated
