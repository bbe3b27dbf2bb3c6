"""Sentences on printed figures beside limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lrac_audit.report.numerals import number

if TYPE_CHECKING:
    from lrac_audit.auditing.printed_limits import PrintedLimit


def limit_sentence(one: PrintedLimit, completed: str) -> str:
    """Return whether a printed figure keeps its limit, and whether it does when complete.

    ``completed`` says how it was made complete, such as ``as recomputed``.
    """
    text = (
        f"{one.title}: as printed, {number(float(one.printed))} {one.unit}, it "
        f"{_keeps(one.printed <= one.limit)} the limit of {number(one.limit)} of {one.limits}"
    )
    if one.complete == one.printed:
        return text
    turn = ": the verdict turns" if one.turns else ""
    complete = f"{completed}, {number(float(one.complete))} {one.unit}"
    return f"{text}; {complete}, it {_keeps(one.complete <= one.limit)} it{turn}"


def limit_tree(one: PrintedLimit) -> dict[str, Any]:
    """Return the same as plain data."""
    return {
        "title": one.title,
        "limits": one.limits,
        "limit": one.limit,
        "unit": one.unit,
        "printed": float(one.printed),
        "complete": float(one.complete),
        "verdict_turns": one.turns,
    }


def _keeps(within: bool) -> str:
    return "keeps" if within else "breaks"
