"""Name the module in which an effect is lost that the dependency has go on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from lrac_audit.witness.dependency.operations import DependencyTrace, Operation


class SeenResults:
    """The results of the modules of one run, in the order in which they were finished."""

    def __init__(self) -> None:
        self.by_module: dict[str, Tensor] = {}

    @contextmanager
    def of(self, root: nn.Module) -> Iterator[None]:
        """Keep what the modules of ``root`` return while the context lasts."""
        handles = [
            module.register_forward_hook(self._hook(path)) for path, module in root.named_modules()
        ]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def _hook(self, path: str) -> Any:
        def keep(_module: nn.Module, _inputs: Any, result: Any) -> None:
            if isinstance(result, Tensor) and path not in self.by_module:
                self.by_module[path] = result

        return keep


def losing_operation(
    trace: DependencyTrace, before: SeenResults, after: SeenResults, sample: int
) -> Operation | None:
    """Return the first operation whose first step that should have moved did not.

    Args:
        trace: what each result can depend on.
        before: the results of a run.
        after: the results of one in which the audio from ``sample`` on, or what it came to, was
            changed.
        sample: the critical sample of the audio.
    """
    last = {operation.module_path: operation for operation in trace.operations}
    for path, result in after.by_module.items():
        operation = last.get(path)
        if operation is None or not result.shape or operation.shape[-1:] != result.shape[-1:]:
            continue
        expected = operation.latest_by_step() >= sample
        moved = (result != before.by_module[path]).reshape(-1, result.shape[-1]).any(0)
        if bool(expected.any()) and not bool(moved[expected.to(torch.uint8).argmax()]):
            return operation
    return None
