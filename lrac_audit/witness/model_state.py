"""Remember everything that running a model may change in Python, and put it back.

A model keeps state in its modules, in containers and objects that they hold, in what its functions
close over, in its classes, and in the global names of the Python modules that these come from.
"""

from __future__ import annotations

import functools
import sys
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from enum import Enum
from types import CellType, FunctionType, MethodType, ModuleType, SimpleNamespace
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from lrac_audit.witness.garbage import no_garbage_collected
from lrac_audit.witness.target import AuditTarget

CACHED_FUNCTION = functools._lru_cache_wrapper
FOREIGN_PACKAGES = sys.stdlib_module_names | {"torch", "numpy", "lrac_audit"}
"""Packages whose objects, classes and global names belong to no model."""
IMMUTABLE = (str, bytes, int, float, complex, type(None), ModuleType, Enum)
LEAVES = frozenset({str, bytes, int, float, complex, bool, type(None), ModuleType})
"""The classes of most values, which lead nowhere: so many that looking at their class must do."""
PLAIN_CONTAINERS = frozenset({dict, OrderedDict, list, deque, set, tuple})
"""Classes of containers whose objects have a content and no attributes."""


class ModelState:
    """The contents of all containers, objects, classes and modules that can be reached."""

    def __init__(self, *roots: object) -> None:
        self.tensors: list[Tensor] = []
        """Every tensor that can be reached."""
        self._restorers: list[Callable[[], object]] = []
        self._seen: dict[int, object] = {}
        """What was visited, kept so that no address is given to something else."""
        self._waiting = list(roots)
        self._kinds: dict[int, ObjectKind] = {}
        with no_garbage_collected():
            while self._waiting:
                self._visit(self._waiting.pop())

    def restore(self) -> None:
        """Put everything back, and empty what functions have cached."""
        for restore in self._restorers:
            restore()

    def _visit(self, value: Any) -> None:
        if type(value) in LEAVES or id(value) in self._seen or isinstance(value, IMMUTABLE):
            return
        self._seen[id(value)] = value
        if type(value) in PLAIN_CONTAINERS:
            self._visit_container(value)
        elif isinstance(value, Tensor):
            self.tensors.append(value)
        elif isinstance(value, CACHED_FUNCTION):
            self._restorers.append(value.cache_clear)
            self._waiting.append(value.__wrapped__)
        elif isinstance(value, type):
            self._visit_class(value)
        elif isinstance(value, FunctionType):
            self._visit_function(value)
        else:
            self._visit_container(value)
            self._visit_object(value)

    def _visit_container(self, value: Any) -> None:
        """Remember the content of a container, and visit it."""
        if isinstance(value, dict):
            self._remember_mapping(value)
            self._waiting += dict.values(value)
        elif isinstance(value, list | deque):
            self._remember(value, list(value), _refill_sequence)
            self._waiting += value
        elif isinstance(value, set):
            self._remember(value, set(value), _refill_set)
        elif isinstance(value, tuple):
            self._waiting += value
        elif type(value).__module__ == "numpy":
            _remember_array(value, self._restorers)

    def _visit_object(self, value: Any) -> None:
        """Remember the attributes of an object, and visit them and its class."""
        if isinstance(value, MethodType):
            self._waiting += (value.__self__, value.__func__)
        elif isinstance(value, functools.partial):
            self._waiting += (value.func, value.args, value.keywords)
        elif isinstance(value, CellType):
            self._visit_cell(value)
        elif isinstance(value, torch.jit.ScriptModule):
            self._visit_scripted(value)
        kind = self._kind(type(value))
        attributes = getattr(value, "__dict__", None)
        if isinstance(attributes, dict) and kind.holds_state:
            self._waiting += (attributes, type(value))
        for name in kind.slots:
            if hasattr(value, name):
                kept = getattr(value, name)
                self._restorers.append(functools.partial(object.__setattr__, value, name, kept))
                self._waiting.append(kept)

    def _kind(self, owner: type) -> ObjectKind:
        """Return where objects of a class keep state, which is found out once for each class."""
        kind = self._kinds.get(id(owner))
        if kind is None:
            kind = ObjectKind(_holds_state(owner), tuple(_slots(owner)))
            self._kinds[id(owner)] = kind
        return kind

    def _visit_class(self, value: type) -> None:
        """Remember the attributes of a class of the user, its bases and its module's globals."""
        if _is_foreign(value):
            return
        kept = dict(vars(value))
        self._restorers.append(lambda: _restore_class(value, kept))
        self._waiting += value.__bases__
        self._visit_names(kept, value.__module__)
        module = sys.modules.get(value.__module__)
        if module is not None:
            self._visit_globals(vars(module))

    def _visit_function(self, value: FunctionType) -> None:
        """Visit the variables that a function closes over, and the globals of one of the user."""
        self._waiting += value.__closure__ or ()
        self._waiting += (value.__defaults__, value.__kwdefaults__, vars(value))
        if not _is_foreign(value):
            self._visit_globals(value.__globals__)

    def _visit_cell(self, cell: CellType) -> None:
        try:
            kept = cell.cell_contents
        except ValueError:  # an empty one
            return
        self._restorers.append(lambda: setattr(cell, "cell_contents", kept))
        self._waiting.append(kept)

    def _visit_scripted(self, module: Any) -> None:
        """Remember the tensors of a scripted module, which no Python dictionary holds."""
        self._waiting += module.children()
        for table in (module._parameters, module._buffers):
            for name, tensor in table.items():
                self._restorers.append(functools.partial(table.__setitem__, name, tensor))
                self._waiting.append(tensor)

    def _visit_globals(self, names: dict[str, Any]) -> None:
        """Remember global names, which are not visited as a dictionary: they lead everywhere."""
        if id(names) in self._seen:
            return
        self._seen[id(names)] = names
        self._remember_mapping(names)
        self._visit_names(names, str(names.get("__name__", "")))

    def _visit_names(self, names: dict[str, Any], module_name: str) -> None:
        """Visit those names of a class or a module that may hold state of its package."""
        for name, value in names.items():
            if not name.startswith("__") and _may_be_state(value, module_name):
                self._waiting.append(value)

    def _remember_mapping(self, mapping: dict[Any, Any]) -> None:
        """Remember a mapping; most are empty ones of hooks, which need no copy."""
        if type(mapping) in PLAIN_CONTAINERS and not mapping:
            self._restorers.append(mapping.clear)
        else:
            self._remember(mapping, dict(dict.items(mapping)), _refill_mapping)

    def _remember(self, value: Any, kept: Any, refill: Callable[[Any, Any], None]) -> None:
        self._restorers.append(lambda: refill(value, kept))


