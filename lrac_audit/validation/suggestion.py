"""Suggestions for words that were mistyped."""

from __future__ import annotations

from collections.abc import Iterable

from lrac_audit.errors import shown

MAX_CHARACTERS = 100
"""Longer words are not compared: no name is as long, and comparing takes quadratic time."""


def did_you_mean(given: object, known: Iterable[str]) -> str:
    """Return ``; did you mean 'word'?`` with the nearest of ``known``, or nothing."""
    if not isinstance(given, str) or len(given) > MAX_CHARACTERS:
        return ""
    from difflib import get_close_matches

    nearest = get_close_matches(given, known, n=1)
    return f"; did you mean {shown(nearest[0])}?" if nearest else ""
