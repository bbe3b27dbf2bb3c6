"""How many random cases a test tries: some in every run, many where time matters less."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis.strategies import SearchStrategy


def some_or_many(some: int, many: int) -> pytest.MarkDecorator:
    """Give a test its number of ``cases``: ``some``, and in a run of ``-m sweep`` ``many``."""
    return pytest.mark.parametrize("cases", [some, pytest.param(many, marks=pytest.mark.sweep)])


def thinned(cases: Iterable[Any], every: int, first: int = 0) -> list[Any]:
    """Return test cases of which each ``every``-th runs by default, and the others in the sweep."""
    return [case if i % every == first else _in_sweep(case) for i, case in enumerate(cases)]


def _in_sweep(case: Any) -> Any:
    if isinstance(case, type(pytest.param())):
        return pytest.param(*case.values, id=case.id, marks=[*case.marks, pytest.mark.sweep])
    return pytest.param(case, marks=pytest.mark.sweep)


def slow_in_sweep(cases: Iterable[Any], *slow: Any) -> list[Any]:
    """Return test cases of which the ``slow`` ones run in the sweep only."""
    listed = list(cases)
    assert all(case in listed for case in slow), "a slow case that is none of the cases"
    sweep = pytest.mark.sweep
    values = [case if isinstance(case, tuple) else (case,) for case in listed]
    return [
        pytest.param(*value, marks=sweep) if case in slow else case
        for case, value in zip(listed, values, strict=True)
    ]


def random_cases(
    strategy: SearchStrategy[Any], some: int, many: int
) -> Callable[[Callable[[Any], None]], Callable[[int], None]]:
    """Make a test of a check: ``some`` random values of ``strategy``, in the sweep ``many``."""

    def decorate(check: Callable[[Any], None]) -> Callable[[int], None]:
        @some_or_many(some, many)
        def test(cases: int) -> None:
            settings(max_examples=cases)(given(strategy)(check))()

        test.__name__, test.__doc__, test.__module__ = (
            check.__name__,
            check.__doc__,
            check.__module__,
        )
        return test

    return decorate
