"""Trace which input steps the output of a model can depend on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn

from lrac_audit.witness.dependency.engine import DependencyEngine
from lrac_audit.witness.dependency.function_calls import FunctionCalls
from lrac_audit.witness.dependency.operations import DependencyTrace
from lrac_audit.witness.dependency.parameter_owners import ParameterOwners
from lrac_audit.witness.dependency.steps import LONGEST_CLIP
from lrac_audit.witness.dispatch import tensors_in
from lrac_audit.witness.isolation import (
    all_operators_dispatched,
    one_thread,
    tensors_restored,
)
from lrac_audit.witness.trace.module_tracking import RunningModules, track_modules


def trace_dependency(
    root: nn.Module,
    stages: Sequence[tuple[str, Callable[[Any], Any]]],
    clip: Tensor,
    *,
    real_values: bool = False,
) -> DependencyTrace:
    """Run ``stages`` one after the other, and return what the output can depend on.

    Args:
        root: holds all modules that the stages use, and is left as it was.
        stages: label and callable of each; the first takes ``clip``, the others the result of the
            one before. The last returns a tensor.
        clip: the input, time last; on the device ``meta`` unless values are needed.
        real_values: run on the values of ``clip``, as control flow that reads them needs.

    Raises:
        NeedsValues: the model reads values, and ``real_values`` is false.
        ValueError: the clip is too long, or the last stage returns no tensor.
    """
    if clip.shape[-1] > LONGEST_CLIP:
        raise ValueError(f"a clip of {clip.shape[-1]} steps; at most {LONGEST_CLIP} can be told")
    with _tracked(root) as running, one_thread():
        engine = DependencyEngine(running, ParameterOwners(root), real_values)
        propagation = engine.propagation
        signal = propagation.input(clip if real_values else clip.to("meta"))
        results = []
        for label, stage in stages:
            propagation.stage = label
            with FunctionCalls(engine), engine:
                signal = stage(signal)
            results.append(tuple(propagation.result(tensor) for tensor in tensors_in(signal)))
    if not isinstance(signal, Tensor):
        raise ValueError(f"{stages[-1][0]} returned a {type(signal).__name__}, not a tensor")
    output = results[-1][0]
    return DependencyTrace(
        output.latest_by_step(),
        output.earliest_by_step(),
        tuple(results),
        tuple(propagation.operations),
        {name: frozenset(paths) for name, paths in propagation.unknown.items()},
        frozenset(engine.branches),
        real_values,
    )


@contextmanager
def _tracked(root: nn.Module) -> Iterator[RunningModules]:
    with tensors_restored(root), all_operators_dispatched():
        yield track_modules(root)
