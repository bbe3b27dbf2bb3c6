"""Sum the work of everything that torch computes for a while, forward and backward.

The formulas are those of the trace of a codec, but there are no rows: the cost of a training step
has no layer, no side and no steady state.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from lrac_audit.witness.dispatch import LightDispatchMode, tensors_in
from lrac_audit.witness.trace.formulas import FORMULAS
from lrac_audit.witness.trace.formulas.ignored import IGNORED
from lrac_audit.witness.trace.operator_call import OperatorCall, operator_of

NO_ARITHMETIC = ("prim", "profiler.")
"""Namespaces of operators that only query or measure."""


class WorkSum(LightDispatchMode):  # type: ignore[no-untyped-call]
    """Dispatch mode that sums up the work of what runs under it."""

    def __init__(self) -> None:
        super().__init__()
        self.work: Counter[str] = Counter()
        """Work by kind, see :class:`lrac_audit.ledger.row.Kind`."""
        self.unknown: set[str] = set()
        """Operators on tensors that have no formula."""

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Run one operator, and add its work."""
        result = func(*args, **(kwargs or {}))
        operator = operator_of(func)
        tensors, made = (list(tensors_in(values)) for values in ((args, kwargs), result))
        if tensors and operator.name not in IGNORED and not operator.name.startswith(NO_ARITHMETIC):
            self._add(OperatorCall(func, operator, args, kwargs or {}, tensors, [], made))
        return result

    def _add(self, call: OperatorCall) -> None:
        formula = FORMULAS.get(call.name)
        if formula is None:
            self.unknown.add(call.name)
        else:
            self.work.update(formula(call.shaped()).by_kind)
