"""Trims of transposed convolutions: the surplus samples dropped, as a word or a number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lrac_audit.design.bounds import MAX_SIZE
from lrac_audit.errors import Problem, shown
from lrac_audit.validation.kinds import NOTHING, Whole

TRIM_RIGHT, TRIM_LEFT, TRIM_BOTH = TRIM_WORDS = ("right", "left", "both")


class Trim(Whole):
    """Samples trimmed on the left; a file may give the side that is trimmed instead."""

    key = "trim"

    def __init__(self) -> None:
        super().__init__(0, MAX_SIZE)

    def read(
        self, value: Any, field: str, found: list[Problem], siblings: Mapping[str, Any]
    ) -> Any:
        """Return the samples on the left that the word or number means for its kernel."""
        if type(value) is int and value >= 0:
            return value
        if value not in TRIM_WORDS:
            allowed = f"{', '.join(TRIM_WORDS)}, or the samples trimmed on the left"
            found.append(Problem(field, shown(value), allowed))
            return 0
        kernel, stride = siblings.get("kernel", NOTHING), siblings.get("stride", NOTHING)
        if not (type(kernel) is int and type(stride) is int):
            return 0
        return trimmed_left(value, max(kernel - stride, 0))

    def json_schema(self, definitions: dict[str, Any]) -> dict[str, Any]:
        """Return the words or a number of samples."""
        words = {"enum": list(TRIM_WORDS)}
        return {"anyOf": [words, super().json_schema(definitions)], "default": TRIM_RIGHT}


def trimmed_left(trim: str, surplus: int) -> int:
    """Return how many of ``surplus`` samples the word ``trim`` cuts at the start.

    Of an odd number that is trimmed on both sides, the odd one falls at the start.
    """
    return {TRIM_RIGHT: 0, TRIM_LEFT: surplus, TRIM_BOTH: surplus - surplus // 2}[trim]
