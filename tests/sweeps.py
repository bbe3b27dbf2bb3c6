"""How many random cases a test tries: some in every run, many where time matters less."""

from __future__ import annotations

import pytest


def some_or_many(some: int, many: int) -> pytest.MarkDecorator:
    """Give a test its number of ``cases``: ``some``, and in a run of ``-m sweep`` ``many``."""
    return pytest.mark.parametrize("cases", [some, pytest.param(many, marks=pytest.mark.sweep)])
