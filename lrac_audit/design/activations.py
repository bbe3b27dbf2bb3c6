"""Activations that a design may name, with their constants and learned values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

from lrac_audit.design.layer import Layer
from lrac_audit.errors import Problem, shown
from lrac_audit.validation.kinds import NOTHING, Choice, Kind, Number
from lrac_audit.validation.structures import ShapeProblem, closed_object


class ActivationKind(NamedTuple):
    """The properties of an activation that no design changes."""

    torch_name: str
    """Class name in ``torch.nn``, which recipe files use (``Snake`` is the recipe's own)."""
    constants: MappingProxyType[str, float]
    """Constants and their defaults."""
    learned_per_channel: int = 0
    """Learned values for each channel."""
    learned_shared: int = 0
    """Learned values shared by all channels."""


def _kind(torch_name: str, learned: tuple[int, int] = (0, 0), **constants: float) -> ActivationKind:
    return ActivationKind(torch_name, MappingProxyType(constants), *learned)


ACTIVATIONS = MappingProxyType(
    {
        "elu": _kind("ELU", alpha=1.0),
        "relu": _kind("ReLU"),
        "leaky_relu": _kind("LeakyReLU", negative_slope=0.01),
        "prelu": _kind("PReLU", learned=(0, 1)),
        "gelu": _kind("GELU"),
        "silu": _kind("SiLU"),
        "tanh": _kind("Tanh"),
        "sigmoid": _kind("Sigmoid"),
        "snake": _kind("Snake", learned=(1, 0)),
    }
)
"""Kinds of activations by their names in a design."""

BY_TORCH_NAME = MappingProxyType({kind.torch_name: name for name, kind in ACTIVATIONS.items()})
"""Names in a design by class names in a recipe."""


@dataclass(frozen=True, slots=True)
class Activation(Layer):
    """A pointwise non-linearity."""

    name: str
    """One of :data:`ACTIVATIONS`."""
    parameters: tuple[tuple[str, float], ...] = ()
    """Constants that differ from their defaults, such as ``(("alpha", 0.5),)``."""

    @classmethod
    def of(cls, name: str, parameters: Mapping[str, float]) -> Activation:
        """Return ``name`` with those of ``parameters`` that differ from the defaults."""
        kind = ACTIVATIONS.get(name) if isinstance(name, str) else None
        defaults = kind.constants if kind else {}
        changed = {k: v for k, v in parameters.items() if k not in defaults or v != defaults[k]}
        return cls(name, tuple(sorted(changed.items())))


ELU = Activation("elu")
_NAME = Choice(tuple(ACTIVATIONS))
_CONSTANT = Number()


class ActivationField(Kind):
    """An activation: in a file its name, or a mapping of its name and its constants."""

    def accepts(self, value: object) -> bool:
        """Return whether ``value`` is a known activation with constants that it has."""
        if isinstance(value, Activation) and not value.parameters:
            return _NAME.accepts(value.name)
        return not self.problems(value)

    def problems(self, value: object) -> Sequence[Problem]:
        """Return a problem of the name, or those of the constants."""
        if not isinstance(value, Activation):
            return (ShapeProblem("", shown(value), _NAME.allowed),)
        found = list(_NAME.problems(value.name))
        if found:
            return found
        known = ACTIVATIONS[value.name].constants
        for constant, number in value.parameters:
            if constant in known:
                found += (p.inside(constant) for p in _CONSTANT.problems(number))
            else:
                allowed = f"{', '.join(known) or 'no constants'} for {value.name}"
                found.append(Problem(constant, shown(number), allowed))
        return found

    def read(
        self, value: Any, field: str, found: list[Problem], siblings: Mapping[str, Any]
    ) -> Any:
        """Return the activation that a name, or a mapping with one, stands for."""
        if not isinstance(value, dict):
            return Activation(value)
        constants = {key: constant for key, constant in value.items() if key != "name"}
        return Activation.of(value.get("name", NOTHING), constants)

    def json_schema(self, definitions: dict[str, Any]) -> dict[str, Any]:
        """Return the names, or an object for each activation with the constants that it has."""
        number = _CONSTANT.json_schema(definitions)
        objects = [
            closed_object(
                {"name": {"const": name}}
                | {constant: number | {"default": v} for constant, v in kind.constants.items()},
                ["name"],
            )
            for name, kind in ACTIVATIONS.items()
        ]
        definitions["Activation"] = {"anyOf": [_NAME.json_schema(definitions), *objects]}
        return {"$ref": "#/definitions/Activation"}
