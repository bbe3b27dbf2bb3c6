"""Write figures as people read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lrac_audit.ledger.row import Ledger
    from lrac_audit.limits.check import Check

NO_BOUND = "no bound"
"""Stands for the latency of a codec whose output depends on the whole clip."""


def number(value: float | int | None, decimals: int = 4) -> str:
    """Return a figure with thousands apart and no needless zeros; empty for None."""
    if value is None:
        return ""
    text = f"{value:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def signed(value: float, decimals: int = 4) -> str:
    """Return a change, with a plus where the figure grows."""
    return f"+{number(value, decimals)}" if value > 0 else number(value, decimals)


def fixed(value: float, decimals: int = 4) -> str:
    """Return a figure with a fixed number of decimals, for a column; empty for zero."""
    return f"{value:,.{decimals}f}" if value else ""


def check_figure(value: float | tuple[float | None, ...] | None) -> str:
    """Return the figure of a check, or its figures with a slash between them."""
    if value is None:
        return "unknown"
    if isinstance(value, tuple):
        return " / ".join("none" if v is None else number(v) for v in value)
    return number(value)


def check_value(check: Check) -> str:
    """Return the value of a check, with its lower bound where the value is only an upper one."""
    if has_no_bound(check):
        return NO_BOUND
    value = check_figure(check.value)
    return value if check.at_least is None else f"{number(check.at_least)} to {value}"


def check_margin(check: Check) -> str:
    """Return the margin of a check."""
    return "none" if has_no_bound(check) else check_figure(check.margin)


def has_no_bound(check: Check) -> bool:
    """Return whether a limit is broken by what no number bounds."""
    return check.status == "fail" and check.value is None


def delay_ms(ledger: Ledger, samples: int | None) -> str:
    """Return a delay in milliseconds, or that it has no bound."""
    return NO_BOUND if samples is None else number(ledger.milliseconds(samples))
