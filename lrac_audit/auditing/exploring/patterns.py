"""Patterns of addresses: ``encoder.*.channels`` stands for every width of the encoder.

A part of a pattern is a part of an address, or ``*`` for one or more of any parts. A position may
stand in brackets, as in the messages about a design: ``encoder.blocks[0].down.kernel``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from lrac_audit.design.addresses import Address, address_text
from lrac_audit.errors import InputError, Problem, did_you_mean, shown

ANY_PARTS = "*"
MAX_SUGGESTIONS = 3


def matching(addresses: Iterable[Address], pattern: str) -> list[Address]:
    """Return those of the ``addresses`` that ``pattern`` matches, in their order.

    Raises:
        InputError: it matches none; with the patterns like it that do.
    """
    every = {address: address_text(address) for address in addresses}
    parts = _parts(pattern)
    wanted = _expression(parts)
    found = [address for address, text in every.items() if wanted.fullmatch(text)]
    if found:
        return found
    similar = list(dict.fromkeys(_similar(parts, list(every.values()))))[:MAX_SUGGESTIONS]
    allowed = f"an address of a field, whose parts may be {ANY_PARTS}{did_you_mean(similar)}"
    raise InputError("pattern", [Problem("", f"{shown(pattern)}, which matches none", allowed)])


def _parts(pattern: str) -> list[str]:
    return re.sub(r"\[(\d+|\*)\]", r".\1", pattern.strip()).split(".")


def _expression(parts: list[str]) -> re.Pattern[str]:
    any_parts = r"[^.]+(?:\.[^.]+)*"
    return re.compile(
        r"\.".join(any_parts if part == ANY_PARTS else re.escape(part) for part in parts)
    )


def _similar(parts: list[str], texts: list[str]) -> Iterator[str]:
    """Yield patterns of which one part is spelled otherwise and that match, then like addresses."""
    known = sorted({part for text in texts for part in text.split(".")})
    for i, part in enumerate(parts):
        for other in get_close_matches(part, known):
            changed = [*parts[:i], other, *parts[i + 1 :]]
            if any(map(_expression(changed).fullmatch, texts)):
                yield ".".join(changed)
    yield from get_close_matches(".".join(parts), texts)
