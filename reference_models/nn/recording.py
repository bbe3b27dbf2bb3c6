"""Recording of operations as they run, to run them again on the same memory.

A recorded operation computes its result again and writes it into the same memory, so that views
of that memory see it. Only operations are recorded, not the decisions of Python between them,
which have to depend on shapes and types alone.
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
"""Functions that return a new tensor, and their counterparts that write into ``out``."""
COPIES = {Tensor.contiguous, Tensor.double, Tensor.flatten, Tensor.reshape}
"""Functions that return the values of their first argument in the same order."""


class RecordedOperation(NamedTuple):
    """A function of torch that was called."""

    function: Any
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    result: Any
    """None if the function worked in place."""

    def tensors(self) -> Iterator[Tensor]:
        """Yield the tensors that the operation reads and writes."""
        return tensors_in((self.args, self.kwargs, self.result))

    def again(self) -> Call:
        """Return a call that computes the result again, in the same memory, at the least cost."""
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
    """Return a call of ELU, without a default constant: parsing it takes as long as a small ELU."""
    return partial(WRITERS[functional.elu], x, *([] if alpha == 1 else [alpha]), out=out)


def _renew(result: Any, call: Callable[[], Any]) -> None:
    """Copy the result of ``call`` into ``result``, for a function without an ``out`` form."""
    for old, new in zip(tensors_in(result), tensors_in(call()), strict=True):
        old.copy_(new)


class OperationRecorder(TorchFunctionMode):
    """A recorder of the functions of torch that are called inside ``with``.

    A result that depends on no changing tensor is not computed again.
    """

    def __init__(self, changing: Iterable[Tensor]) -> None:
        """Take the tensors ``changing``, whose values will differ when the calls run again."""
        super().__init__()
        self.operations: list[RecordedOperation] = []
        self._changing = {memory_of(tensor) for tensor in changing}

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Call ``func``, and record it unless its result is only a view."""
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
    """Return whether ``func`` changes its first argument, as torch names such functions."""
    name: str = func.__name__
    ends = name.endswith("_") and not name.endswith("__")
    return ends or name == "__setitem__" or bool(kwargs.get("inplace"))


def tensors_in(value: Any) -> Iterator[Tensor]:
    """Yield the tensors that are not empty among arguments or results."""
    if isinstance(value, Tensor):
        if value.numel():
            yield value
    elif isinstance(value, tuple | list):
        for part in value:
            yield from tensors_in(part)
    elif isinstance(value, dict):
        yield from tensors_in(list(value.values()))


def memory_of(tensor: Tensor) -> int:
    """Return an identifier of the memory of ``tensor``, which its views share."""
    return tensor.untyped_storage().data_ptr()
