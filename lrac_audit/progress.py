"""Reports of progress: a function that long work calls with a few words at each step."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str], None]


def tell_nobody(words: str) -> None:
    """Ignore the report of a step."""
