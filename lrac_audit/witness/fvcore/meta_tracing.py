"""Let torch's TorchScript tracer record a run on tensors without values.

On the device ``meta`` torch finds the shapes of many results by Python code, which the tracer would
record as if the model had run it. So every operator is run with the tracer suspended, once the
tracer has taken note of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from lrac_audit.witness.dispatch import LightDispatchMode, tensors_in, without_values
from lrac_audit.witness.trace.meta_results import quick_meta_result
from lrac_audit.witness.trace.operator_call import OperatorCall, operator_of

_TRACER = torch._C._dispatch_key_parse("Tracer")
_CONVOLUTION_FLAGS = (False, False, False, False)
"""The last arguments of the inner operator: benchmark, deterministic, and two of CUDA."""


class TracerSuspended(LightDispatchMode):  # type: ignore[no-untyped-call]
    """Dispatch mode that runs each operator unseen by the tracer."""

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Run one operator."""
        tracer = torch._C._get_tracing_state()
        with _tracer_not_excluded():
            if func is torch.ops.aten.convolution.default:
                with self:  # of convolutions the tracer notes only this inner operator
                    return torch.ops.aten._convolution.default(*args, *_CONVOLUTION_FLAGS)
            torch._C._set_tracing_state(None)  # type: ignore[attr-defined]
            try:
                return _result(func, args, kwargs or {})
            finally:
                torch._C._set_tracing_state(tracer)  # type: ignore[attr-defined]


@contextmanager
def _tracer_not_excluded() -> Iterator[None]:
    """Let the tracer be resumed, which it cannot be where its key is excluded.

    It is excluded below every operator.
    """
    excluded = torch._C._dispatch_tls_is_dispatch_key_excluded(_TRACER)
    torch._C._dispatch_tls_set_dispatch_key_excluded(_TRACER, False)
    try:
        yield
    finally:
        torch._C._dispatch_tls_set_dispatch_key_excluded(_TRACER, excluded)


def _result(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Return the result of an operator, by a quick rule for its shape where there is one."""
    if func is torch.ops.aten._convolution.default:
        func, args = torch.ops.aten.convolution.default, args[: -len(_CONVOLUTION_FLAGS)]
    tensors = list(tensors_in((args, kwargs)))
    result = quick_meta_result(OperatorCall(func, operator_of(func), args, kwargs, tensors, []))
    if result is not None:
        return result
    if {tensor.is_meta for tensor in tensors} == {True, False}:
        args, kwargs = without_values(args), without_values(kwargs)
    return func(*args, **kwargs)
