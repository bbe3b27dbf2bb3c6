"""The checks of a codec against an earlier audit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from lrac_audit.limits.check import Check


class Increase(NamedTuple):
    """Budgets on what a codec may need more than in an earlier audit, checked."""

    baseline: str
    """The document or the revision that it is held to."""
    earlier: Mapping[str, Any]
    """The document of the earlier audit."""
    checks: tuple[Check, ...]
    causes: Mapping[str, Sequence[str]]
    """The layers that a broken budget comes from, in words, by the check."""
    first_causes: Mapping[str, str]
    """The layer that adds most to a broken budget, by the check."""
