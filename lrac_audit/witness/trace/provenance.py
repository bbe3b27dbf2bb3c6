"""Keep what is known about each tensor of a run: where it comes from and what it is part of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import prod
from typing import Literal

import torch
from torch import Tensor
from torch.multiprocessing.reductions import StorageWeakRef
from torch.utils.weak import WeakIdKeyDictionary

from lrac_audit.witness.trace.module_tracking import StoredTensor

VALUE_LIMIT = 1 << 22
"""Constants of up to this many values are computed with their values, so that masks can be read."""

Role = Literal["plain", "product", "outer", "attention", "mask"]
"""The role of a tensor, which pointwise operations keep: ``product`` is the result of a matrix
product, ``outer`` of two tensors broadcast against each other, ``attention`` of a softmax over
products; ``mask`` is made of constants that the signal chose."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Everything that is known about one tensor."""

    constant: bool = False
    """Whether it does not depend on the signal."""
    stored_ids: frozenset[int] = frozenset()
    """The stored tensors that a constant was computed from, by id."""
    role: Role = "plain"
    record_indices: frozenset[int] = frozenset()
    """The records that gave it its role, by index."""
    value: Tensor | None = None
    """The value of a constant, where it is known although the run is without values."""
    allowed: Tensor | None = None
    """Which of the products a mask lets through; None where there is no mask."""
    share: tuple[int, int] = (1, 1)
    """How many of how many pairs of an attention the mask lets through."""

    def with_value(self, value: Tensor | None) -> Provenance:
        """Return the same provenance for a constant with this value."""
        return self if value is self.value else replace(self, value=value)


SIGNAL = Provenance()


class Provenances:
    """The provenances of all tensors of a run."""

    def __init__(self, stored: Mapping[int, StoredTensor]) -> None:
        self._stored = stored
        self._provenances = WeakIdKeyDictionary()
        self._changed: dict[int, StorageWeakRef] = {}
        self.arrived: list[Tensor] = []
        """Tensors that came in without an operator that made them, until somebody asks."""

    def know(self, tensor: Tensor, provenance: Provenance) -> None:
        """Set the provenance of ``tensor``."""
        self._provenances[tensor] = provenance

    def of(self, tensor: Tensor) -> Provenance:
        """Return the provenance of ``tensor``, a constant if it was not made during the run."""
        provenance: Provenance | None = self._provenances.get(tensor)  # type: ignore[no-untyped-call]
        if provenance is None and id(tensor) in self._stored:
            provenance = Provenance(
                True, frozenset({id(tensor)}), value=self._stored[id(tensor)].small
            )
        if provenance is None:
            provenance = self._provenances[tensor] = self._arrival(tensor)
        if provenance.constant and self._changed and _memory(tensor) in self._changed:
            return replace(provenance, constant=False, value=None, stored_ids=frozenset())
        return provenance

    def _arrival(self, tensor: Tensor) -> Provenance:
        """Return the provenance of a tensor that no operator made; constant, as far as is known.

        It may show the memory of another tensor, as a parameter does that is made of the signal.
        """
        known: list[tuple[Tensor, Provenance]] = list(self._provenances.items())  # type: ignore[no-untyped-call]
        for other, provenance in known:
            if shares_memory(other, tensor):
                return provenance
        self.arrived.append(tensor)
        value = None if tensor.is_meta or tensor.numel() > VALUE_LIMIT else tensor
        return Provenance(constant=True, value=value)

    def mark_changed(self, tensor: Tensor) -> None:
        """Mark the memory of ``tensor``, also seen through other tensors, as part of the signal."""
        # The reference keeps the address from being given to another tensor's memory.
        memory = tensor.untyped_storage()
        self._changed[_memory(tensor)] = StorageWeakRef(memory)  # type: ignore[no-untyped-call]


def _memory(tensor: Tensor) -> int:
    return int(tensor.untyped_storage()._cdata)


def shares_memory(first: Tensor, second: Tensor) -> bool:
    """Return whether two tensors show the same memory; sparse ones are taken not to."""
    if first.layout != torch.strided or second.layout != torch.strided:
        return False
    return _memory(first) == _memory(second)


def distinct_values(tensor: Tensor) -> int:
    """Return how many values of ``tensor`` have their own place in memory, each counted once."""
    sizes = zip(tensor.shape, tensor.stride(), strict=True)
    return min(
        prod(size for size, stride in sizes if stride),
        tensor.untyped_storage().nbytes() // tensor.element_size(),
    )
