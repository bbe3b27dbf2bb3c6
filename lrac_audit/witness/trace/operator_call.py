"""One call of an operator while a model runs: inputs, outputs, and what is known about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, NamedTuple

import torch
from torch import Tensor

from lrac_audit.witness.dispatch import map_tensors, tensors_in
from lrac_audit.witness.trace.formulas.formula_table import Shape, ShapedCall
from lrac_audit.witness.trace.formulas.ignored import FACTORIES
from lrac_audit.witness.trace.provenance import Choice, Provenance, Provenances


class Operator(NamedTuple):
    """The schema of an operator of torch's dispatcher, as far as it matters here."""

    name: str
    """Such as ``aten.add`` for ``aten::add_.Tensor``."""
    is_random: bool
    is_mutable: bool
    """Whether it changes one of its inputs in place."""
    is_fresh: bool
    """Whether its results share no memory with its inputs."""
    parameters: tuple[tuple[str, Any], ...]
    """Names and defaults, in the order of the schema."""
    written: tuple[str, ...]
    """Names of the parameters that it changes in place."""


@cache
def operator_of(func: Any) -> Operator:
    """Return the schema of an operator; torch takes so long to read one that it is cached."""
    schema = func._schema
    name: str = schema.name.replace("::", ".")
    return Operator(
        name[:-1] if name.endswith("_") and not name.endswith("__") else name,
        torch.Tag.nondeterministic_seeded in func.tags,
        schema.is_mutable,
        not any(result.alias_info for result in schema.returns),
        tuple((argument.name, argument.default_value) for argument in schema.arguments),
        tuple(a.name for a in schema.arguments if a.alias_info and a.alias_info.is_write),
    )


@dataclass
class OperatorCall:
    """One call of an operator."""

    func: Any
    operator: Operator
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    tensors: list[Tensor]
    """All input tensors, in order."""
    provenances: list[Provenance]
    """The provenance of each of these."""
    outputs: list[Tensor] = field(default_factory=list)

    @classmethod
    def of(
        cls, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any], provenances: Provenances
    ) -> OperatorCall:
        """Return a call that is about to be run."""
        tensors = list(tensors_in((args, kwargs)))
        known = [provenances.of(tensor) for tensor in tensors]
        return cls(func, operator_of(func), args, kwargs, tensors, known)

    @property
    def name(self) -> str:
        """See :class:`Operator`."""
        return self.operator.name

    @property
    def draws(self) -> bool:
        """Whether it draws random numbers; a dropout that drops nothing does not."""
        if not self.operator.is_random:
            return False
        is_dropout = self.name in ("aten.dropout", "aten.native_dropout")
        return bool((self.args[1] if is_dropout else self.argument("dropout_p")) != 0)

    @cached_property
    def stored_ids(self) -> frozenset[int]:
        """The stored tensors behind its constant inputs, by id."""
        return frozenset().union(
            *(provenance.stored_ids for provenance in self.provenances if provenance.constant)
        )

    @cached_property
    def plain(self) -> Provenance:
        """Return the rules for its results, where it is part of no pattern."""
        constant = self.makes_constant or (
            all(provenance.constant for provenance in self.provenances) and not self.draws
        )
        return Provenance(
            constant=constant, stored_ids=self.stored_ids if constant else frozenset()
        )

    @property
    def makes_constant(self) -> bool:
        """Whether its results depend on the shapes of its inputs alone."""
        return self.name in FACTORIES

    @property
    def written(self) -> list[Tensor]:
        """The tensors that it changes in place."""
        return list(tensors_in([self.argument(name) for name in self.operator.written]))

    @cached_property
    def choices(self) -> tuple[Choice, ...]:
        """The choices that decided its inputs."""
        found = (choice for provenance in self.provenances for choice in provenance.choices)
        return tuple(dict.fromkeys(found))

    @cached_property
    def recorded_inputs(self) -> list[Provenance]:
        """The provenances of those inputs that earlier records made."""
        return [provenance for provenance in self.provenances if provenance.record_indices]

    @property
    def record_indices(self) -> frozenset[int]:
        """The records that made its inputs, by index."""
        return frozenset().union(
            *(provenance.record_indices for provenance in self.recorded_inputs)
        )

    @property
    def only_chooses(self) -> bool:
        """Whether the signal only decides which constants come out, as when a mask is made."""
        pairs = zip(self.tensors, self.provenances, strict=True)
        return all(
            provenance.constant or tensor.dtype == torch.bool for tensor, provenance in pairs
        )

    def provenance_of(self, tensor: Tensor) -> Provenance:
        """Return what is known about one of the input tensors."""
        pairs = zip(self.tensors, self.provenances, strict=True)
        return next(provenance for given, provenance in pairs if given is tensor)

    def argument(self, *names: str) -> Any:
        """Return the first of the parameters ``names`` that the operator has; None without any."""
        for index, (name, default) in enumerate(self.operator.parameters):
            if name in names:
                given = self.args[index : index + 1]
                return given[0] if given else self.kwargs.get(name, default)
        return None

    def shaped(self) -> ShapedCall:
        """Return the shapes of its tensors, and its other arguments."""
        rest = self.operator.parameters[len(self.args) :]
        given = (*self.args, *(self.kwargs.get(name, default) for name, default in rest))
        shapes = tuple(Shape(tensor.shape) for tensor in self.outputs)
        return ShapedCall(map_tensors(lambda tensor: Shape(tensor.shape), given), shapes)
