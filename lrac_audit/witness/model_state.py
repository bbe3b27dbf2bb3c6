"""Remember everything that running a model may change in Python, and put it back.

A model keeps state in its modules, in containers and objects that they hold, in what its functions
close over, in its classes, and in the global names of the Python modules that these come from.
"""

from __future__ import annotations

import functools
import sys
from collections import OrderedDict, deque
from collections.abc import Callable
from enum import Enum
from types import CellType, FunctionType, MethodType, ModuleType
from typing import Any

import torch
from torch import Tensor

from lrac_audit.witness.garbage import no_garbage_collected
from lrac_audit.witness.restoring import (
    refill_mapping,
    refill_sequence,
    refill_set,
    remember_array,
    restore_class,
)
from lrac_audit.witness.state_owners import CACHED_FUNCTION, ObjectKind, is_foreign, may_be_state

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
            self._remember(value, list(value), refill_sequence)
            self._waiting += value
        elif isinstance(value, set):
            self._remember(value, set(value), refill_set)
        elif isinstance(value, tuple):
            self._waiting += value
        elif type(value).__module__ == "numpy":
            remember_array(value, self._restorers)

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
            kind = ObjectKind.of(owner)
            self._kinds[id(owner)] = kind
        return kind

    def _visit_class(self, value: type) -> None:
        """Remember the attributes of a class of the user, its bases and its module's globals."""
        if is_foreign(value):
            return
        kept = dict(vars(value))
        self._restorers.append(lambda: restore_class(value, kept))
        self._waiting += value.__bases__
        self._visit_names(kept, value.__module__)
        module = sys.modules.get(value.__module__)
        if module is not None:
            self._visit_globals(vars(module))

    def _visit_function(self, value: FunctionType) -> None:
        """Visit the variables that a function closes over, and the globals of one of the user."""
        self._waiting += value.__closure__ or ()
        self._waiting += (value.__defaults__, value.__kwdefaults__, vars(value))
        if not is_foreign(value):
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
            if not name.startswith("__") and may_be_state(value, module_name):
                self._waiting.append(value)

    def _remember_mapping(self, mapping: dict[Any, Any]) -> None:
        """Remember a mapping; most are empty ones of hooks, which need no copy."""
        if type(mapping) in PLAIN_CONTAINERS and not mapping:
            self._restorers.append(mapping.clear)
        else:
            self._remember(mapping, dict(dict.items(mapping)), refill_mapping)

    def _remember(self, value: Any, kept: Any, refill: Callable[[Any, Any], None]) -> None:
        self._restorers.append(lambda: refill(value, kept))
