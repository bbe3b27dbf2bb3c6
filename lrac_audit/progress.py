"""What long work tells of itself: a few words at each step, to whoever wants to hear them."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str], None]


def tell_nobody(words: str) -> None:
    """For work that nobody wants to hear of."""
