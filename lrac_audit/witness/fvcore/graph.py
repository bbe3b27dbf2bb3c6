"""The graph of one stage of a target, as torch's tracer records it and fvcore counts it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from lrac_audit.witness.dispatch import tensors_in
from lrac_audit.witness.fvcore.handlers import HANDLERS, WITHOUT_PRODUCTS

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


class StageModule(nn.Module):
    """One callable of a target as a module, which also gives what the modules inside gave."""

    def __init__(self, root: nn.Module, step: Callable[[Any], Any]) -> None:
        super().__init__()
        self.root = root
        self.step = step
        self.result: Any = None
        """What the callable gave when it last ran."""

    def forward(self, *value: Any) -> tuple[Tensor, ...]:
        """Everything that was computed, so that the tracer throws nothing away."""
        kept: list[Tensor] = []

        def keep(module: nn.Module, given: Any, result: Any) -> None:
            kept.extend(tensors_in(result))

        hooks = [module.register_forward_hook(keep) for module in self.root.modules()]
        try:
            with PlainSizes():
                result = self.step(value[0] if len(value) == 1 else value)
        finally:
            for hook in hooks:
                hook.remove()
        self.result = result
        return (*tensors_in(result), *kept)


@contextmanager
def warnings_hidden() -> Iterator[None]:
    """The tracer warns of much that does not concern a count of operations."""
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
