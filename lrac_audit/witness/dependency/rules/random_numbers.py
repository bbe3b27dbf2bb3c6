"""Rules for random numbers: they depend on what sets their distribution alone."""

from __future__ import annotations

from torch import Tensor

from lrac_audit.witness.dependency.registry import RuleCall, rule
from lrac_audit.witness.dependency.rules.pointwise import join_elements
from lrac_audit.witness.dependency.steps import joined, nothing
from lrac_audit.witness.trace.formulas.formula_table import words


@rule(
    *words(
        "rand_like randn_like randint_like uniform exponential log_normal cauchy geometric random"
    )
)
def draw(call: RuleCall) -> Tensor:
    """Return no dependence: only the shape of a tensor is taken."""
    return nothing()


@rule("normal")
def draw_normal(call: RuleCall) -> Tensor:
    """Return the join of mean and deviation, where these are tensors."""
    parameters = (call["mean"], call["std"])
    return joined(call.steps(tensor) for tensor in parameters if call.depends(tensor))


@rule("bernoulli", "native_dropout", "poisson")
def draw_by_element(call: RuleCall) -> Tensor:
    """Return the steps of the chances, element by element."""
    return join_elements(call)
