"""Forms in which graphs write an activation, or the core of a norm, as several nodes.

A form is an expression of operators. In it ``x`` is the signal, a number a constant of that value,
and any other name a constant of any values; ``name=number`` is an attribute. Operands of sums,
products, minima and maxima may stand in either order. A learned scale and shift behind the core of
a norm are nodes of their own.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from itertools import product
from math import prod
from typing import NamedTuple

from lrac_audit.ledger.row import Kind
from lrac_audit.witness.onnx.formulas import NodeWork
from lrac_audit.witness.onnx.formulas.node_formulas import Shape, over_values

SIGNAL_NAME = "x"


class Form(NamedTuple):
    """An operator and its operands: other forms, names, or numbers."""

    op: str
    operands: tuple[Form | str | float, ...]
    attributes: tuple[tuple[str, float], ...] = ()


Operand = Form | str | float


class Composite(NamedTuple):
    """An activation or a norm, with the operations that it counts as."""

    op: str
    """As in :class:`lrac_audit.ledger.row.Row`."""
    per_value: Mapping[str, int]
    """Work for each value of the result."""
    per_statistic: Mapping[str, int] = {}
    """Work for each square root that is taken."""

    def work(self, shape: Shape, statistics: int) -> NodeWork:
        """Return the work for a result of ``shape``, with so many square roots."""
        found = {kind: n * prod(shape) for kind, n in self.per_value.items()}
        found.update((kind, n * statistics) for kind, n in self.per_statistic.items())
        return over_values(self.op, found, shape)


def _activation(name: str) -> Composite:
    return Composite(name, {name: 1})


def _norm(reduced: int, pointwise: int) -> Composite:
    per_value = {Kind.REDUCE: reduced, Kind.POINTWISE: pointwise}
    return Composite("norm", per_value, {Kind.SQUARE_ROOT: 1, Kind.DIVISION: 1})


_SNAKE = "Add(x, {wave})"
_WAVES = ("Mul({square}, height)", "Div({square}, frequency)")
_SINE = "Sin(Mul(x, frequency))"
_SQUARES = ("Mul({0}, {0})", "Pow({0}, 2)")
_ERROR = ("Erf(Div(x, root))", "Erf(Mul(x, inverse))")
_GELUS = (
    "Mul(Mul(x, Add({error}, 1)), 0.5)",
    "Mul(x, Mul(Add({error}, 1), 0.5))",
    "Mul(Mul(x, 0.5), Add({error}, 1))",
)
_CENTRED = "Sub(x, ReduceMean(x))"
_ROOT = "Sqrt(Add(ReduceMean({square}), epsilon))"
_QUOTIENTS = ("Div({0}, {root})", "Mul({0}, Reciprocal({root}))")


def _norms(normalised: str) -> list[str]:
    """Return the forms of what is normalised over the root of its mean square."""
    return [
        quotient.format(normalised, root=_ROOT.format(square=square.format(normalised)))
        for square, quotient in product(_SQUARES, _QUOTIENTS)
    ]


TEXTS: Mapping[str, tuple[Composite, list[str]]] = {
    "elu": (
        _activation("elu"),
        [
            "Max(x, Sub(Exp(Min(x, 0)), 1))",
            "Where(Greater(x, 0), x, Sub(Exp(x), 1))",
            "Add(Relu(x), Sub(Exp(Min(x, 0)), 1))",
            "Sub(Relu(x), HardSigmoid(Exp(x), alpha=-1, beta=1))",
        ],
    ),
    "silu": (_activation("silu"), ["Mul(x, Sigmoid(x))"]),
    "gelu": (
        _activation("gelu"),
        [form.format(error=error) for form, error in product(_GELUS, _ERROR)],
    ),
    "snake": (
        _activation("snake"),
        [
            _SNAKE.format(wave=wave.format(square=square.format(_SINE)))
            for wave, square in product(_WAVES, _SQUARES)
        ],
    ),
    "layer norm": (_norm(reduced=2, pointwise=3), _norms(_CENTRED)),
    "rms norm": (_norm(reduced=1, pointwise=2), _norms("x")),
}
"""By name, what is counted, and the forms that it is written in."""


def _parsed(node: ast.expr) -> Operand:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        given = [(each.arg or "", ast.literal_eval(each.value)) for each in node.keywords]
        return Form(node.func.id, tuple(map(_parsed, node.args)), tuple(given))
    return node.id if isinstance(node, ast.Name) else float(ast.literal_eval(node))


def form_of(text: str) -> Form:
    """Return the form that ``text`` writes.

    Raises:
        ValueError: it is no operator with operands.
    """
    found = _parsed(ast.parse(text, mode="eval").body)
    if not isinstance(found, Form):
        raise ValueError(f"{text} is no operator with operands")
    return found


def _by_operator() -> dict[str, list[tuple[Form, Composite]]]:
    found: dict[str, list[tuple[Form, Composite]]] = {}
    for composite, texts in TEXTS.values():
        for form in map(form_of, texts):
            found.setdefault(form.op, []).append((form, composite))
    return found


FORMS = _by_operator()
"""The forms by their last operator."""
