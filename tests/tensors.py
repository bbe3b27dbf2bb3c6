"""Comparing named tensors, such as the state of a module before and after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor


def assert_equal_tensors(found: Mapping[Any, Tensor], expected: Mapping[Any, Tensor]) -> None:
    """Check that both have the same names, at least one, and equal values under each."""
    assert found.keys() == expected.keys()
    assert found, "there are no tensors to compare"
    assert unequal_tensors(found, expected) == []


def unequal_tensors(found: Mapping[Any, Tensor], expected: Mapping[Any, Tensor]) -> list[Any]:
    """Return the names of ``found`` whose values differ."""
    return [name for name, value in found.items() if not torch.equal(value, expected[name])]
