"""What every watcher of torch's dispatcher here has in common."""

from __future__ import annotations

from torch.utils._python_dispatch import TorchDispatchMode


class LightDispatchMode(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """A mode of torch's dispatcher that leaves its compiler alone."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """No; to skip it, torch would first import its compiler, which takes seconds."""
        return False