class ObjectKind(NamedTuple):
    """Where the objects of a class keep state."""

    holds_state: bool
    """Whether their attributes may be state of the model."""
    slots: tuple[str, ...]


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


def _is_foreign(value: Any) -> bool:
    module = getattr(value, "__module__", None) or ""
    return str(module).partition(".")[0] in FOREIGN_PACKAGES


def _may_be_state(value: Any, module_name: str) -> bool:
    """Return whether a global value is a container, a function's cache or an object of a package.

    The cached functions are those of the module alone, and the objects those of its package.
    """
    if isinstance(value, CACHED_FUNCTION):
        return bool(value.__module__ == module_name)
    if isinstance(value, Tensor) or type(value) in (dict, list, set, deque, OrderedDict):
        return True
    package = type(value).__module__.partition(".")[0]
    return package == module_name.partition(".")[0]


def _holds_state(owner: type) -> bool:
    """Return whether the attributes of a class's objects may be state of the model."""
    return issubclass(owner, nn.Module | SimpleNamespace | AuditTarget) or not _is_foreign(owner)


def _slots(owner: type) -> Iterator[str]:
    if not _is_foreign(owner):
        for base in owner.__mro__:
            slots = vars(base).get("__slots__", ())
            yield from (slots,) if isinstance(slots, str) else slots


def _refill_mapping(mapping: dict[Any, Any], kept: dict[Any, Any]) -> None:
    """Refill a mapping where it has changed, in its order."""
    if _identities(mapping) != _identities(kept):
        mapping.clear()
        mapping.update(kept)


def _identities(mapping: dict[Any, Any]) -> list[int]:
    """Return the ids of the keys and of the values: they may not be comparable, as tensors are."""
    return [*map(id, dict.keys(mapping)), *map(id, dict.values(mapping))]


def _refill_sequence(sequence: list[Any] | deque[Any], kept: list[Any]) -> None:
    sequence.clear()
    sequence.extend(kept)


def _refill_set(values: set[Any], kept: set[Any]) -> None:
    values.clear()
    values.update(kept)


def _remember_array(array: Any, restorers: list[Callable[[], object]]) -> None:
    if hasattr(array, "copy") and getattr(array, "flags", None) is not None:
        kept = array.copy()
        if array.flags.writeable:
            restorers.append(lambda: array.__setitem__(..., kept))


def _restore_class(owner: type, kept: dict[str, Any]) -> None:
    for name in set(vars(owner)) - set(kept):
        delattr(owner, name)
    for name, value in kept.items():
        if vars(owner).get(name) is not value:
            setattr(owner, name, value)
