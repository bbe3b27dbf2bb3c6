"""Keep what is known about each tensor of a run: where it comes from and what it is part of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor
from torch.multiprocessing.reductions import StorageWeakRef
from torch.utils.weak import WeakIdKeyDictionary

from lrac_audit.witness.trace.distances import Distances
from lrac_audit.witness.trace.module_tracking import StoredTensor
from lrac_audit.witness.trace.product_sums import ProductSum, product_sum

VALUE_LIMIT = 1 << 22
"""Constants of up to this many values are computed with their values, so that masks can be read."""

Role = Literal["plain", "product", "attention", "weight sum", "mask", "codewords"]
"""The role of a tensor, which pointwise operations keep: ``product`` is the result of a matrix
product, ``attention`` of a softmax over products; ``weight sum`` is the sum of such weights that a
mask has left; ``mask`` is made of constants that the signal chose, and ``codewords`` are rows that
were looked up."""


Family = tuple[Any, ...]
"""What a tensor is a function of, value by value: the place of a tensor, or of two."""


class Choice(NamedTuple):
    """Indices of the least or greatest, chosen outside a quantizer as far as is known."""

    record: int
    """The record of the choice."""
    products: frozenset[int]
    """The records of the products that were chosen among."""
    distances: Distances
    candidates: int
    """How many were chosen among."""
    compared: int
    """Values compared."""


class Packed(NamedTuple):
    """Products with whole numbers, summed: an index put together from digits, if it is one."""

    record: int
    work: tuple[tuple[str, int], ...]
    """The work of the record before it became multiply-accumulates."""
    op: str


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
    kept: Tensor | None = None
    """Which of the products or weights are not multiplied by zero; None for all."""
    share: tuple[int, int] = (1, 1)
    """How many of how many pairs of an attention the mask lets through."""
    origin: int = 0
    """The operation that first made these values, which views and copies of them share."""
    memory: int = 0
    """The operation that made the memory, which views share."""
    family: Family | None = None
    """The tensor that this one is a function of, value by value."""
    layout: Tensor | None = None
    """The layout, where the strides do not show it (:mod:`lrac_audit.witness.trace.layouts`)."""
    left_strides: tuple[int, ...] = ()
    """The strides of axes from which one step was chosen, where memory is still shared."""
    distinct: int | None = None
    """How many values it copies, where its layout does not show that it holds copies of fewer."""
    reductions: frozenset[int] = frozenset()
    """The records of the reductions that it was computed of, if of nothing else."""
    sums: frozenset[int] = frozenset()
    """The places in the code of the sums of products that it depends on."""
    products: ProductSum | None = None
    distances: Distances = ()
    choices: tuple[Choice, ...] = ()
    packed: tuple[Packed, ...] = ()

    def with_value(self, value: Tensor | None) -> Provenance:
        """Return the same provenance for a constant with this value."""
        return self if value is self.value else replace(self, value=value)


SIGNAL = Provenance()


class Written(NamedTuple):
    """The signal, written into memory that other tensors show as well."""

    time: int
    provenance: Provenance
    memory: StorageWeakRef
    """The reference keeps the address from being given to another tensor's memory."""


class Provenances:
    """The provenances of all tensors of a run."""

    def __init__(
        self, stored: Mapping[int, StoredTensor], earlier: Provenances | None = None
    ) -> None:
        """``earlier`` knows the tensors that earlier stages of the same run have made."""
        self._stored, self._earlier = stored, earlier
        self._provenances = WeakIdKeyDictionary()
        self._times = WeakIdKeyDictionary()
        self._written: dict[int, Written] = {}
        self._time = 0
        self.arrived: list[Tensor] = []
        """Tensors that came in without an operator that made them, until somebody asks."""

    def know(self, tensor: Tensor, provenance: Provenance) -> None:
        """Set the provenance of ``tensor``; what has no origin yet begins here."""
        self._time += 1
        if not provenance.origin or not provenance.memory:
            origin = provenance.origin or self._time
            provenance = replace(provenance, origin=origin, memory=provenance.memory or self._time)
        self._provenances[tensor] = provenance
        self._times[tensor] = self._time

    def knows(self, tensor: Tensor) -> bool:
        """Return whether an operator of this stage or an earlier one has made ``tensor``."""
        is_earlier = self._earlier is not None and self._earlier.knows(tensor)
        return tensor in self._provenances or is_earlier

    def of(self, tensor: Tensor) -> Provenance:
        """Return the provenance of ``tensor``, a constant if it was not made during the run."""
        provenance: Provenance | None = self._provenances.get(tensor)  # type: ignore[no-untyped-call]
        if provenance is None:
            self.know(tensor, self._unknown(tensor))
            provenance = self._provenances[tensor]
        if not self._written or tensor.layout != torch.strided:
            return provenance
        written = self._written.get(_memory(tensor))
        if written is None or written.time <= self._times[tensor]:
            return provenance
        return _overwritten(provenance, written.provenance, tensor.shape)

    def _unknown(self, tensor: Tensor) -> Provenance:
        """Return the provenance of a tensor that no operator made; constant, as far as is known.

        It may show the memory of another tensor, as a parameter does that is made of the signal.
        """
        if id(tensor) in self._stored:
            return Provenance(True, frozenset({id(tensor)}), value=self._stored[id(tensor)].small)
        if self._earlier is not None and self._earlier.knows(tensor):
            made = self._earlier.of(tensor)
            constant = Provenance(True, made.stored_ids, value=made.value)
            return constant if made.constant else SIGNAL
        for other in list(self._provenances):
            if shares_memory(other, tensor):
                return self.of(other)
        self.arrived.append(tensor)
        value = None if tensor.is_meta or tensor.numel() > VALUE_LIMIT else tensor
        return Provenance(constant=True, value=value)

    def write(self, tensor: Tensor, provenance: Provenance) -> None:
        """Note that the signal was written into ``tensor``, which others may show as well."""
        address, memory = _memory(tensor), tensor.untyped_storage()
        before = self._written.get(address)
        if before is not None:
            provenance = _overwritten(before.provenance, provenance, tensor.shape)
        self._time += 1
        reference = StorageWeakRef(memory)  # type: ignore[no-untyped-call]
        self._written[address] = Written(self._time, provenance, reference)


MOST_WRITES = 1024
"""Records that are kept of what was written piece by piece."""


def _overwritten(before: Provenance, written: Provenance, shape: Sequence[int]) -> Provenance:
    """Return the provenance of a tensor into which something was written."""
    record_indices = before.record_indices | written.record_indices
    if len(record_indices) > MOST_WRITES:
        record_indices = written.record_indices
    products = product_sum(None, (before.products, written.products))
    return Provenance(
        role=written.role if before.role == "plain" else before.role,
        record_indices=record_indices,
        allowed=written.allowed if before.allowed is None else before.allowed,
        share=written.share if before.role == "plain" else before.share,
        origin=before.origin,
        memory=before.memory,
        sums=before.sums | written.sums,
        products=None if products is None else products.fitted(shape),
        distances=tuple(dict.fromkeys((*before.distances, *written.distances))),
        choices=tuple(dict.fromkeys((*before.choices, *written.choices))),
        packed=tuple(dict.fromkeys((*before.packed, *written.packed))),
    )


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


def own_family(tensor: Tensor, provenance: Provenance) -> Family:
    """Return the family of one tensor: itself, where it is no function of another."""
    place = provenance.memory, tensor.storage_offset(), tuple(tensor.shape), tensor.stride()
    return provenance.family or place
