"""Reads of tensor values: what left torch, where, and whether the signal was in it."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from torch import Tensor

ReadKind = Literal["branch", "number", "array", "shape"]
"""``branch``: a truth value, or a number that is only compared, which can do no more than steer
control flow; ``number``: a Python number;
``array``: many values at once, such as a NumPy array; ``shape``: torch itself reads the value, to
decide on a shape or an index."""

VALUE_OPERATORS = frozenset({"aten._local_scalar_dense", "aten.equal", "aten.allclose"})
"""Operators that make a Python value of a tensor."""
SHAPE_OPERATORS = frozenset(
    f"aten.{name}"
    for name in [
        "nonzero",
        "masked_select",
        "unique",
        "_unique2",
        "unique_consecutive",
        "unique_dim",
        "bincount",
    ]
)
"""Operators whose results have a shape that depends on the values of their inputs."""
ARRAY_FUNCTIONS = frozenset(
    [
        "numpy",
        "__array__",
        "tolist",
        "data_ptr",
        "__dlpack__",
        "storage",
        "untyped_storage",
        "_typed_storage",
        "__reduce_ex__",
        "__repr__",
        "__format__",
        "apply_",
        "map_",
        "map2_",
    ]
)
"""Methods of tensors that hand out all values, or run Python code on them."""


class Read(NamedTuple):
    """One place in the code that reads values of a tensor."""

    kind: ReadKind
    operation: str
    """The function of torch that was called, such as ``numpy``."""
    place: str
    """File and line of the user's code."""
    depends_on_signal: bool
    """Whether the values may depend on the signal, not on weights and constants alone."""

    @property
    def leaves(self) -> bool:
        """Whether work on the signal can go on outside torch, where nothing counts it."""
        return self.depends_on_signal and self.kind in ("number", "array")

    def __str__(self) -> str:
        return (
            f"the signal leaves torch by {self.operation} at {self.place}: "
            "what is computed of it outside is not counted"
        )


def kind_of_result(result: Any) -> ReadKind:
    """Return the kind of a read by what came of it."""
    if isinstance(result, bool):
        return "branch"
    if isinstance(result, int | float | complex):
        return "number"
    return "shape" if _only_tensors(result) else "array"


def _only_tensors(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return bool(value) and all(_only_tensors(item) for item in value)
    return isinstance(value, Tensor)
