"""Recalculating one workbook by pycel, and by LibreOffice where it is installed."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest

from tests.lrac_audit.report.workbook.engine import Recalculation
from tests.lrac_audit.report.workbook.office import convert, needs_office
from tests.lrac_audit.report.workbook.sheets import summary


def by_pycel(path: Path) -> dict[str, list[Any]]:
    """Return the recalculated lines of the page Summary; the file stays as it is."""
    return Recalculation(path).summary()


def by_office(path: Path) -> dict[str, list[Any]]:
    """Return the recalculated lines of the page Summary; the file becomes what Calc saves."""
    with tempfile.TemporaryDirectory() as folder:
        (saved,) = convert([path], Path(folder))
        shutil.move(saved, path)
    return summary(path)


by_each_engine = pytest.mark.parametrize(
    "recalculated", [by_pycel, pytest.param(by_office, marks=[needs_office, pytest.mark.sweep])]
)
