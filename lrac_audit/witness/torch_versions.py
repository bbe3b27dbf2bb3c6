"""Features that older versions of torch lack, each with what stands in for it there.

All other modules use these functions and need not know which torch is installed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import torch
from torch.overrides import BaseTorchFunctionMode


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
    return _compiled_code_forgotten()


@contextmanager
def _compiled_code_forgotten() -> Iterator[None]:
    """Throw compiled code away, and compile none for a while: for a torch without stances."""
    from torch import _dynamo

    _dynamo.reset()
    try:
        with _dynamo.config.patch(disable=True):
            yield
    finally:
        _dynamo.reset()


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


def dispatch_keys_forced(included: Any, excluded: Any) -> AbstractContextManager[None]:
    """Dispatch operators by exactly these keys for a while.

    Raises:
        NotImplementedError: this torch cannot do that.
    """
    guard = getattr(torch._C, "_ForceDispatchKeyGuard", None)
    if guard is None:
        raise NotImplementedError(f"torch {torch.__version__} cannot force the keys of dispatch")
    forced: AbstractContextManager[None] = guard(included, excluded)
    return forced
