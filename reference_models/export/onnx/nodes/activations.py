"""Nodes of activations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from lrac_audit.errors import InputError, Problem
from reference_models.export.onnx.body import NODES, Body, Layout
from reference_models.export.operations import Activate

MANY_VALUES = 1000
"""Values from which on several nodes take less time than that of an ELU."""


@NODES.add(Activate)
def activate(body: Body, op: Activate) -> None:
    """Write an activation.

    Raises:
        InputError: it is of an unknown kind.
    """
    write = ACTIVATIONS.get(op.kind)
    if write is None:
        known = "one of " + ", ".join(ACTIVATIONS)
        raise InputError(
            "design", [Problem(op.row, f"{op.kind}, which has no form in ONNX", known)]
        )
    layout = body.layout(op.reads[0])
    body.write(op.writes, write(body, op, body.read(op.reads[0]), layout), layout)


def silu(body: Body, x: str) -> str:
    """Return ``x`` times its sigmoid."""
    return body.node("Mul", [x, body.node("Sigmoid", [x], "gate")], "activation")


def _plain(kind: str, **parameters: str) -> ActivationWriter:
    """Return what writes one node, whose attributes are the ``parameters`` of these names."""

    def write(body: Body, op: Activate, x: str, layout: Layout) -> str:
        given = dict(op.parameters)
        attributes = {attribute: given[name] for attribute, name in parameters.items()}
        return body.node(kind, [x], "activation", **attributes)

    return write


def _elu(body: Body, op: Activate, x: str, layout: Layout) -> str:
    """Return an ELU: of many values as ``max(x, 0) - max(1 - exp(x), 0)``.

    The runtime takes half the time for these four nodes that it takes for its own of one.
    """
    alpha, written = dict(op.parameters)["alpha"], body.program.values[op.writes]
    if alpha != 1 or written.rows * written.columns < MANY_VALUES:
        return body.node("Elu", [x], "activation", alpha=alpha)
    exponential = body.node("Exp", [x], "exponential")
    below = body.node("HardSigmoid", [exponential], "below", alpha=-1.0, beta=1.0)
    return body.node("Sub", [body.node("Relu", [x], "above"), below], "activation")


def _prelu(body: Body, op: Activate, x: str, layout: Layout) -> str:
    (slope,) = body.weights(op)
    return body.node("PRelu", [x, body.constants.add(op.constants[0], slope)], "activation")


def _snake(body: Body, op: Activate, x: str, layout: Layout) -> str:
    frequency = layout.of_columns(body.weights(op)[0])
    inverse = 1 / (frequency + np.float32(1e-9))
    factor = body.constants.add(op.constants[0], frequency)
    sine = body.node("Sin", [body.node("Mul", [x, factor], "angle")], "sine")
    square = body.node("Mul", [sine, sine], "square")
    height = body.constants.add(f"{op.constants[0]}.inverse", inverse)
    return body.node("Add", [x, body.node("Mul", [square, height], "wave")], "activation")


ActivationWriter = Callable[[Body, Activate, str, Layout], str]
ACTIVATIONS: Mapping[str, ActivationWriter] = MappingProxyType(
    {
        "elu": _elu,
        "relu": _plain("Relu"),
        "leaky_relu": _plain("LeakyRelu", alpha="negative_slope"),
        "prelu": _prelu,
        "gelu": _plain("Gelu"),
        "silu": lambda body, op, x, layout: silu(body, x),
        "tanh": _plain("Tanh"),
        "sigmoid": _plain("Sigmoid"),
        "snake": _snake,
    }
)
"""What writes the nodes of each activation, by its name in a design."""
