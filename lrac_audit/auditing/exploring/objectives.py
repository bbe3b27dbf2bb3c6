"""Objectives of a search: figures of an audit of which more or less is better."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import inf
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from lrac_audit.auditing.exploring.figures import OBJECTIVE_SUMS, RowSum
from lrac_audit.auditing.exploring.front import Rank
from lrac_audit.auditing.targets import PYTHON
from lrac_audit.errors import InputError, Problem, one_of, shown
from lrac_audit.ledger.latency import context, latency
from lrac_audit.ledger.memory import STATE_DTYPE, device_values, memory
from lrac_audit.ledger.row import Side
from lrac_audit.ledger.scratch import scratch
from lrac_audit.ledger.totals import Part

if TYPE_CHECKING:
    from lrac_audit.auditing.audit import Audit

OPTION = "--objective"
LESS = "-"
"""Stands before a figure of which less is better."""
Measure = Callable[["Audit"], float | None]
"""Returns the figure of an audit; None where no number bounds it."""


class Objective(NamedTuple):
    """A figure, and whether more or less of it is better."""

    name: str
    is_maximised: bool
    unit: str
    """Empty for the unit of the convention's costs."""
    measure: Measure
    row_sum: RowSum | None
    """The same figure as a sum over rows; None where it is none."""

    @property
    def wish(self) -> str:
        """The name, and what is wished of it."""
        return f"{'most' if self.is_maximised else 'least'} {self.name}"

    def rank(self, value: float | None) -> float:
        """Return a number of which less is better."""
        known = inf if value is None else value
        return -known if self.is_maximised else known


class _Figure(NamedTuple):
    unit: str
    measure: Measure


def _cost(part: Part) -> _Figure:
    def measure(audit: Audit) -> float:
        cost = audit.totals.cost(part, audit.convention)
        return audit.ledger.millions_per_second(cost.price_per_frame)

    return _Figure("", measure)


def _scratch(audit: Audit, side: Side) -> float | None:
    found = scratch(audit.ledger).get(side)
    return None if found is None else found.peak_bytes(STATE_DTYPE)


def _of_side(side: Side, part: Part) -> dict[str, _Figure]:
    return {
        f"{side}_mflops": _cost(part),
        f"{side}_stored_bytes": _Figure(
            "bytes", lambda audit: memory(audit.ledger, side).stored_bytes(STATE_DTYPE)
        ),
        f"{side}_state_bytes": _Figure(
            "bytes", lambda audit: memory(audit.ledger, side).state_bytes
        ),
        f"{side}_scratch_bytes": _Figure("bytes", lambda audit: _scratch(audit, side)),
    }


def _latency_ms(audit: Audit) -> float | None:
    return audit.ledger.milliseconds_or_none(latency(audit.ledger).total_samples)


FIGURES: Mapping[str, _Figure] = MappingProxyType(
    {
        "overall_mflops": _cost("overall"),
        "total_latency_ms": _Figure("ms", _latency_ms),
        "receptive_field": _Figure("samples", lambda audit: context(audit.ledger).encoder_samples),
        "parameters": _Figure("values", lambda audit: device_values(audit.ledger)),
        **_of_side("transmit", "transmit"),
        **_of_side("receive", "receive"),
    }
)
"""By the name of the objective."""


def parse_objectives(texts: Iterable[str]) -> tuple[Objective, ...]:
    """Return the objectives that texts such as ``-overall_mflops`` name.

    Raises:
        InputError: with every problem of the texts.
    """
    problems: list[Problem] = []
    found: dict[str, Objective] = {}
    for text in texts:
        name = text.removeprefix(LESS)
        if name in found:
            problems.append(Problem(OPTION, shown(text), f"one objective on {name}"))
            continue
        try:
            found[name] = _objective(name, text == name)
        except InputError as error:
            problems += error.problems
    if not found and not problems:
        problems.append(Problem(OPTION, "nothing", f"at least one: {_allowed('')}"))
    if problems:
        raise InputError("options", problems)
    return tuple(found.values())


def rank_of(audit: Audit, objectives: Iterable[Objective]) -> Rank:
    """Return the rank of an audited design."""
    return tuple(each.rank(each.measure(audit)) for each in objectives)


def _objective(name: str, is_maximised: bool) -> Objective:
    if name.startswith(PYTHON):
        from lrac_audit.auditing.exploring.user_objective import load_objective

        return Objective(name, is_maximised, " ", load_objective(name), None)
    if name not in FIGURES:
        raise InputError("options", [Problem(OPTION, shown(name), _allowed(name))])
    figure = FIGURES[name]
    return Objective(name, is_maximised, figure.unit, figure.measure, OBJECTIVE_SUMS.get(name))


def _allowed(name: str) -> str:
    more = f", or {PYTHON}package.module:function; {LESS} before it for less"
    return one_of(FIGURES, name, more)
