"""How long all public codecs take, and that their page holds what comes out.

pytest tests/benchmarks/test_codecs_speed.py
"""

from __future__ import annotations

from typing import Any

import pytest

from lrac_audit.auditing.public_codecs import compare_codecs
from lrac_audit.report.codecs_report import CodecsReport
from lrac_audit.report.formats.markdown_format import MarkdownFormat
from lrac_audit.witness.codec_catalogue import KNOWN_CODECS
from tests.lrac_audit.witness.targets.published_table import published_tables

MAX_S = 120


@pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning"
)
def test_all_public_codecs(benchmark: Any) -> None:
    comparison = benchmark.pedantic(compare_codecs, rounds=1)
    assert comparison.missing == ()
    assert len(comparison.codecs) == 2 + len(KNOWN_CODECS)
    assert MarkdownFormat().render(CodecsReport(comparison)) == published_tables()
    assert benchmark.stats.stats.median <= MAX_S
