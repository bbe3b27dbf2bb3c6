"""Rules of pointwise operators."""

from __future__ import annotations

import numpy as np

from lrac_audit.witness.onnx.dependency.registry import RuleCall, rule
from lrac_audit.witness.onnx.dependency.steps import NOTHING, Steps, compact, larger
from lrac_audit.witness.onnx.graph_model import words

_OPERATORS = """
Abs Acos Acosh Add Asin Asinh Atan Atanh BatchNormalization BitShift BitwiseAnd BitwiseNot BitwiseOr
BitwiseXor Ceil Celu Clip Cos Cosh DequantizeLinear Div Elu Equal Erf Exp Floor Gelu Greater
GreaterOrEqual HardSigmoid HardSwish IsInf IsNaN LeakyRelu Less LessOrEqual Log Max Mean Min Mish
Mod Neg Not Or PRelu Pow QuantizeLinear Reciprocal Relu Round Selu Shrink Sigmoid Sign Sin Sinh
Softplus Softsign Sqrt Sub Sum Swish Tan Tanh ThresholdedRelu Xor"""
POINTWISE = frozenset({*words(_OPERATORS), "And", "Mul", "Where"})
"""Operators that do the same to each value."""


@rule(*words(_OPERATORS))
def pointwise(call: RuleCall) -> list[Steps]:
    """Return the join of the operands, value by value."""
    axes = len(call.outputs[0])
    if call.shapes and all(len(shape) <= axes for shape in call.shapes):
        return [_with_axes(larger(each for each in call.given if each.ndim <= axes), axes)]
    return [call.whole()]


@rule("Mul", "And")
def product(call: RuleCall) -> list[Steps]:
    """Return the join of the factors, and nothing where one of them is known to be zero."""
    found = larger([call.steps(0), call.steps(1)])
    for array in call.arrays:
        if array is not None:
            found = np.where(array == 0, NOTHING, found)
    return [compact(_with_axes(found, len(call.outputs[0])))]


@rule("Where")
def selection(call: RuleCall) -> list[Steps]:
    """Return the steps of what a known condition selects, else of all three inputs."""
    condition, first, second = (call.steps(at) for at in range(3))
    known = call.known(0)
    either = larger([condition, first, second])
    found = either if known is None else np.where(known, first, second)
    return [compact(_with_axes(found, len(call.outputs[0])))]


def _with_axes(steps: Steps, axes: int) -> Steps:
    return steps.reshape((1,) * (axes - steps.ndim) + steps.shape)
