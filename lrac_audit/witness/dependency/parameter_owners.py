"""Which module an operation belongs to by the parameters that it uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, MutableMapping
from typing import Any

from torch import Tensor, nn
from torch.nn.utils import parametrize
from torch.utils.weak import WeakIdKeyDictionary

from lrac_audit.witness.dispatch import tensors_in


class ParameterOwners:
    """The paths of the modules that hold parameters, and what was computed from these alone."""

    def __init__(self, root: nn.Module) -> None:
        self._owners: MutableMapping[Tensor, str] = WeakIdKeyDictionary()
        for path, module in root.named_modules():
            owner = path.split(".parametrizations.")[0]
            for tensor in _own_tensors(module):
                if tensor not in self._owners:
                    self._owners[tensor] = owner

    def of(self, tensors: Iterable[Tensor]) -> str | None:
        """Return the module whose parameters are among ``tensors``, where it is one module."""
        owners = {self._owners[tensor] for tensor in tensors if tensor in self._owners}
        return owners.pop() if len(owners) == 1 else None

    def follow(self, tensors: Iterable[Tensor], result: Any) -> None:
        """Note that ``result`` was computed from the constants ``tensors``."""
        owner = self.of(tensors)
        if owner is not None:
            for tensor in tensors_in(result):
                self._owners[tensor] = owner


def _own_tensors(module: nn.Module) -> Iterator[Tensor]:
    """Yield parameters, buffers, and the tensors that parametrisations make of them."""
    for tensor in (*module._parameters.values(), *module._buffers.values()):
        if tensor is not None:
            yield tensor
    if parametrize.is_parametrized(module):
        yield from (getattr(module, name) for name in module.parametrizations)  # type: ignore[union-attr]
