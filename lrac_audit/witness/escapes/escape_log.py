"""Log what a run does outside torch's dispatcher."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from lrac_audit.witness.escapes.comparisons import is_only_compared
from lrac_audit.witness.escapes.reads import ARRAY_FUNCTIONS, Read, ReadKind, kind_of_result
from lrac_audit.witness.escapes.user_code import calling_frame, calling_place, place_of


class Escape(NamedTuple):
    """Work that was, or may have been, done where nothing counts it."""

    path: str
    """Path of the module that was running."""
    operation: str
    """A word for its row, such as ``numpy`` or ``thread``."""
    problem: str
    """A sentence that names what happened, and where."""


class EscapeLog:
    """The reads and escapes of one run, each place once."""

    def __init__(self, running_path: Callable[[], str]) -> None:
        """``running_path`` returns the path of the module that is running."""
        self._running_path = running_path
        self._reads: dict[Read, None] = {}
        self._escapes: dict[Escape, None] = {}
        self._read_by_function: list[bool] | None = None

    @property
    def reads(self) -> tuple[Read, ...]:
        """Every place at which a value was read, in order."""
        return tuple(self._reads)

    @property
    def escapes(self) -> tuple[Escape, ...]:
        """Everything that makes a count incomplete, in order."""
        return tuple(self._escapes)

    def add_escape(self, operation: str, problem: str) -> None:
        """Log work that nothing counts, done by the module that is running."""
        self._escapes[Escape(self._running_path(), operation, problem)] = None

    def add_read(self, kind: ReadKind, operation: str, depends_on_signal: bool) -> None:
        """Log a read at the running line of the user's code."""
        frame = calling_frame()
        if kind == "number" and frame is not None and is_only_compared(frame):
            kind = "branch"
        read = Read(kind, operation, place_of(frame), depends_on_signal)
        self._reads[read] = None
        if read.leaves:
            self.add_escape(operation.strip("_"), str(read))

    def operator_read(self, kind: ReadKind, operation: str, depends_on_signal: bool) -> None:
        """Log that an operator made a Python value of a tensor.

        Inside a function of torch, what becomes of the value is known when the function returns.
        """
        if self._read_by_function is None:
            self.add_read(kind, operation, depends_on_signal)
        else:
            self._read_by_function.append(depends_on_signal)

    def call(self, name: str, run: Callable[[], Any], depends_on_signal: bool) -> Any:
        """Call the function ``name`` of torch by ``run``, and log the values that it reads."""
        outer, self._read_by_function = self._read_by_function, []
        try:
            result = run()
        finally:
            flags, self._read_by_function = self._read_by_function, outer
        if name in ARRAY_FUNCTIONS:
            self.add_read("array", name, depends_on_signal)
        elif flags:
            self.add_read(kind_of_result(result), name, any(flags))
        return result

    def started(self, what: str) -> None:
        """Log that a thread or a process was started."""
        problem = (
            f"a {what} is started or given work at {calling_place()}: what it does is not counted"
        )
        self.add_escape(what, problem)

    def arrived(self, use: str) -> None:
        """Log that a tensor came in from nowhere; ``use`` says what happens to it, and where."""
        problem = (
            f"a tensor that no operator made is {use}, such as one of another thread or of "
            "compiled code: what made it is not counted"
        )
        self.add_escape("origin", problem)
