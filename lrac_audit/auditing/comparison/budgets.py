"""Budgets on what a codec may need more than an earlier one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from lrac_audit.auditing.comparison.alignment import Pair
from lrac_audit.auditing.comparison.compare import Difference
from lrac_audit.auditing.comparison.figures import QUANTITIES, Layer, Quantity
from lrac_audit.errors import InputError, Problem, shown
from lrac_audit.limits.budgets import BUDGET_NAMES, BUDGETS, Budget, budgets_of
from lrac_audit.limits.check import Check, Status

ROUNDING = 1e-9
"""Share of a figure by which two sums of the same layers may differ."""
MOST_CAUSES = 3
OPTION = "--max-increase"


class Budgeted(NamedTuple):
    """A figure that a budget may be on."""

    place: str
    """Its place in the audit document, as in the quantities that are compared."""
    field: str
    """The number of a layer that adds up to it; empty where none does."""
    side: str
    """The side whose layers add up to it; empty for both."""

    @property
    def quantity(self) -> Quantity:
        """The figure itself."""
        return next(each for each in QUANTITIES if each.place == self.place)


def _side(side: str) -> dict[str, Budgeted]:
    memory = f"memory.{side}"
    return {
        f"{side}_mflops": Budgeted(f"complexity.{side}.mflops", "mflops", side),
        f"{side}_stored_bytes": Budgeted(f"{memory}.stored_bytes.float32", "stored_values", side),
        f"{side}_state_bytes": Budgeted(f"{memory}.state_bytes", "state_values", side),
        f"{side}_scratch_bytes": Budgeted(f"{memory}.scratch_bytes.float32", "", side),
    }


BUDGETED: Mapping[str, Budgeted] = MappingProxyType(
    {
        "overall_mflops": Budgeted("complexity.overall.mflops", "mflops", ""),
        "total_latency_ms": Budgeted("latency.total_ms", "delay_ms", ""),
        **_side("transmit"),
        **_side("receive"),
    }
)
"""By the name of a budget."""
if BUDGETED.keys() != set(BUDGET_NAMES):
    raise TypeError(f"budgets {sorted(BUDGET_NAMES)} and figures {sorted(BUDGETED)} differ")
LAYER_UNITS = MappingProxyType({"stored_values": "values", "state_values": "values"})


def parse_budgets(texts: Iterable[str]) -> tuple[Budget, ...]:
    """Return the budgets that texts such as ``overall_mflops=1%`` state.

    Raises:
        InputError: one of them is no such text, or two are on one figure.
    """
    amounts: dict[str, str] = {}
    problems = []
    for text in texts:
        name, _, amount = text.partition("=")
        if BUDGETS.problems({name: amount}):
            allowed = f"NAME=AMOUNT or NAME=PERCENT%, with one of {', '.join(BUDGETED)}"
            problems.append(Problem(OPTION, shown(text), allowed))
        elif name in amounts:
            problems.append(Problem(OPTION, shown(text), f"one budget on {name}"))
        amounts[name] = amount
    if problems:
        raise InputError("options", problems)
    return budgets_of(amounts)


def check_increases(difference: Difference, budgets: Sequence[Budget]) -> list[Check]:
    """Return a check of each budget; one that a figure is missing for is incomplete."""
    return [_check(difference, budget) for budget in budgets]


def _check(difference: Difference, budget: Budget) -> Check:
    change = difference.change(BUDGETED[budget.name].quantity)
    name, unit = f"{budget.name}_increase", change.quantity.unit or difference.after.unit
    if change.before is None or change.absolute is None:
        limit = 0.0 if budget.is_share else budget.amount
        return Check(name, limit, None, None, "incomplete", unit)
    limit = budget.allowed(change.before)
    is_kept = change.absolute <= limit + ROUNDING * abs(change.before)
    status: Status = "pass" if is_kept else "fail"
    return Check(name, limit, change.absolute, limit - change.absolute, status, unit)


def causes(difference: Difference, check: Check) -> Iterator[str]:
    """Yield the layers that a broken budget comes from, those that add most first."""
    unit = LAYER_UNITS.get(_budgeted(check).field, check.unit)
    for increase, layer in _added(difference, check)[:MOST_CAUSES]:
        yield f"take back {layer.name}: {increase:+,.6g} {unit}"


def first_cause(difference: Difference, check: Check) -> str:
    """Return the name of the layer that adds most to a broken budget; empty where none is known."""
    return next((layer.name for _, layer in _added(difference, check)), "")


def _budgeted(check: Check) -> Budgeted:
    return BUDGETED[check.id.removesuffix("_increase")]


def _added(difference: Difference, check: Check) -> list[tuple[float, Layer]]:
    """Return what each layer adds to the figure of ``check``, the most first."""
    figure = _budgeted(check)
    if not figure.field:
        return []
    added = [
        (_increase(pair, figure.field), _layer(pair))
        for pair in difference.pairs
        if not figure.side or _layer(pair).side == figure.side
    ]
    return sorted((each for each in added if each[0] > 0), key=lambda each: -each[0])


def _layer(pair: Pair) -> Layer:
    found = pair.after or pair.before
    assert found is not None
    return found


def _increase(pair: Pair, field: str) -> float:
    before, after = (0 if each is None else getattr(each, field) or 0 for each in pair)
    return float(after - before)
