"""Run operators that take functions, so that what the functions do is recorded.

Such an operator comes to a dispatch mode as a whole, with the functions as arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

Run = Callable[[], Any]


class BranchRecorder(Protocol):
    """A mode that records two branches, of which a stream takes one at a time."""

    def dearer_of(self, first: Run, second: Run) -> tuple[Any, Any]:
        """Run both, keep the records of the dearer one, and return the two results."""


def _cond(
    mode: BranchRecorder, condition: Any, taken: Any, other: Any, operands: Sequence[Any] = ()
) -> Any:
    """Run both branches of ``torch.cond``, and choose between their results."""
    first, second = mode.dearer_of(lambda: taken(*operands), lambda: other(*operands))
    return _chosen(condition, first, second)


def _chosen(condition: Any, first: Any, second: Any) -> Any:
    if isinstance(first, list | tuple):
        pairs = zip(first, second, strict=True)
        return type(first)(_chosen(condition, one, other) for one, other in pairs)
    if isinstance(first, Tensor) and isinstance(condition, Tensor):
        return torch.where(condition, first, second)
    return first if condition else second


def _flex_attention(
    mode: TorchDispatchMode, query: Tensor, key: Tensor, value: Tensor, *rest: Any, **named: Any
) -> tuple[Tensor, ...]:
    """Run attention with functions for scores and masks by plain operators.

    The two statistics of the scores that come beside the result are not recorded: a stream that
    wants neither computes neither.
    """
    from torch._higher_order_ops.flex_attention import _math_attention_inner
    from torch.nn.attention import flex_attention

    groups = query.shape[1] // key.shape[1]
    with mode:
        keys, values = (
            x.expand(query.shape[0], *x.shape[1:]).repeat_interleave(groups, dim=1)
            for x in (key, value)
        )
        _, scores = _math_attention_inner(query, keys, values, *rest, **named)
        result = torch._safe_softmax(scores, -1).to(query.dtype) @ values
    results = (result, scores.logsumexp(-1), scores.amax(-1))
    return results if hasattr(flex_attention, "AuxRequest") else results[:2]  # before torch 2.9


def _called(mode: TorchDispatchMode, function: Any, *args: Any, **kwargs: Any) -> Any:
    """Run the function that an operator only wraps, such as a checkpoint."""
    with mode:
        return function(*args, **kwargs)


HIGHER_ORDER: dict[str, Callable[..., Any]] = {
    "cond": _cond,
    "flex_attention": _flex_attention,
    "tag_activation_checkpoint": _called,
    "wrap": _called,
}
"""The way to run each operator that takes functions, by its name."""
