"""The sum of everything that torch computes for a while, forward and backward.

The same formulas as the trace of a codec, without rows: what a step of training costs has no layer,
no side and no steady state.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from torch.utils._python_dispatch import TorchDispatchMode

from lrac_audit.witness.trace.arguments import tensors_in
from lrac_audit.witness.trace.formulas import FORMULAS
from lrac_audit.witness.trace.ignored import IGNORED
from lrac_audit.witness.trace.operation import Operation, operator_of


class Tally(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Sums up the work of what runs inside ``with``."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.work: Counter[str] = Counter()
        """By kind, see :class:`lrac_audit.ledger.row.Kind`."""
        self.unknown: set[str] = set()
        """Operators on tensors that there is no formula for."""

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Run one operator, and add what it did."""
        result = func(*args, **(kwargs or {}))
        operator = operator_of(func)
        tensors, made = (list(tensors_in(values)) for values in ((args, kwargs), result))
        if operator.name.startswith("aten.") and operator.name not in IGNORED and tensors:
            self._add(Operation(func, operator, args, kwargs or {}, tensors, [], made))
        return result

    def _add(self, operation: Operation) -> None:
        formula = FORMULAS.get(operation.name)
        if formula is None:
            self.unknown.add(operation.name)
        else:
            self.work.update(formula(operation.call()).by_kind)
