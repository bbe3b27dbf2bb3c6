"""Operations recorded as they run, to run again on the same memory.

What an operation computed is computed anew and put where its result lay, so whatever looks at that
memory sees it. Only operations are recorded, not what Python decided between them: that has to
depend on shapes and types alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

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
"""Functions that make a tensor, and what puts it ``out`` given the same arguments."""
COPIES = {Tensor.contiguous, Tensor.double, Tensor.flatten, Tensor.reshape}
"""Functions whose result is the values of their first argument in the same order."""


class Recorder(TorchFunctionMode):
    """Writes down the functions of torch that are called inside ``with``.

    What is computed from nothing that may change is not computed again.
    """

    def __init__(self, changing: Iterable[Tensor]) -> None:
        """``changing`` are the tensors that will have other values when the calls run again."""
        super().__init__()
        self.calls: list[Call] = []
        self._changing = {_memory(tensor) for tensor in changing}

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Call ``func``, and note how to call it again if its result will be another."""
        kwargs = kwargs or {}
        result = func(*args, **kwargs)
        read = {_memory(tensor) for tensor in _tensors((args, kwargs))}
        written = {_memory(tensor) for tensor in _tensors(result) if tensor.numel()}
        if _is_in_place(func, kwargs):
            self.calls.append(partial(func, *args, **kwargs))
            self._changing.add(_memory(args[0]))
        elif written - read and (not read or read & self._changing):
            self.calls.append(_again(func, args, kwargs, result))
            self._changing |= written
        return result


def _tensors(value: Any) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, tuple | list):
        for part in value:
            yield from _tensors(part)
    elif isinstance(value, dict):
        yield from _tensors(list(value.values()))


def _memory(tensor: Tensor) -> int:
    """The same for a tensor and its views."""
    return tensor.untyped_storage().data_ptr()


def _is_in_place(func: Any, kwargs: dict[str, Any]) -> bool:
    """Whether ``func`` works in place, as torch names it."""
    name: str = func.__name__
    in_place = name.endswith("_") and not name.endswith("__")
    return in_place or name == "__setitem__" or bool(kwargs.get("inplace"))


def _again(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> Call:
    """What computes ``result`` again, where it is, with as little ado as possible."""
    if func is functional.elu:
        return _elu(result, *args, **kwargs)
    if func in WRITERS:
        return partial(WRITERS[func], *args, **kwargs, out=result)
    if func in COPIES:
        return partial(result.view(args[0].shape).copy_, args[0])
    if func is functional.embedding and args[0].dim() == 1:
        return partial(torch.index_select, args[1], 0, args[0], out=result)
    return partial(_renew, result, partial(func, *args, **kwargs))


def _elu(out: Tensor, x: Tensor, alpha: float = 1.0, inplace: bool = False) -> Call:
    """Without the constant where it is the default: to parse it takes as long as a small ELU."""
    return partial(WRITERS[functional.elu], x, *([] if alpha == 1 else [alpha]), out=out)


def _renew(result: Any, call: Callable[[], Any]) -> None:
    """For a function that cannot be told where to put its result."""
    if isinstance(result, Tensor):
        result.copy_(call())
        return
    for old, new in zip(result, call(), strict=True):
        old.copy_(new)
