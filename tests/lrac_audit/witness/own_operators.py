"""Operators that a user adds to torch, for tests that need some."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

LIBRARIES: list[torch.library.Library] = []
"""Libraries that must not be collected, or their operators are gone."""


def own_operator(
    name: str,
    function: Callable[[Tensor], Tensor],
    shapes: Callable[[Tensor], Tensor] | None = None,
) -> Callable[[Tensor], Tensor]:
    """Return ``function`` as the operator ``namespace::name``; ``shapes`` runs without values.

    A torch that has no decorator for it gets the operator through a library.
    """
    if hasattr(torch.library, "custom_op"):
        schema = "(Tensor x) -> Tensor"
        made = torch.library.custom_op(name, function, mutates_args=(), schema=schema)
        if shapes is not None:
            made.register_fake(shapes)
        return made
    namespace, _, operator = name.partition("::")
    library = torch.library.Library(namespace, "FRAGMENT")
    LIBRARIES.append(library)
    library.define(f"{operator}(Tensor x) -> Tensor")
    library.impl(operator, function, "CPU")
    if shapes is not None:
        library.impl(operator, shapes, "Meta")
    return getattr(getattr(torch.ops, namespace), operator)
