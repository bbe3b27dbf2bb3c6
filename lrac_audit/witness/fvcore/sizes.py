"""Sizes as plain numbers while torch's tracer runs.

The tracer makes an operation of everything that is done with a tensor's size, so that its graph
would fit other lengths too. A graph that is only counted needs none of that, and half of the
tracer's time goes into it.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

_SHAPE = Tensor.shape.__get__  # type: ignore[attr-defined]
_SIZES = (_SHAPE, Tensor.size, Tensor.numel, Tensor.__len__)


class PlainSizes(TorchFunctionMode):
    """Inside ``with``, the tracer does not see how long a tensor is asked to be."""

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Run ``func``; behind the tracer's back if it asks for a size."""
        kwargs = kwargs or {}
        if func not in _SIZES:
            return func(*args, **kwargs)
        tracer = torch._C._get_tracing_state()
        torch._C._set_tracing_state(None)  # type: ignore[attr-defined]
        try:
            return func(*args, **kwargs)
        finally:
            torch._C._set_tracing_state(tracer)  # type: ignore[attr-defined]
