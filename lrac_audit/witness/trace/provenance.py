"""What is known about a tensor while a model runs: where it comes from and what it is part of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import prod
from typing import Literal

from torch import Tensor
from torch.multiprocessing.reductions import StorageWeakRef
from torch.utils.weak import WeakIdKeyDictionary

from lrac_audit.witness.trace.module_tracking import StoredTensor

VALUE_LIMIT = 1 << 22
"""Constants of up to this many values are computed for real, so that masks can be read."""

Role = Literal["plain", "product", "outer", "attention", "mask"]
"""What pointwise operations made a tensor of: the result of a multiplication of matrices, of two
tensors spread against each other, of a softmax over products; constants that the signal chose."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """What is known about one tensor."""

    constant: bool = False
    """It does not depend on the signal."""
    stored_ids: frozenset[int] = frozenset()
    """Of a constant: the stored tensors that it was computed from, by id."""
    role: Role = "plain"
    record_indices: frozenset[int] = frozenset()
    """The records that made it what its role says, by index."""
    value: Tensor | None = None
    """Of a constant: what it is, where that is known although the run is without values."""
    allowed: Tensor | None = None
    """Of products: which of them a mask lets through; None where there is no mask."""
    share: tuple[int, int] = (1, 1)
    """Of attention: how many of how many pairs the mask lets through."""

    def with_value(self, value: Tensor | None) -> Provenance:
        """The same of a constant of which this is the value."""
        return self if value is self.value else replace(self, value=value)


SIGNAL = Provenance()


class Provenances:
    """The provenances of all tensors of a run."""

    def __init__(self, stored: Mapping[int, StoredTensor]) -> None:
        self._stored = stored
        self._provenances = WeakIdKeyDictionary()
        self._changed: dict[int, StorageWeakRef] = {}

    def know(self, tensor: Tensor, provenance: Provenance) -> None:
        """From now on ``provenance`` holds for ``tensor``."""
        self._provenances[tensor] = provenance

    def of(self, tensor: Tensor) -> Provenance:
        """What is known about ``tensor``; one that nobody made during the run is a constant."""
        provenance: Provenance | None = self._provenances.get(tensor)  # type: ignore[no-untyped-call]
        if provenance is None and id(tensor) in self._stored:
            provenance = Provenance(
                True, frozenset({id(tensor)}), value=self._stored[id(tensor)].small
            )
        if provenance is None:
            value = None if tensor.is_meta or tensor.numel() > VALUE_LIMIT else tensor
            provenance = Provenance(constant=True, value=value)
            self._provenances[tensor] = provenance
        if provenance.constant and self._changed and _memory(tensor) in self._changed:
            return replace(provenance, constant=False, value=None, stored_ids=frozenset())
        return provenance

    def mark_changed(self, tensor: Tensor) -> None:
        """The memory of ``tensor`` now holds something of the signal, whoever looks at it."""
        # The reference keeps the address from being given to another tensor's memory.
        memory = tensor.untyped_storage()
        self._changed[_memory(tensor)] = StorageWeakRef(memory)  # type: ignore[no-untyped-call]


def _memory(tensor: Tensor) -> int:
    return int(tensor.untyped_storage()._cdata)


def distinct_values(tensor: Tensor) -> int:
    """Values of ``tensor`` that are places of their own in memory, not one read several times."""
    sizes = zip(tensor.shape, tensor.stride(), strict=True)
    return min(
        prod(size for size, stride in sizes if stride),
        tensor.untyped_storage().nbytes() // tensor.element_size(),
    )
