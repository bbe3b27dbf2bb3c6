"""Watch the functions of torch that are called, for values that leave it."""

from __future__ import annotations

from typing import Any, Protocol

from torch.overrides import TorchFunctionMode

from lrac_audit.witness.dispatch import tensors_in
from lrac_audit.witness.escapes.escape_log import EscapeLog
from lrac_audit.witness.escapes.reads import ARRAY_FUNCTIONS

MAKERS = frozenset(["tensor", "as_tensor"])
"""Functions that make tensors of Python's numbers, some versions of torch by no operator."""


class SignalKnowledge(Protocol):
    """Knows which tensors depend on the signal."""

    escapes: EscapeLog
    in_operator: bool
    """Whether an operator is being recorded, so that calls are not the user's."""

    def depends_on_signal(self, value: Any) -> bool:
        """Return whether any tensor in ``value`` does."""

    def adopt(self, result: Any, source: Any) -> None:
        """Note that the tensors in ``result`` hold values of those in ``source``."""

    def make(self, result: Any) -> None:
        """Note that the tensors in ``result`` were made of Python's numbers."""


class FunctionWatch(TorchFunctionMode):
    """Function mode that logs every call that reads values.

    The dispatcher shows operators. A tensor's way to NumPy, to a list or to its address is none,
    and whether a value that an operator read becomes a Python number is decided by its caller.
    """

    def __init__(self, knowledge: SignalKnowledge) -> None:
        super().__init__()
        self._knowledge = knowledge

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Call one function, and log what it reads."""
        known, given = self._knowledge, kwargs or {}
        if known.in_operator:
            return func(*args, **given)
        name = getattr(func, "__name__", "")
        depends = name in ARRAY_FUNCTIONS and known.depends_on_signal((args, given))
        result = known.escapes.call(name, lambda: func(*args, **given), depends)
        if name == "__deepcopy__":
            known.adopt(result, args)
        elif name == "__set__" and getattr(func.__self__, "__name__", "") == "data":
            known.adopt(args[0], args[1:])
        elif name in MAKERS and next(tensors_in((args, given)), None) is None:
            known.make(result)
        return result
