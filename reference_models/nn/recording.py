"""Operations recorded as they run, to run again on the same memory.

What an operation computed is computed anew and put where its result lay, so whatever looks at that
memory sees it. Only operations are recorded, not what Python decided between them: that has to
depend on shapes and types alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional
from torch.overrides import TorchFunctionMode

Call = Callable[[], object]
"""An operation with its tensors."""

WRITERS: dict[Any, Callable[..., object]] = {
    Tensor.add: torch.add,
    Tensor.argmin: torch.argmin,
    Tensor.sub: torch.sub,
    functional.elu: torch._C._nn.elu,
    functional.linear: functional.linear,
    torch.addmm: torch.addmm,
    torch.baddbmm: torch.baddbmm,
    torch.cat: torch.cat,
    torch.stack: torch.stack,
    torch.tanh: torch.tanh,
}
"""Functions that make a tensor, and what puts it ``out`` instead."""
COPIES = {Tensor.contiguous, Tensor.double, Tensor.flatten, Tensor.reshape}
"""Functions whose result is the values of their first argument in the same order."""


class RecordedOperation(NamedTuple):
    """A function of torch that was called."""

    function: Any
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    result: Any
    """None if it worked in place."""

    def tensors(self) -> Iterator[Tensor]:
        """All that it reads and writes."""
        return tensors_in((self.args, self.kwargs, self.result))

    def again(self) -> Call:
        """What computes the result again, where it is, with as little ado as possible."""
        function, args, kwargs, result = self
        if result is None:
            return partial(function, *args, **kwargs)
        if function is functional.elu:
            return _elu(result, *args, **kwargs)
        if function in WRITERS:
            return partial(WRITERS[function], *args, **kwargs, out=result)
        if function in COPIES:
            return partial(result.view(args[0].shape).copy_, args[0])
        if function is functional.embedding and args[0].dim() == 1:
            return partial(torch.index_select, args[1], 0, args[0], out=result)
        return partial(_renew, result, partial(function, *args, **kwargs))


def _elu(out: Tensor, x: Tensor, alpha: float = 1.0, inplace: bool = False) -> Call:
    """Without the constant where it is the default: to parse it takes as long as a small ELU."""
    return partial(WRITERS[functional.elu], x, *([] if alpha == 1 else [alpha]), out=out)


def _renew(result: Any, call: Callable[[], Any]) -> None:
    """For a function that cannot be told where to put its result."""
    for old, new in zip(tensors_in(result), tensors_in(call()), strict=True):
        old.copy_(new)


class OperationRecorder(TorchFunctionMode):
    """Writes down the functions of torch that are called inside ``with``.

    What is computed from nothing that may change is not computed again.
    """

    def __init__(self, changing: Iterable[Tensor]) -> None:
        """``changing`` are the tensors that will have other values when the calls run again."""
        super().__init__()
        self.operations: list[RecordedOperation] = []
        self._changing = {memory_of(tensor) for tensor in changing}

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Call ``func``, and note it if it does not only look at memory in another way."""
        kwargs = kwargs or {}
        result = func(*args, **kwargs)
        read = {memory_of(tensor) for tensor in tensors_in((args, kwargs))}
        if _is_in_place(func, kwargs):
            self._note(RecordedOperation(func, args, kwargs, None), {memory_of(args[0])})
            return result
        made = {memory_of(tensor) for tensor in tensors_in(result)} - read
        if made and (not read or read & self._changing):
            self._note(RecordedOperation(func, args, kwargs, result), made)
        return result

    def _note(self, operation: RecordedOperation, written: set[int]) -> None:
        self.operations.append(operation)
        self._changing |= written


def _is_in_place(func: Any, kwargs: dict[str, Any]) -> bool:
    """Whether ``func`` changes its first argument, as torch names such functions."""
    name: str = func.__name__
    ends = name.endswith("_") and not name.endswith("__")
    return ends or name == "__setitem__" or bool(kwargs.get("inplace"))


def tensors_in(value: Any) -> Iterator[Tensor]:
    """The tensors in arguments or results that are not empty."""
    if isinstance(value, Tensor):
        if value.numel():
            yield value
    elif isinstance(value, tuple | list):
        for part in value:
            yield from tensors_in(part)
    elif isinstance(value, dict):
        yield from tensors_in(list(value.values()))


def memory_of(tensor: Tensor) -> int:
    """The same for a tensor and its views, and for nothing else that is held."""
    return tensor.untyped_storage().data_ptr()
