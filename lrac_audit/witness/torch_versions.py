"""Features that older versions of torch lack, each with what stands in for it there.

All other modules use these functions and need not know which torch is installed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from typing import Any

import torch
from torch.overrides import BaseTorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

POINTWISE_UNTAGGED = frozenset(
    {
        *("celu", "elu", "frexp", "hardshrink", "hardsigmoid", "hardtanh", "isfinite", "isinf"),
        *("ldexp", "leaky_relu", "mish", "rad2deg", "relu6", "selu", "silu", "softplus"),
        *("softshrink", "threshold"),
    }
)
"""Operators that work on each element by itself, which torch has tagged as such only since 2.2 or
later."""


def is_pointwise(func: Any) -> bool:
    """Return whether an operator of torch's dispatcher works on each element by itself."""
    name = func._schema.name.removeprefix("aten::").removesuffix("_")
    return torch.Tag.pointwise in func.tags or name in POINTWISE_UNTAGGED


@contextmanager
def attention_fast_path_off() -> Iterator[None]:
    """Run multi-head attention operator by operator, not by the one operator that hides them.

    An older torch has no switch for it. There the fast path is not taken inside a function mode.
    """
    switch = getattr(torch.backends, "mha", None)
    if switch is None:
        with BaseTorchFunctionMode():
            yield
        return
    enabled = switch.get_fastpath_enabled()
    switch.set_fastpath_enabled(False)
    try:
        yield
    finally:
        switch.set_fastpath_enabled(enabled)


def compiled_code_off() -> AbstractContextManager[None]:
    """Run functions that were compiled as they were written."""
    if "torch._dynamo" not in sys.modules:
        return nullcontext()
    if hasattr(torch.compiler, "set_stance"):
        stance: AbstractContextManager[None] = torch.compiler.set_stance("force_eager")
        return stance
    return _compiler_not_entered()


@contextmanager
def _compiler_not_entered() -> Iterator[None]:
    """Let what starts the compiler before a compiled function start nothing: for an older torch."""
    eval_frame: Any = sys.modules["torch._dynamo.eval_frame"]
    start = eval_frame.set_eval_frame
    eval_frame.set_eval_frame = lambda _: start(None)
    try:
        yield
    finally:
        eval_frame.set_eval_frame = start


def dispatch_functional_operators(mode: type[TorchDispatchMode]) -> None:
    """Let operators that take functions come to ``mode`` as all others do.

    An older torch asks each of them for the modes that it may come to. In the oldest ones that
    leads nowhere, and a codec with such an operator is refused there.
    """
    if hasattr(TorchDispatchMode, "supports_higher_order_operators"):
        return
    for operator in getattr(torch._ops, "_higher_order_ops", {}).values():
        if mode not in getattr(operator, "python_key_table", {mode: None}):
            operator.py_impl(mode)(partial(_dispatched_to, operator))


def _dispatched_to(operator: Any, mode: TorchDispatchMode, *args: Any, **kwargs: Any) -> Any:
    return mode.__torch_dispatch__(operator, (), args, kwargs)  # type: ignore[no-untyped-call]


def is_resizable(memory: torch.UntypedStorage) -> bool:
    """Return whether ``memory`` is torch's own; that of an array of Python cannot be resized.

    An older torch does not say so, but refuses to resize such memory to any size.
    """
    if hasattr(memory, "resizable"):
        return bool(memory.resizable())
    if memory.device.type == "meta":
        return True
    try:
        memory.resize_(memory.nbytes())
    except RuntimeError:
        return False
    return True
