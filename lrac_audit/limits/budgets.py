"""Budgets on how much more than before a codec may need, as people write them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from lrac_audit.validation.kinds import Scalar
from lrac_audit.validation.structures import Table

_SIDES = ("transmit", "receive")
BUDGET_NAMES = (
    *("overall_mflops", "total_latency_ms"),
    *(
        f"{side}_{figure}"
        for side in _SIDES
        for figure in ("mflops", "stored_bytes", "state_bytes", "scratch_bytes")
    ),
)
"""The figures that a budget may be on."""
_AMOUNT = r"[0-9]{1,12}(?:\.[0-9]{1,12})?"
_MOST = 1e12
Amount = float | str


class Budget(NamedTuple):
    """The most that one figure may increase by."""

    name: str
    amount: float
    is_share: bool
    """Whether the amount is a share of the figure before."""

    def allowed(self, before: float) -> float:
        """Return the increase that is allowed over ``before``."""
        return self.amount * before if self.is_share else self.amount


DEFAULT_BUDGETS = (
    Budget("overall_mflops", 0, False),
    Budget("receive_mflops", 0, False),
    Budget("total_latency_ms", 0, False),
)
"""Where no budget is given, the figures that the challenge limits may not increase."""


@dataclass(frozen=True)
class AmountKind(Scalar):
    """An increase that is allowed: a number, or a share of the figure before such as ``1%``."""

    allowed = "a number from 0 to 1e12, or a share such as 1%"

    def accepts(self, value: object) -> bool:
        """Return whether ``value`` is such a number, or the text of one with or without ``%``."""
        if isinstance(value, str):
            return re.fullmatch(rf"{_AMOUNT}%?", value) is not None
        return type(value) in (int, float) and 0 <= value <= _MOST  # type: ignore[operator]

    def json_schema(self, definitions: dict[str, Any]) -> dict[str, Any]:
        """Return a number, or a text with a percent sign."""
        number = {"type": "number", "minimum": 0, "maximum": _MOST}
        return {"anyOf": [number, {"type": "string", "pattern": rf"^{_AMOUNT}%?$"}]}


BUDGETS = Table(BUDGET_NAMES, AmountKind(), is_complete=False)
"""The kind of a field that states budgets: names and amounts."""


def budgets_of(amounts: Mapping[str, Amount] | None) -> tuple[Budget, ...]:
    """Return the budgets that valid ``amounts`` state; none where there are no amounts."""
    return tuple(_budget(name, amount) for name, amount in (amounts or {}).items())


def _budget(name: str, amount: Amount) -> Budget:
    text = str(amount)
    if text.endswith("%"):
        return Budget(name, float(text[:-1]) / 100, True)
    return Budget(name, float(text), False)
