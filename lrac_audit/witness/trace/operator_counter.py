"""Count every operator that torch dispatches.

The work of an operator follows from its shapes. What it is part of, such as a codebook search,
follows from the provenance of its tensors, see :mod:`lrac_audit.witness.trace.operation_patterns`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import torch
from torch import Tensor
from torch._ops import HigherOrderOperator

from lrac_audit.witness.dispatch import LightDispatchMode, tensors_in
from lrac_audit.witness.escapes.arrivals import Arrivals
from lrac_audit.witness.escapes.escape_log import EscapeLog
from lrac_audit.witness.escapes.reads import SHAPE_OPERATORS, VALUE_OPERATORS, ReadKind
from lrac_audit.witness.escapes.user_code import calling_place
from lrac_audit.witness.torch_versions import dispatch_functional_operators
from lrac_audit.witness.trace.call_sites import call_site, caller
from lrac_audit.witness.trace.clip_summaries import reductions_behind, reductions_in_result
from lrac_audit.witness.trace.codebook_search import of_result
from lrac_audit.witness.trace.execution import known_value, run_operator
from lrac_audit.witness.trace.formulas import FORMULAS
from lrac_audit.witness.trace.formulas.ignored import IGNORED
from lrac_audit.witness.trace.formulas.matrix_products import of_complex_numbers
from lrac_audit.witness.trace.higher_order import HIGHER_ORDER, Run
from lrac_audit.witness.trace.module_tracking import RunningModules, StoredTensor
from lrac_audit.witness.trace.operation_patterns import PatternRecogniser
from lrac_audit.witness.trace.operator_call import OperatorCall, operator_of
from lrac_audit.witness.trace.provenance import SIGNAL, VALUE_LIMIT, Provenance, Provenances
from lrac_audit.witness.trace.recursions import sums_behind
from lrac_audit.witness.trace.work_record import (
    RECURRENT,
    WorkRecord,
    macs_of,
    problem_record,
    record_of,
)


class OperatorCounter(LightDispatchMode):  # type: ignore[no-untyped-call]
    """Dispatch mode that records what runs under it; :meth:`signal` declares the signal."""

    def __init__(
        self,
        paths: RunningModules,
        stored: Mapping[int, StoredTensor],
        finds_search: bool,
        elsewhere: str,
        arrivals: Arrivals,
        earlier: OperatorCounter | None = None,
    ) -> None:
        """``elsewhere`` names what is outside all modules; ``earlier`` saw the stage before."""
        super().__init__()
        self.supports_higher_order_operators = True
        dispatch_functional_operators(type(self))
        self._arrivals, self._outermost = arrivals, caller()
        self.constant_macs: Counter[str] = Counter()
        """Multiply-accumulates of constants alone by operator; no record has them."""
        self.random: set[str] = set()
        """Paths of modules that draw random numbers."""
        self._paths, self._stored, self._elsewhere = paths, stored, elsewhere
        known = None if earlier is None else earlier._provenances
        self._provenances: Provenances = Provenances(stored, known)
        self._patterns = PatternRecogniser(finds_search, elsewhere)
        self.escapes = EscapeLog(lambda: self._running() or elsewhere)
        self.in_operator = False
        """Whether an operator is being recorded."""

    @property
    def records(self) -> list[WorkRecord]:
        """The records of everything that ran so far."""
        return self._patterns.records

    @property
    def in_recurrent_layer(self) -> bool:
        """Whether the innermost running module is one of torch's recurrent layers."""
        return bool(self._paths.stack) and type(self._paths.stack[-1][1]) in RECURRENT

    def know(self, tensor: Tensor, provenance: Provenance) -> None:
        """Set what is known about a tensor that no operator has made."""
        self._provenances.know(tensor, provenance)

    def provenance(self, tensor: Tensor) -> Provenance:
        """Return what is known about a tensor, outside an operator."""
        self.in_operator = True
        try:
            return self._provenances.of(tensor)
        finally:
            self.in_operator = False

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

    def make(self, result: Any) -> None:
        """Note that the tensors in ``result`` were made of Python's numbers."""
        for tensor in tensors_in(result):
            if not self._provenances.knows(tensor):
                self._provenances.know(tensor, Provenance(constant=True))

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Run one operator, and record what it does."""
        self.in_operator = True
        try:
            return self._dispatched(func, args, kwargs or {})
        finally:
            self.in_operator = False

    def dearer_of(self, first: Run, second: Run) -> tuple[Any, Any]:
        """Run two branches, keep the work of the dearer one, and return the two results."""
        with self:
            start, one = len(self.records), first()
            middle, other = len(self.records), second()
        branches = self.records[start:middle], self.records[middle:]
        for record in min(branches, key=macs_of):
            record.work, record.runs = {}, 0
        return one, other

    def _functional(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Run an operator that takes functions, and record what these do."""
        name, depends = func.name(), self.depends_on_signal((args, kwargs))
        if name == "cond":
            self.escapes.add_read("branch", "cond", self.depends_on_signal(args[:1]))
        elif name not in HIGHER_ORDER:
            problem = f"unknown operator {name} that takes functions, called at {calling_place()}"
            self.escapes.add_escape(name, problem)
        self.in_operator = False
        run = HIGHER_ORDER.get(name)
        result = func(*args, **kwargs) if run is None else run(self, *args, **kwargs)
        if depends:
            self.signal(result)
        return result

    def _dispatched(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if isinstance(func, HigherOrderOperator):
            return self._functional(func, args, kwargs)
        if is_composite(func):
            with self:
                return func.decompose(*args, **kwargs)
        call = OperatorCall.of(func, args, kwargs, self._provenances)
        if self._provenances.arrived and call.name != "aten.lift_fresh":
            self._log_arrivals(f"used at {calling_place()}")
        self._provenances.arrived.clear()
        value = known_value(call)
        result = run_operator(call, value)
        call.outputs = list(tensors_in(result))
        self._log_reads(call)
        found, behind = self._note(call), sums_behind(call)
        if behind and not found.constant:
            found = replace(found, sums=found.sums | behind)
        self._follow(call, found, value)
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
        elif call.name in SHAPE_OPERATORS or _sizes_by_values(call):
            self.escapes.add_read("shape", call.name, not call.plain.constant)

    def _note(self, call: OperatorCall) -> Provenance:
        """Record the call, and return what is known about its results."""
        path, plain = self._path(call), call.plain
        if call.draws:
            self.random.add(path)
        if call.name in IGNORED or call.name.startswith("prim."):
            return replace(self._patterns.carry(call), reductions=reductions_behind(call))
        if plain.constant:
            self._note_constant(call, path)
            return plain
        record = self._record(call, path)
        record.operator, record.reductions = call.name, reductions_behind(call)
        record.site = call_site(self._outermost)
        if record.problem:
            self.records.append(record)
            return plain
        if not record.has_macs and call.only_chooses:
            return Provenance(role="mask")
        found = self._patterns.add(call, record)
        return replace(found, reductions=reductions_in_result(call, record))

    def _note_constant(self, call: OperatorCall, path: str) -> None:
        """Add the products of constants alone, which are paid once, to those by operator.

        The product with the constant state from which a recurrent layer starts is recorded: the
        layer computes it again in every segment, like the products with later states.
        """
        if call.name not in FORMULAS:
            return
        record = self._record(call, path)
        if not record.has_macs:
            return
        if self.in_recurrent_layer:
            record.operator = call.name
            self.records.append(record)
        else:
            self.constant_macs[call.name] += macs_of([record])

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
            for at, tensor in enumerate(outputs):
                found = of_result(call, tensor, provenance)
                if at and _has_constant_lengths(call):
                    found = Provenance(constant=True, value=_readable(tensor))
                self._provenances.know(tensor, found)
            return
        known = list(tensors_in(value)) if value is not None else map(_readable, outputs)
        for tensor, real in zip(outputs, known, strict=False):
            self._provenances.know(tensor, provenance.with_value(real))


@cache
def is_composite(func: Any) -> bool:
    """Return whether an operator without a formula is made of others, which can run instead.

    In inference mode, and inside operators that take functions, torch does not take them apart.
    """
    if operator_of(func).name in FORMULAS or operator_of(func).name in IGNORED:
        return False
    return bool(func.has_kernel_for_dispatch_key(torch._C.DispatchKey.CompositeImplicitAutograd))


def _sizes_by_values(call: OperatorCall) -> bool:
    """Return whether values decide how many come out: a mask's, or numbers of repeats."""
    if call.name == "aten.repeat_interleave":
        return isinstance(call.args[-1], Tensor)
    return call.name == "aten.index" and any(t.dtype == torch.bool for t in call.tensors[1:])


def _has_constant_lengths(call: OperatorCall) -> bool:
    """Return whether sequences are packed whose lengths, and so the sizes of batches, are known."""
    return call.name == "aten._pack_padded_sequence" and call.provenances[1].constant


def _readable(tensor: Tensor) -> Tensor | None:
    """Return ``tensor`` itself if it has values, and not too many of them to be kept."""
    return None if tensor.is_meta or tensor.numel() > VALUE_LIMIT else tensor
