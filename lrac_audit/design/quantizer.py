"""Quantizers of a design: the questions a kind answers, its name in a file, and the field.

A residual vector quantizer is given by its fields alone. Any other kind is a frozen dataclass that
derives from :class:`QuantizerKind`, entered by :func:`quantizer_kind` under the name that a file
gives it: ``quantizer: {fsq: {levels: [8, 5, 5, 5]}}``. These stand in ``design/quantizers``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import log2
from typing import Any, TypeVar

from lrac_audit.design.named_kinds import NamedKinds, named
from lrac_audit.errors import Problem, one_of, shown
from lrac_audit.validation.declaration import part
from lrac_audit.validation.kinds import NOTHING, Kind
from lrac_audit.validation.structures import ShapeProblem, closed_object

QUANTIZER_KINDS = NamedKinds("quantizer")
"""What a file may give a quantizer of each kind that it names, by the name of the kind."""
T = TypeVar("T", bound=type)


class QuantizerKind:
    """The questions that a design asks its quantizer; layers are what a bitrate mode switches."""

    __slots__ = ()

    layers: int
    modes: tuple[int, ...]
    """Active layers of each bitrate mode, ascending. Empty means one mode with all layers."""

    @property
    def mode_layers(self) -> tuple[int, ...]:
        """Active layers of each mode; never empty."""
        return self.modes or (self.layers,)

    @property
    def frame_steps(self) -> int:
        """Latent steps of a frame, the least number after which the indices repeat; mostly 1."""
        return 1

    def index_sizes(self, active_layers: int) -> tuple[int, ...]:
        """Return the number of values that each index of a frame may have."""
        raise NotImplementedError

    def bits_per_frame(self, active_layers: int) -> int:
        """Return the bits of a packed frame: whole bits for each index."""
        return sum([(size - 1).bit_length() for size in self.index_sizes(active_layers)])

    def information_bits_per_frame(self, active_layers: int) -> float:
        """Return ``log2`` of the values that a frame's indices may have: packing rounds it up."""
        return sum(log2(size) for size in self.index_sizes(active_layers))

    def code_dim(self, latent_dim: int) -> int:
        """Return the width of the vector that is quantized, given that of the latent."""
        raise NotImplementedError

    def has_absorbed_form(self, latent_dim: int) -> bool:
        """Return whether an output projection can be folded into a table of codewords."""
        return False

    def described(self, form: str | None) -> str:
        """Return the kind as a reader knows it, with the form in which it runs where it has some.

        >>> from lrac_audit.design.parts import Quantizer
        >>> Quantizer(layers=6, codebook_size=1024).described("absorbed")
        'RVQ absorbed'
        """
        raise NotImplementedError

    def relations(self, latent_dim: int) -> Sequence[Problem]:
        """Return the rules that this quantizer breaks for a latent of that width."""
        return ()


def quantizer_kind(name: str) -> Callable[[T], T]:
    """Return a decorator that enters a class of quantizers under ``name``.

    Raises:
        ValueError: there is a kind of that name already.
    """
    return QUANTIZER_KINDS.enter(name)


def quantizer_name(quantizer: object) -> str | None:
    """Return the name of the kind in a file; None for the kind that is given by its fields alone.

    >>> from lrac_audit.design.quantizers.fsq import Fsq
    >>> quantizer_name(Fsq(levels=(8, 5, 5, 5)))
    'fsq'
    """
    return QUANTIZER_KINDS.name_of(quantizer)


def quantizer_field(quantizer: object) -> str:
    """Return the field of a design in which the fields of the quantizer stand."""
    name = quantizer_name(quantizer)
    return "quantizer" if name is None else f"quantizer.{name}"


class QuantizerField(Kind):
    """A quantizer: in a file the fields of the default kind, or ``{kind: its fields}``."""

    def __init__(self, default: type) -> None:
        """``default`` is the kind that a file gives by its fields alone."""
        self._default = default

    def accepts(self, value: object) -> bool:
        """Return whether ``value`` is a quantizer whose fields are accepted."""
        return isinstance(value, QuantizerKind) and part(type(value)).accepts(value)

    def problems(self, value: object) -> Sequence[Problem]:
        """Return the problems of the quantizer, in fields below the name of its kind."""
        if not isinstance(value, QuantizerKind):
            kinds = [cls.__name__ for cls in (self._default, *QUANTIZER_KINDS.names)]
            return (ShapeProblem("", shown(value), one_of(kinds)),)
        if quantizer_name(value) is None:
            return part(type(value)).problems(value)
        return QUANTIZER_KINDS.problems_of(value)

    def read(
        self, value: Any, field: str, found: list[Problem], siblings: Mapping[str, Any]
    ) -> Any:
        """Return the quantizer that a mapping of fields, or of one kind, stands for."""
        name, content = named(value)
        if isinstance(name, str) and name in QUANTIZER_KINDS:
            return QUANTIZER_KINDS[name].read(content, f"{field}.{name}", found, siblings)
        default = part(self._default)
        its_fields = [member.key for member in default.members]
        if isinstance(name, str) and name not in its_fields:
            kinds = one_of(QUANTIZER_KINDS, name)
            allowed = f"the fields {', '.join(its_fields)} of an RVQ, or one kind: {kinds}"
            found.append(Problem(field, shown(name), allowed))
            return NOTHING
        return default.read(value, field, found, siblings)

    def json_schema(self, definitions: dict[str, Any]) -> dict[str, Any]:
        """Return a choice by what is given, so that an error is one of the kind that is meant."""
        chosen = part(self._default).json_schema(definitions)
        for name, content in QUANTIZER_KINDS.json_schemas(definitions).items():
            chosen = {
                "if": {"required": [name]},
                "then": closed_object({name: content}, [name]),
                "else": chosen,
            }
        return QUANTIZER_KINDS.json_schema(chosen)
