"""Tell which objects, classes and global names may hold state of a model."""

from __future__ import annotations

import functools
import sys
from collections import OrderedDict, deque
from collections.abc import Iterator
from types import MemberDescriptorType, SimpleNamespace
from typing import Any, NamedTuple

from torch import Tensor, nn

from lrac_audit.witness.target import AuditTarget

CACHED_FUNCTION = functools._lru_cache_wrapper
FOREIGN_PACKAGES = sys.stdlib_module_names | {"torch", "numpy", "lrac_audit"}
"""Packages whose objects, classes and global names belong to no model."""


class ObjectKind(NamedTuple):
    """Where the objects of a class keep state."""

    holds_state: bool
    """Whether their attributes may be state of the model."""
    slots: tuple[str, ...]

    @classmethod
    def of(cls, owner: type) -> ObjectKind:
        """Return the kind of the objects of a class."""
        state_classes = nn.Module | SimpleNamespace | AuditTarget
        holds_state = issubclass(owner, state_classes) or not is_foreign(owner)
        return cls(holds_state, tuple(_slots(owner)))


def is_foreign(value: Any) -> bool:
    """Return whether a function, a class or an object of it belongs to no model."""
    module = getattr(value, "__module__", None) or ""
    return str(module).partition(".")[0] in FOREIGN_PACKAGES


def may_be_state(value: Any, module_name: str) -> bool:
    """Return whether a global value is a container, a function's cache or an object of a package.

    The cached functions are those of the module alone, and the objects those of its package.
    """
    if isinstance(value, CACHED_FUNCTION):
        return bool(value.__module__ == module_name)
    if isinstance(value, Tensor) or type(value) in (dict, list, set, deque, OrderedDict):
        return True
    package = type(value).__module__.partition(".")[0]
    return package == module_name.partition(".")[0]


def _slots(owner: type) -> Iterator[str]:
    if not is_foreign(owner):
        for base in owner.__mro__:
            members = vars(base).items() if "__slots__" in vars(base) else ()
            # By their descriptors: names may be mangled, and ``__weakref__`` holds no state.
            yield from (name for name, slot in members if isinstance(slot, MemberDescriptorType))
