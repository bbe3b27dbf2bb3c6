"""Record one stage of a target with torch's tracer, and hand the graph to fvcore.

The tracer makes an operation of everything that is done with the size of a tensor, so that its
graph fits other lengths too. A graph that is only counted needs none of that, and half of the
tracer's time goes into it; so sizes are plain numbers here.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from lrac_audit.witness.dispatch import tensors_in
from lrac_audit.witness.fvcore.handlers import HANDLERS, WITHOUT_PRODUCTS
from lrac_audit.witness.fvcore.meta_tracing import TracerSuspended

_SHAPE = Tensor.shape.__get__  # type: ignore[attr-defined]


_SIZES = (_SHAPE, Tensor.size, Tensor.numel, Tensor.__len__)


class PlainSizes(TorchFunctionMode):
    """Mode under which the tracer does not record that the size of a tensor was read."""

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Run ``func``; with the tracer suspended if it reads a size."""
        kwargs = kwargs or {}
        if func not in _SIZES:
            return func(*args, **kwargs)
        tracer = torch._C._get_tracing_state()
        torch._C._set_tracing_state(None)  # type: ignore[attr-defined]
        try:
            return func(*args, **kwargs)
        finally:
            torch._C._set_tracing_state(tracer)  # type: ignore[attr-defined]


class StageModule(nn.Module):
    """A stage of a target as a module that also returns the results of the modules inside."""

    def __init__(self, root: nn.Module, step: Callable[[Any], Any], on_meta: bool) -> None:
        super().__init__()
        self.on_meta = on_meta
        self.root = root
        self.step = step
        self.result: Any = None
        """The result of the stage when it last ran."""

    def forward(self, *value: Any) -> tuple[Tensor, ...]:
        """Return everything that was computed, so that the tracer drops nothing."""
        kept: list[Tensor] = []

        def keep(module: nn.Module, given: Any, result: Any) -> None:
            kept.extend(tensors_in(result))

        hooks = [module.register_forward_hook(keep) for module in self.root.modules()]
        try:
            with PlainSizes(), TracerSuspended() if self.on_meta else nullcontext():
                result = self.step(value[0] if len(value) == 1 else value)
        finally:
            for hook in hooks:
                hook.remove()
        self.result = result
        return (*tensors_in(result), *kept)


@contextmanager
def warnings_hidden() -> Iterator[None]:
    """Hide the tracer's warnings, which do not concern a count of operations."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def analyse(module: nn.Module, value: Any) -> Any:
    """Return the fvcore analysis of ``module`` on ``value``, with the handlers of this package."""
    from fvcore.nn import FlopCountAnalysis

    inputs = tuple(value) if isinstance(value, tuple | list) else (value,)
    analysis = FlopCountAnalysis(module, inputs)
    analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
    analysis.tracer_warnings("none")
    for name in WITHOUT_PRODUCTS:
        analysis.set_op_handle(name, None)
    for name, handler in HANDLERS.items():
        analysis.set_op_handle(name, handler)
    return analysis
