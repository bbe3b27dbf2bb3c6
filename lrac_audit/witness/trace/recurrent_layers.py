"""Count a recurrent layer from two short runs of it, as each further step costs the same.

Without oneDNN torch unrolls recurrent layers: a step of each layer and direction is a dozen
operators, and a clip has hundreds of steps. From the second step on all steps are alike, so the
records of 2 and of 3 steps show those of any number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from lrac_audit.witness.dispatch import tensors_in
from lrac_audit.witness.recurrent_calls import RECURRENT_FUNCTIONS, recurrent_arguments
from lrac_audit.witness.trace.operator_counter import OperatorCounter
from lrac_audit.witness.trace.provenance import Provenance
from lrac_audit.witness.trace.work_record import WorkRecord

SHORT_STEPS, LONG_STEPS = 2, 3


class ShortRun(NamedTuple):
    """A recurrent layer that ran for a few steps."""

    records: list[WorkRecord]
    results: list[Tensor]
    provenances: list[Provenance]
    """The provenance of each result."""


@dataclass
class Total:
    """The records of one kind, added up."""

    example: WorkRecord
    work: Counter[str] = field(default_factory=Counter)
    runs: int = 0
    stored_ids: frozenset[int] = frozenset()
    indices: set[int] = field(default_factory=set)
    """The places of its records among all."""


Totals = dict[Any, Total]


class RecurrentLayers(TorchFunctionMode):
    """Function mode that runs only a few steps of a recurrent layer without values."""

    def __init__(self, counter: OperatorCounter) -> None:
        super().__init__()
        self._counter = counter

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Run one function of torch."""
        kwargs = kwargs or {}
        if func in RECURRENT_FUNCTIONS:
            result = self._recur(func, args, kwargs)
            if result is not None:
                return result
        return func(*args, **kwargs)

    def _recur(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Return the results of a recurrent layer; None where it has to be unrolled."""
        arguments = recurrent_arguments(args, kwargs)
        sequence, axis = arguments["input"], 1 if arguments["batch_first"] else 0
        if not self._is_plain(arguments) or sequence.shape[axis] <= LONG_STEPS:
            return None
        start = len(self._counter.records)
        short, long = (
            self._short_run(func, (sequence.narrow(axis, 0, steps), *args[1:]), kwargs)
            for steps in (SHORT_STEPS, LONG_STEPS)
        )
        weights = frozenset(map(id, arguments["params"]))
        first, second = _totals(short, weights), _totals(long, weights)
        if first.keys() != second.keys() or not all(map(_is_simple, long.provenances)):
            return None
        further = sequence.shape[axis] - LONG_STEPS
        places = self._add_records(start, first, second, further)
        results = [_of_length(long.results[0], axis, sequence.shape[axis]), *long.results[1:]]
        for result, known in zip(results, long.provenances, strict=True):
            indices = frozenset(places.get(index, index) for index in known.record_indices)
            known = replace(known, record_indices=indices, origin=0, memory=0)
            self._counter.know(result, known)
        return tuple(results)

    def _is_plain(self, arguments: dict[str, Any]) -> bool:
        """Return whether every step is sure to cost the same, whatever the length."""
        given = list(tensors_in(arguments))
        known = [self._counter.provenance(tensor) for tensor in given]
        return (
            self._counter.in_recurrent_layer
            and arguments["batch_sizes"] is None
            and arguments["input"].dim() == 3
            and not (arguments["train"] and arguments["dropout"])
            and all(tensor.is_meta for tensor in given)
            and not self._counter.provenance(arguments["input"]).constant
            and all(each.constant or _is_free(each) for each in known)
        )

    def _short_run(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> ShortRun:
        """Run the layer for a few steps, and take back what was recorded."""
        records = self._counter.records
        start = len(records)
        results = list(func(*args, **kwargs))
        made = records[start:]
        del records[start:]
        return ShortRun(made, results, [self._counter.provenance(each) for each in results])

    def _add_records(
        self, start: int, first: Totals, second: Totals, further: int
    ) -> dict[int, int]:
        """Add a record of each kind, and return its index by those of the longer run's records."""
        places: dict[int, int] = {}
        for index, (key, total) in enumerate(second.items(), start):
            before = first[key]
            work = {kind: n + further * (n - before.work[kind]) for kind, n in total.work.items()}
            runs = total.runs + further * (total.runs - before.runs)
            record = replace(total.example, index=index, work=work, runs=runs)
            record.stored_ids = total.stored_ids
            self._counter.records.append(record)
            places.update(dict.fromkeys(total.indices, index))
        return places


def _totals(run: ShortRun, weights: frozenset[int]) -> Totals:
    """Return the sums of the records that are alike; ``weights`` has the ids of the layer's own.

    The first step differs: its state is constant, so that its product with the weights is too, and
    what is added to that product reads the weights. It must not stand alone as work that happens
    once in every clip: products belong together by the layer's weights, whatever state they meet,
    and everything else by operator.
    """
    totals: Totals = {}
    for record in run.records:
        key = (
            *(record.path, record.op, record.operator, record.geometry),
            *(record.share, record.problem, tuple(record.work)),
            record.stored_ids & weights if record.has_macs else None,
        )
        total = totals.setdefault(key, Total(record))
        total.work.update(record.work)
        total.runs += record.runs
        total.stored_ids |= record.stored_ids
        total.indices.add(record.index)
    return totals


def _is_free(known: Provenance) -> bool:
    """Return whether a tensor is part of no mask, search or index."""
    patterns = (known.choices, known.distances, known.packed)
    is_masked = known.allowed is not None or known.kept is not None
    return known.role in ("plain", "product") and not any(patterns) and not is_masked


def _is_simple(known: Provenance) -> bool:
    """Return whether nothing in the provenance of a result depends on its length."""
    parts: Sequence[Any] = (known.products, known.family, known.layout, known.value)
    return _is_free(known) and all(part is None for part in parts)


def _of_length(output: Tensor, axis: int, steps: int) -> Tensor:
    """Return an output like that of a few steps, laid out step by step, of another length."""
    by_step = output.transpose(0, axis)
    return torch.empty(
        (steps, *by_step.shape[1:]), dtype=output.dtype, device=output.device
    ).transpose(0, axis)
