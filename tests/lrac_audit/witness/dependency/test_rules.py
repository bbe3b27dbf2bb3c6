"""Each rule against brute force: never less than what is seen, and the same where all is seen."""

from __future__ import annotations

from random import Random

import pytest
import torch
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from torch import nn

from lrac_audit.witness.dependency import NeedsValues, trace_dependency
from lrac_audit.witness.dependency.registry import RULES, rule
from lrac_audit.witness.dispatch import tensors_in
from tests.lrac_audit.witness.dependency.operator_cases import (
    CASES,
    CHANNELS,
    NEEDS_VALUES,
    STEPS,
    Function,
)
from tests.lrac_audit.witness.dependency.perturbation import (
    noise,
    seen_by_nan,
    seen_by_perturbation,
)
from tests.sweeps import thinned

SHAPE = (2, CHANNELS, STEPS)


def traced(function: Function, x: torch.Tensor, real_values: bool = False):
    stages = [("case", function), ("first", lambda made: next(iter(tensors_in(made))))]
    return trace_dependency(nn.Identity(), stages, x, real_values=real_values)


def compare(name: str, function: Function, x: torch.Tensor, exact: bool, real_values=False):
    found = traced(function, x, real_values)
    assert not found.unknown_operators, f"{name}: no rule for {dict(found.unknown_operators)}"
    seen = seen_by_perturbation(function, x)
    for index, (rule_says, truth) in enumerate(zip(found.stage_results[0], seen, strict=True)):
        late, early = rule_says.latest, rule_says.earliest
        assert late.shape == truth.latest.shape
        assert bool((late >= truth.latest).all()), f"{name}, result {index}: latest too early"
        assert bool((early <= truth.earliest).all()), f"{name}, result {index}: earliest too late"
        if exact:
            assert torch.equal(late.long(), truth.latest), f"{name}, result {index}: latest"
            assert torch.equal(early.long(), truth.earliest), f"{name}, result {index}: earliest"


GENERATED = settings(
    max_examples=6,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
)


@pytest.mark.parametrize(
    "name", thinned([name for name, case in CASES.items() if not case.is_drawn], 4)
)
def test_the_rule_gives_what_perturbation_finds(name):
    compare(name, CASES[name].make(Random(0)), noise(SHAPE, 0), CASES[name].exact)


@pytest.mark.parametrize(
    "name", thinned([name for name, case in CASES.items() if case.is_drawn], 4)
)
@GENERATED
@given(seed=st.integers(0, 1 << 16))
def test_the_rule_gives_what_perturbation_finds_for_any_geometry(name, seed):
    case = CASES[name]
    torch.manual_seed(seed)
    compare(name, case.make(Random(seed)), noise(SHAPE, seed), case.exact)


@pytest.mark.parametrize("name", CASES)
def test_a_run_on_values_gives_the_same_as_one_on_shapes(name):
    torch.manual_seed(1)
    function, x = CASES[name].make(Random(1)), noise(SHAPE, 1)
    shapes, values = traced(function, x), traced(function, x, real_values=True)
    for one, other in zip(shapes.stage_results[0], values.stage_results[0], strict=True):
        assert one.shape == other.shape
        assert torch.equal(one.latest, other.latest) and torch.equal(one.earliest, other.earliest)


@pytest.mark.parametrize("name", NEEDS_VALUES)
def test_results_shaped_by_values_join_everything(name):
    function, x = NEEDS_VALUES[name], noise(SHAPE, 0)
    with pytest.raises(NeedsValues):
        traced(function, x)
    found = traced(function, x, real_values=True)
    assert found.branches == {""}
    for result in found.stage_results[0]:
        assert result.shape[0] > 0
        assert set(result.latest.unique().tolist()) == {STEPS - 1}
        assert set(result.earliest.unique().tolist()) == {0}


CONVOLUTIONAL = [
    "convolution",
    "convolution_of_long_kernel",
    "transposed_convolution",
    "convolution_in_two_dimensions",
]


@pytest.mark.parametrize("name", CONVOLUTIONAL)
@GENERATED
@given(seed=st.integers(0, 1 << 16))
def test_convolutions_give_what_nan_finds(name, seed):
    """NaN passes through every product, and so through every tap."""
    torch.manual_seed(seed)
    function, x = CASES[name].make(Random(seed)), noise(SHAPE, seed)
    (found,), (truth,) = traced(function, x).stage_results[0], seen_by_nan(function, x)
    assert torch.equal(found.latest.long(), truth.latest)
    assert torch.equal(found.earliest.long(), truth.earliest)


def test_every_rule_has_a_case():
    """The operators that the cases run through are recorded by their names."""
    used = set()
    for case in CASES.values():
        for seed in range(4 if case.is_drawn else 1):
            torch.manual_seed(seed)
            used |= {
                o.operator for o in traced(case.make(Random(seed)), noise(SHAPE, 0)).operations
            }
    for function in NEEDS_VALUES.values():
        used |= {o.operator for o in traced(function, noise(SHAPE, 0), True).operations}
    assert set(RULES) - used == set()


def test_a_second_rule_for_an_operator_is_an_error():
    with pytest.raises(ValueError, match="convolution has a rule already"):
        rule("convolution")(lambda call: call["input"])
