"""The cases notice a rule that is wrong: every rule is broken on purpose, in both directions."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from random import Random

import pytest
import torch
from torch import Tensor

from lrac_audit.witness.dependency import registry
from lrac_audit.witness.dependency.registry import RULES
from lrac_audit.witness.dependency.steps import NO_DEPENDENCE, plain
from tests.lrac_audit.witness.dependency.operator_cases import CASES, NEEDS_VALUES
from tests.lrac_audit.witness.dependency.perturbation import noise
from tests.lrac_audit.witness.dependency.test_rules import SHAPE, compare, traced

pytestmark = pytest.mark.sweep


@cache
def cases_by_rule() -> dict[str, list[str]]:
    """Return the cases that run through each rule."""
    found: dict[str, list[str]] = {}
    for name, case in CASES.items():
        torch.manual_seed(0)
        for operation in traced(case.make(Random(0)), noise(SHAPE, 0)).operations:
            if operation.sources:  # the rule of one without is not asked
                found.setdefault(operation.operator, []).append(name)
    return found


def a_step_less(steps: Tensor) -> Tensor:
    """Return ``steps`` less one; no dependence stays none."""
    steps = plain(steps)
    return torch.where(steps > NO_DEPENDENCE, steps - 1, steps)


def a_step_more(steps: Tensor) -> Tensor:
    """Return ``steps`` and one; no dependence becomes one on the first step."""
    steps = plain(steps)
    return torch.where(steps > NO_DEPENDENCE, steps + 1, 0).int()


def broken(rule: registry.Rule, change: Callable[[Tensor], Tensor]) -> registry.Rule:
    def run(call: registry.RuleCall) -> Tensor | list[Tensor]:
        found = rule(call)
        if isinstance(found, Tensor):
            return change(found)
        return [change(steps) for steps in found]

    return run


def is_noticed(name: str) -> bool:
    case = CASES[name]
    torch.manual_seed(0)
    try:
        compare(name, case.make(Random(0)), noise(SHAPE, 0), case.exact)
    except AssertionError:
        return True
    return False


def gives_nothing(operator: str, names: list[str]) -> bool:
    """Return whether all results of an operator depend on nothing in these cases."""
    for name in names:
        torch.manual_seed(0)
        for operation in traced(CASES[name].make(Random(0)), noise(SHAPE, 0)).operations:
            if operation.operator == operator and int(operation.latest.max()) >= 0:
                return False
    return True


@pytest.mark.parametrize("operator", sorted(set(RULES) - set(NEEDS_VALUES)))
def test_a_step_too_few_is_noticed(operator, monkeypatch):
    names = cases_by_rule().get(operator)
    if names is None:
        pytest.skip("its results take their shape from values: see test_rules.py")
    if gives_nothing(operator, names):
        pytest.skip("its results depend on nothing")
    monkeypatch.setitem(registry._RULES, operator, broken(RULES[operator], a_step_less))
    assert any(is_noticed(name) for name in dict.fromkeys(names))


@pytest.mark.parametrize("operator", sorted(RULES))
def test_a_step_too_many_is_noticed(operator, monkeypatch):
    names = [name for name in cases_by_rule().get(operator, []) if CASES[name].exact]
    if not names:
        pytest.skip("perturbation does not find all that its results depend on")
    monkeypatch.setitem(registry._RULES, operator, broken(RULES[operator], a_step_more))
    assert any(is_noticed(name) for name in dict.fromkeys(names))
