"""The counter: sees every operator that torch dispatches, and writes down what it does.

What an operator does is looked up by its shapes. What it is *for* comes from the trail of its
tensors, see :mod:`lrac_audit.witness.trace.operation_patterns`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from lrac_audit.witness.dispatch import LightDispatchMode, tensors_in
from lrac_audit.witness.trace.execution import known_value, run
from lrac_audit.witness.trace.formulas import FORMULAS
from lrac_audit.witness.trace.formulas.ignored import IGNORED
from lrac_audit.witness.trace.module_tracking import Paths, Stored
from lrac_audit.witness.trace.operation_patterns import Purposes, carried
from lrac_audit.witness.trace.operator_call import Operation
from lrac_audit.witness.trace.provenance import SIGNAL, VALUE_LIMIT, Trail, Trails
from lrac_audit.witness.trace.work_record import Record, record_of, unknown


class Recorder(LightDispatchMode):  # type: ignore[no-untyped-call]
    """Writes down what runs inside ``with``; the signal is what :meth:`signal` was told."""

    def __init__(
        self, paths: Paths, stored: Mapping[int, Stored], finds_search: bool, elsewhere: str
    ) -> None:
        """``elsewhere`` names what happens outside all modules."""
        super().__init__()
        self.random: set[str] = set()
        """Paths of modules that draw random numbers."""
        self._paths, self._stored, self._elsewhere = paths, stored, elsewhere
        self._trails = Trails(stored)
        self._purposes = Purposes(finds_search, elsewhere)

    @property
    def records(self) -> list[Record]:
        """What ran so far."""
        return self._purposes.records

    def signal(self, value: Any) -> None:
        """The tensors in ``value`` are what the codec codes."""
        for tensor in tensors_in(value):
            self._trails.know(tensor, SIGNAL)

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Run one operator, and note what it did."""
        operation = Operation.of(func, args, kwargs or {}, self._trails)
        value = known_value(operation)
        result = run(operation, value)
        operation.outputs = list(tensors_in(result))
        self._follow(operation, self._note(operation), value)
        return result

    def _note(self, operation: Operation) -> Trail:
        """Write down the operator; what is known about its results."""
        path, plain = self._path(operation), operation.plain
        if operation.draws:
            self.random.add(path)
        if operation.name in IGNORED or operation.name.startswith("prim"):
            return carried(operation)
        record = self._record(operation, path)
        if record is None:
            return plain
        if record.problem:
            self.records.append(record)
            return plain
        if not record.has_macs and plain.constant:
            return plain
        if not record.has_macs and operation.only_chooses:
            return Trail(role="mask")
        return self._purposes.add(operation, record)

    def _record(self, operation: Operation, path: str) -> Record | None:
        """The record of an operator; None of an unknown one that the signal is not in."""
        index, bases = len(self.records), operation.bases
        formula = FORMULAS.get(operation.name)
        if formula is not None:
            module = self._paths.stack[-1][1] if self._paths.stack else None
            return record_of(index, path, formula(operation.call()), bases, module)
        if operation.tensors and not operation.plain.constant:
            return unknown(index, path, operation.name, bases)
        return None

    def _path(self, operation: Operation) -> str:
        """The innermost running module, or the one below it whose parameters are read."""
        stack = self._paths.stack
        running = stack[-1][0].split(".parametrizations.", 1)[0] if stack else ""
        for trail in operation.trails:
            for base in trail.bases:
                owner = self._stored[base].path
                if owner.startswith(running + ".") or not running:
                    return owner or running or self._elsewhere
        return running or self._elsewhere

    def _follow(self, operation: Operation, trail: Trail, value: Any) -> None:
        """Keep what is known about the results, and about what was changed in place."""
        outputs, given = operation.outputs, operation.tensors
        if operation.operator.is_mutable and not trail.constant and given:
            self._trails.mark_changed(given[0])
        if not trail.constant:
            for tensor in outputs:
                self._trails.know(tensor, trail)
            return
        known = list(tensors_in(value)) if value is not None else map(_readable, outputs)
        for tensor, real in zip(outputs, known, strict=False):
            self._trails.know(tensor, trail.with_value(real))


def _readable(tensor: Tensor) -> Tensor | None:
    """``tensor`` itself if it has values, and not too many of them to be kept."""
    return None if tensor.is_meta or tensor.numel() > VALUE_LIMIT else tensor
