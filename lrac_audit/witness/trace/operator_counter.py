"""Count every operator that torch dispatches.

The work of an operator follows from its shapes. What it is part of, such as a codebook search,
follows from the provenance of its tensors, see :mod:`lrac_audit.witness.trace.operation_patterns`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from lrac_audit.witness.dispatch import LightDispatchMode, tensors_in
from lrac_audit.witness.trace.execution import known_value, run_operator
from lrac_audit.witness.trace.formulas import FORMULAS
from lrac_audit.witness.trace.formulas.ignored import IGNORED
from lrac_audit.witness.trace.module_tracking import RunningModules, StoredTensor
from lrac_audit.witness.trace.operation_patterns import PatternRecogniser, carried
from lrac_audit.witness.trace.operator_call import OperatorCall
from lrac_audit.witness.trace.provenance import SIGNAL, VALUE_LIMIT, Provenance, Provenances
from lrac_audit.witness.trace.work_record import WorkRecord, record_of, unknown_record


class OperatorCounter(LightDispatchMode):  # type: ignore[no-untyped-call]
    """Dispatch mode that records what runs under it; :meth:`signal` declares the signal."""

    def __init__(
        self,
        paths: RunningModules,
        stored: Mapping[int, StoredTensor],
        finds_search: bool,
        elsewhere: str,
    ) -> None:
        """``elsewhere`` names what happens outside all modules."""
        super().__init__()
        self.random: set[str] = set()
        """Paths of modules that draw random numbers."""
        self._paths, self._stored, self._elsewhere = paths, stored, elsewhere
        self._provenances = Provenances(stored)
        self._patterns = PatternRecogniser(finds_search, elsewhere)

    @property
    def records(self) -> list[WorkRecord]:
        """The records of everything that ran so far."""
        return self._patterns.records

    def signal(self, value: Any) -> None:
        """Declare the tensors in ``value`` to be the signal that the codec codes."""
        for tensor in tensors_in(value):
            self._provenances.know(tensor, SIGNAL)

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Run one operator, and record what it does."""
        call = OperatorCall.of(func, args, kwargs or {}, self._provenances)
        value = known_value(call)
        result = run_operator(call, value)
        call.outputs = list(tensors_in(result))
        self._follow(call, self._note(call), value)
        return result

    def _note(self, call: OperatorCall) -> Provenance:
        """Record the call, and return what is known about its results."""
        path, plain = self._path(call), call.plain
        if call.draws:
            self.random.add(path)
        if call.name in IGNORED or call.name.startswith("prim"):
            return carried(call)
        record = self._record(call, path)
        if record is None:
            return plain
        record.operator, record.has_signal = call.name, not plain.constant
        if record.problem:
            self.records.append(record)
            return plain
        if not record.has_macs and plain.constant:
            return plain
        if not record.has_macs and call.only_chooses:
            return Provenance(role="mask")
        return self._patterns.add(call, record)

    def _record(self, call: OperatorCall, path: str) -> WorkRecord | None:
        """Return the record of a call; None for an unknown operator that the signal is not in."""
        index, stored_ids = len(self.records), call.stored_ids
        formula = FORMULAS.get(call.name)
        if formula is not None:
            module = self._paths.stack[-1][1] if self._paths.stack else None
            return record_of(index, path, formula(call.shaped()), stored_ids, module)
        if call.tensors and not call.plain.constant:
            return unknown_record(index, path, call.name, stored_ids)
        return None

    def _path(self, call: OperatorCall) -> str:
        """Return the innermost running module, or the one in it whose parameters are read."""
        stack = self._paths.stack
        running = stack[-1][0].split(".parametrizations.", 1)[0] if stack else ""
        for provenance in call.provenances:
            for stored_id in provenance.stored_ids:
                owner = self._stored[stored_id].path
                if owner.startswith(running + ".") or not running:
                    return owner or running or self._elsewhere
        return running or self._elsewhere

    def _follow(self, call: OperatorCall, provenance: Provenance, value: Any) -> None:
        """Keep what is known about the results, and about what was changed in place."""
        outputs, given = call.outputs, call.tensors
        if call.operator.is_mutable and not provenance.constant and given:
            self._provenances.mark_changed(given[0])
        if not provenance.constant:
            for tensor in outputs:
                self._provenances.know(tensor, provenance)
            return
        known = list(tensors_in(value)) if value is not None else map(_readable, outputs)
        for tensor, real in zip(outputs, known, strict=False):
            self._provenances.know(tensor, provenance.with_value(real))


def _readable(tensor: Tensor) -> Tensor | None:
    """Return ``tensor`` itself if it has values, and not too many of them to be kept."""
    return None if tensor.is_meta or tensor.numel() > VALUE_LIMIT else tensor
