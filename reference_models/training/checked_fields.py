"""Fields of a configuration, each checked as it is read.

What is wrong is reported to the reader; what comes back then only lets the reading go on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from lrac_audit.design.bounds import MAX_NAME_CHARACTERS, MAX_PARTS
from lrac_audit.design.fields import FieldReader
from lrac_audit.errors import shown

Choice = TypeVar("Choice", bound=str)

MAX_COUNT = 10**9
MIN_WINDOW, MAX_WINDOW = 32, 16384
"""Of an STFT; fewer samples would leave no mel."""


def whole(reader: FieldReader, key: str, low: int = 1, high: int = MAX_COUNT) -> int:
    """The whole number at ``key``; ``low`` and a problem where there is none."""
    return checked_whole(reader, reader.path(key), reader.value(key), low, high)


def checked_whole(reader: FieldReader, field: str, value: object, low: int, high: int) -> int:
    """``value``, if it is such a whole number; ``low`` and a problem if not."""
    if type(value) is int and low <= value <= high:
        return value
    reader.problem(field, shown(value), f"a whole number from {low} to {high}")
    return low


def number(
    reader: FieldReader, key: str, low: float, high: float, low_is_allowed: bool = True
) -> float:
    """The finite number at ``key``; ``high`` and a problem where there is none."""
    return checked_number(reader, reader.path(key), reader.value(key), low, high, low_is_allowed)


def checked_number(
    reader: FieldReader,
    field: str,
    value: object,
    low: float,
    high: float,
    low_is_allowed: bool = True,
) -> float:
    """``value``, if it is such a number; ``high`` and a problem if not."""
    if type(value) in (int, float):
        given = float(value)  # type: ignore[arg-type]
        if low <= given <= high and (given > low or low_is_allowed):
            return given
    least = f"from {low:g} to" if low_is_allowed else f"above {low:g} and at most"
    reader.problem(field, shown(value), f"a number {least} {high:g}")
    return high


def checked_window(reader: FieldReader, field: str, value: object) -> int:
    """``value``, if it can be the samples of an STFT's window."""
    if type(value) is int and MIN_WINDOW <= value <= MAX_WINDOW and value & (value - 1) == 0:
        return value
    reader.problem(field, shown(value), f"a power of 2 from {MIN_WINDOW} to {MAX_WINDOW}")
    return MIN_WINDOW


def checked_layers(reader: FieldReader, field: str, value: object) -> int:
    """``value``, if some quantizer may have as many layers."""
    return checked_whole(reader, field, value, 1, MAX_PARTS)


def whole_list(
    reader: FieldReader, key: str, read: Callable[[FieldReader, str, object], int]
) -> tuple[int, ...]:
    """The list at ``key``, each entry through ``read``, none of them twice."""
    items = reader.items(key)
    if not 1 <= len(items) <= MAX_PARTS:
        reader.problem(reader.path(key), f"{len(items)} entries", f"1 to {MAX_PARTS} entries")
    values = tuple(read(reader, f"{reader.path(key)}[{i}]", item) for i, item in enumerate(items))
    if len(set(map(str, items))) < len(items):
        reader.problem(reader.path(key), shown(items), "different entries")
    return values


def flag(reader: FieldReader, key: str) -> bool:
    """The truth value at ``key``; false and a problem where there is none."""
    value = reader.value(key)
    if type(value) is not bool:
        reader.problem(reader.path(key), shown(value), "true or false")
    return value is True


def text(reader: FieldReader, key: str) -> str:
    """The printable text at ``key``; nothing and a problem where there is none."""
    value = reader.value(key)
    if isinstance(value, str) and value.isprintable() and 0 < len(value) <= MAX_NAME_CHARACTERS:
        return value
    allowed = f"1 to {MAX_NAME_CHARACTERS} printable characters"
    reader.problem(reader.path(key), shown(value), allowed)
    return ""


def choice(reader: FieldReader, key: str, allowed: tuple[Choice, ...]) -> Choice:
    """The one of ``allowed`` that is at ``key``; the first and a problem where there is none."""
    value = reader.value(key)
    for one in allowed:
        if value == one:
            return one
    reader.problem(reader.path(key), shown(value), "one of " + ", ".join(allowed))
    return allowed[0]
