"""On nets drawn at random: what perturbation finds, at most what the rules give, at most all."""

from __future__ import annotations

import pytest
import torch

from lrac_audit.witness.dependency import trace_dependency
from tests.lrac_audit.witness.dependency.perturbation import noise, seen_by_perturbation
from tests.lrac_audit.witness.dependency.random_nets import RandomNet

STEPS = 14


def check(seed: int) -> bool:
    """Check a net, and return whether the rules give just what perturbation finds."""
    net, x = RandomNet(seed, STEPS), noise((1, 2, STEPS), seed)
    found = trace_dependency(net, [("net", net)], x)
    assert not found.unknown_operators, (net.names, dict(found.unknown_operators))
    ((truth,), result) = seen_by_perturbation(net, x), found.stage_results[0][0]
    assert bool((result.latest >= truth.latest).all()), (net.names, "latest too early")
    assert bool((result.earliest <= truth.earliest).all()), (net.names, "earliest too late")
    assert int(result.latest.max()) < STEPS
    return torch.equal(result.latest.long(), truth.latest)


def test_on_random_nets_the_rules_never_give_less_than_perturbation():
    exact = [check(seed) for seed in range(12)]
    assert sum(exact) >= 8


@pytest.mark.sweep
@pytest.mark.parametrize("block", range(10))
def test_on_many_random_nets_the_rules_never_give_less_than_perturbation(block):
    exact = [check(seed) for seed in range(1000 + 50 * block, 1050 + 50 * block)]
    assert sum(exact) >= 35
