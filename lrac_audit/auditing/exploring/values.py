"""Values of a varied field as text: lists such as ``3,5,7``, ranges such as ``8..128:8``."""

from __future__ import annotations

import re
from collections.abc import Iterator

Value = int | float | bool
WORDS = {"true": True, "false": False}
MAX_VALUES = 100_000
"""The most values that one knob may have."""
ALLOWED = (
    "numbers, ranges such as 8..128:8, true or false, with commas between them; "
    f"at most {MAX_VALUES:,} values"
)


def parse_values(text: str) -> tuple[Value, ...]:
    """Return the values that ``text`` lists, each once.

    Raises:
        ValueError: it is no such list.

    Example:
        >>> parse_values("1, 4..10:3, 64")
        (1, 4, 7, 10, 64)
    """
    found: dict[Value, None] = {}
    for item in text.split(","):
        found.update(dict.fromkeys(_values(item.strip())))
        if len(found) > MAX_VALUES:
            raise ValueError(text)
    return tuple(found)


def _values(item: str) -> Iterator[Value]:
    if item in WORDS:
        yield WORDS[item]
        return
    if re.fullmatch(r"-?\d{1,9}", item):
        yield int(item)
        return
    if re.fullmatch(r"-?\d{1,9}\.\d{1,12}", item):
        yield float(item)
        return
    bounds = re.fullmatch(r"(-?\d{1,9})\.\.(-?\d{1,9})(?::(\d{1,9}))?", item)
    if bounds is None:
        raise ValueError(item)
    low, high, step = int(bounds[1]), int(bounds[2]), int(bounds[3] or 1)
    if high < low or step < 1 or (high - low) // step >= MAX_VALUES:
        raise ValueError(item)
    yield from range(low, high + 1, step)


def value_text(value: Value) -> str:
    """Return ``value`` as a user types it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
