"""Rules of recurrent layers: each step sees all steps before it."""

from __future__ import annotations

import numpy as np

from lrac_audit.witness.onnx.dependency.registry import NoRuleError, RuleCall, rule
from lrac_audit.witness.onnx.dependency.steps import Steps, expanded, over_axes


@rule("LSTM", "GRU", "RNN")
def recurrence(call: RuleCall) -> list[Steps]:
    """Return the steps of ``Y [T, D, B, H]`` and of the last states ``[D, B, H]``.

    Inputs are ``X [T, B, I]`` and, after weights, biases and lengths, the first states.
    """
    given = call.attributes
    if given.get("direction", "forward") != "forward" or given.get("layout", 0):
        raise NoRuleError("another direction or another order of axes")
    over_values = over_axes(call.steps(0), [-1])
    steps = expanded(over_values, (call.shapes[0][0], *over_values.shape[1:]))
    seen = np.maximum.accumulate(steps, axis=0)
    first = max(int(each.max()) for each in call.given[1:])
    seen = np.maximum(seen, first)[:, None]
    return [seen, *(seen[-1] for _ in call.outputs[1:])]
