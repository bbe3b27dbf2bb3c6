"""Count every operator that torch dispatches.

The work of an operator follows from its shapes. What it is part of, such as a codebook search,
follows from the provenance of its tensors, see :mod:`lrac_audit.witness.trace.operation_patterns`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from lrac_audit.witness.dispatch import LightDispatchMode, tensors_in
from lrac_audit.witness.escapes.arrivals import Arrivals
from lrac_audit.witness.escapes.escape_log import EscapeLog
from lrac_audit.witness.escapes.reads import SHAPE_OPERATORS, VALUE_OPERATORS, ReadKind
from lrac_audit.witness.escapes.user_code import calling_place
from lrac_audit.witness.trace.codebook_search import of_result
from lrac_audit.witness.trace.execution import known_value, run_operator
from lrac_audit.witness.trace.formulas import FORMULAS
from lrac_audit.witness.trace.formulas.ignored import IGNORED
from lrac_audit.witness.trace.formulas.matrix_products import of_complex_numbers
from lrac_audit.witness.trace.module_tracking import RunningModules, StoredTensor
from lrac_audit.witness.trace.operation_patterns import PatternRecogniser
from lrac_audit.witness.trace.operator_call import OperatorCall
from lrac_audit.witness.trace.provenance import SIGNAL, VALUE_LIMIT, Provenance, Provenances
from lrac_audit.witness.trace.work_record import WorkRecord, problem_record, record_of


class OperatorCounter(LightDispatchMode):  # type: ignore[no-untyped-call]
    """Dispatch mode that records what runs under it; :meth:`signal` declares the signal."""

    def __init__(
        self,
        paths: RunningModules,
        stored: Mapping[int, StoredTensor],
        finds_search: bool,
        elsewhere: str,
        arrivals: Arrivals,
    ) -> None:
        """``elsewhere`` names what happens outside all modules."""
        super().__init__()
        self._arrivals = arrivals
        self.random: set[str] = set()
        """Paths of modules that draw random numbers."""
        self._paths, self._stored, self._elsewhere = paths, stored, elsewhere
        self._provenances = Provenances(stored)
        self._patterns = PatternRecogniser(finds_search, elsewhere)
        self.escapes = EscapeLog(lambda: self._running() or elsewhere)
        self.in_operator = False
        """Whether an operator is being recorded."""

    @property
    def records(self) -> list[WorkRecord]:
        """The records of everything that ran so far."""
        return self._patterns.records

    def signal(self, value: Any) -> None:
        """Declare the tensors in ``value`` to be the signal that the codec codes."""
        for tensor in tensors_in(value):
            self._provenances.know(tensor, SIGNAL)

    def check_result(self, value: Any) -> None:
        """Log the tensors in the result of a stage that nothing is known to have made."""
        self.depends_on_signal(value)
        self._log_arrivals("handed on")

    def hand_on_codes(self, value: Any) -> None:
        """Note that ``value`` holds codes: what they were chosen among was searched."""
        for tensor in tensors_in(value):
            self._patterns.confirm(self._provenances.of(tensor).choices)

    def depends_on_signal(self, value: Any) -> bool:
        """Return whether any tensor in ``value`` does."""
        known = [self._provenances.of(tensor) for tensor in tensors_in(value)]
        return not all(provenance.constant for provenance in known)

    def adopt(self, result: Any, source: Any) -> None:
        """Note that the tensors in ``result`` hold values of those in ``source``."""
        if self.depends_on_signal(source):
            self.signal(result)

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Run one operator, and record what it does."""
        self.in_operator = True
        try:
            return self._dispatched(func, args, kwargs or {})
        finally:
            self.in_operator = False

    def _dispatched(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        call = OperatorCall.of(func, args, kwargs, self._provenances)
        if self._provenances.arrived and call.name != "aten.lift_fresh":
            self._log_arrivals(f"used at {calling_place()}")
        self._provenances.arrived.clear()
        value = known_value(call)
        result = run_operator(call, value)
        call.outputs = list(tensors_in(result))
        self._log_reads(call)
        self._follow(call, self._note(call), value)
        return result

    def _log_arrivals(self, use: str) -> None:
        """Log new tensors that nothing is known to have made."""
        for tensor in self._provenances.arrived:
            if self._arrivals.is_new(tensor):
                self.escapes.arrived(use)

    def _log_reads(self, call: OperatorCall) -> None:
        """Log the values that an operator reads to make a Python value or a shape of them."""
        if call.name in VALUE_OPERATORS:
            is_truth = call.tensors[0].dtype == torch.bool or len(call.tensors) > 1
            kind: ReadKind = "branch" if is_truth else "number"
            self.escapes.operator_read(kind, call.name, not call.plain.constant)
        elif call.name in SHAPE_OPERATORS or _selects_by_mask(call):
            self.escapes.add_read("shape", call.name, not call.plain.constant)

    def _note(self, call: OperatorCall) -> Provenance:
        """Record the call, and return what is known about its results."""
        path, plain = self._path(call), call.plain
        if call.draws:
            self.random.add(path)
        if call.name in IGNORED or call.name.startswith("prim."):
            return self._patterns.carry(call)
        if plain.constant:
            return plain
        record = self._record(call, path)
        if record.problem:
            self.records.append(record)
            return plain
        if not record.has_macs and call.only_chooses:
            return Provenance(role="mask")
        return self._patterns.add(call, record)

    def _record(self, call: OperatorCall, path: str) -> WorkRecord:
        """Return the record of a call."""
        index, stored_ids = len(self.records), call.stored_ids
        formula = FORMULAS.get(call.name)
        if formula is None:
            problem = f"unknown operator {call.name} in {path}, called at {calling_place()}"
            return problem_record(index, path, call.name, problem, stored_ids)
        module = self._paths.stack[-1][1] if self._paths.stack else None
        work = formula(call.shaped())
        if any(tensor.is_complex() for tensor in call.outputs):
            work = of_complex_numbers(work)
        return record_of(index, path, work, stored_ids, module)

    def _path(self, call: OperatorCall) -> str:
        """Return the innermost running module, or the one in it whose parameters are read."""
        running = self._running()
        for provenance in call.provenances:
            for stored_id in provenance.stored_ids:
                owner = self._stored[stored_id].path
                if owner.startswith(running + ".") or not running:
                    return owner or running or self._elsewhere
        return running or self._elsewhere

    def _running(self) -> str:
        """Return the path of the innermost running module; empty outside all modules."""
        stack = self._paths.stack
        return stack[-1][0].split(".parametrizations.", 1)[0] if stack else ""

    def _follow(self, call: OperatorCall, provenance: Provenance, value: Any) -> None:
        """Keep what is known about the results, and about what was changed in place."""
        outputs = call.outputs
        if call.operator.is_mutable and not provenance.constant:
            for tensor in call.written:
                self._provenances.write(tensor, provenance)
        if not provenance.constant:
            for tensor in outputs:
                self._provenances.know(tensor, of_result(call, tensor, provenance))
            return
        known = list(tensors_in(value)) if value is not None else map(_readable, outputs)
        for tensor, real in zip(outputs, known, strict=False):
            self._provenances.know(tensor, provenance.with_value(real))


def _selects_by_mask(call: OperatorCall) -> bool:
    """Return whether a mask decides how many values come out."""
    return call.name == "aten.index" and any(t.dtype == torch.bool for t in call.tensors[1:])


def _readable(tensor: Tensor) -> Tensor | None:
    """Return ``tensor`` itself if it has values, and not too many of them to be kept."""
    return None if tensor.is_meta or tensor.numel() > VALUE_LIMIT else tensor
