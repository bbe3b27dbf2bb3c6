"""Remember the memory, the values and the flag of a tensor, and put them back."""

from __future__ import annotations

import torch
from torch import Tensor


class TensorState:
    """The memory of a tensor, and its values where they are kept."""

    def __init__(self, tensor: Tensor, with_values: bool) -> None:
        self._tensor, self._data = tensor, tensor.data
        self._requires_grad = tensor.requires_grad
        readable = with_values and tensor.layout == torch.strided and not tensor.is_meta
        self._values = tensor.detach().clone() if readable else None

    def restore(self) -> None:
        """Give the tensor its memory, its values and its flag again."""
        tensor, values = self._tensor, self._values
        tensor.data = self._data
        if values is not None and not torch.equal(self._data, values):
            tensor.data.copy_(values)
        if tensor.is_leaf:
            tensor.requires_grad_(self._requires_grad)
