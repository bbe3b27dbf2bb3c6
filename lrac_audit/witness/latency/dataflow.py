"""Record the dataflow of a run: every operation, its sources, and a checksum of each time step.

Operations are seen on torch's dispatcher, so it does not matter whether a module is called, its
``forward`` is bypassed, or a function is used. Each result becomes a node with the nodes that it is
made from. The time axes of a result are those that grow with the clip. Of each time step only a
checksum is kept, which is exact and independent of the order of summation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.multiprocessing.reductions import StorageWeakRef
from torch.nn.utils import parametrize
from torch.utils.weak import WeakTensorKeyDictionary

from lrac_audit.witness.dispatch import LightDispatchMode, tensors_in

INTEGERS = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}


@dataclass
class Node:
    """One result of one operation."""

    op: str
    called: str
    """Path of the innermost module that is being called."""
    sources: tuple[int, ...]
    """Indices of the nodes that it is made from."""
    owner: str | None
    """Path of the module whose parameters the operation uses, when it is one module."""
    shape: tuple[int, ...]
    reach_steps: int = 0
    """Distance from the first to the last tap of a convolution, in input steps; else 0."""
    checksums: dict[int, Tensor] = field(default_factory=dict)
    """One number for each step, by axis."""


class DataflowRecorder(LightDispatchMode):  # type: ignore[no-untyped-call]
    """Dispatch mode that collects the nodes of everything that runs under it."""

    def __init__(self, root: nn.Module, axes: Sequence[Sequence[int]] | None = None) -> None:
        super().__init__()
        self.nodes: list[Node] = []
        self._axes = axes
        self._calls = [""]
        self._names: dict[nn.Module, str] = {}
        self._node_of: MutableMapping[Tensor, int] = WeakTensorKeyDictionary()
        self._writers: dict[int, tuple[StorageWeakRef | None, list[int]]] = {}
        """The nodes that wrote into a storage, by its address. The reference keeps the address from
        being given to another storage."""
        self._owner_of: MutableMapping[Tensor, str] = WeakTensorKeyDictionary()
        for path, module in root.named_modules():
            name = self._names[module] = path.split(".parametrizations.")[0]
            for tensor in _own_tensors(module):
                if tensor not in self._owner_of:
                    self._owner_of[tensor] = name

    def begin(self, x: Tensor) -> None:
        """Declare ``x`` to be the input."""
        self._add("input", [], None, x)

    def index(self, x: Tensor) -> int | None:
        """Return the index of the node whose result is ``x``."""
        node: int | None = self._node_of.get(x)
        return node

    @contextmanager
    def calls_followed(self) -> Iterator[None]:
        """Keep track of the modules that are being called, by one hook for all of them."""
        hooks = torch.nn.modules.module
        before = hooks.register_module_forward_pre_hook(lambda module, _: self._called(module))
        after = hooks.register_module_forward_hook(lambda *_: self._returned(), always_call=True)
        try:
            yield
        finally:
            before.remove()
            after.remove()

    def _called(self, module: nn.Module) -> None:
        self._calls.append(self._names.get(module, self._calls[-1]))

    def _returned(self) -> None:
        self._calls.pop()

    def __torch_dispatch__(
        self,
        func: Any,
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Run ``func`` and add its results as nodes."""
        kwargs = kwargs or {}
        given = [*tensors_in(args), *tensors_in(kwargs)]
        result = func(*args, **kwargs)
        sources = sorted({node for tensor in given for node in self._sources(tensor)})
        owners = {self._owner_of[tensor] for tensor in given if tensor in self._owner_of}
        owner = owners.pop() if len(owners) == 1 else None
        for tensor in tensors_in(result):
            if sources:
                self._add(func.__name__, sources, owner, tensor, func._schema.is_mutable)
                self.nodes[-1].reach_steps = _reach_steps(func, args)
            elif owner is not None:
                self._owner_of[tensor] = owner
        return result

    def _sources(self, tensor: Tensor) -> list[int]:
        node = self._node_of.get(tensor)
        own = [] if node is None else [node]
        return own + self._writers_of(tensor)

    def _writers_of(self, tensor: Tensor) -> list[int]:
        """Return the nodes that wrote into the memory of ``tensor``, if any."""
        return self._writers.get(_address(tensor), (None, []))[1]

    def _add(
        self, op: str, sources: Sequence[int], owner: str | None, x: Tensor, writes: bool = False
    ) -> None:
        index = len(self.nodes)
        node = Node(op, self._calls[-1], tuple(sources), owner, tuple(x.shape))
        if self._axes is not None:
            node.checksums = checksums(x, self._axes[index] if index < len(self._axes) else ())
        self.nodes.append(node)
        self._node_of[x] = index
        if writes:
            storage = StorageWeakRef(x.untyped_storage())  # type: ignore[no-untyped-call]
            self._writers[_address(x)] = storage, [index]
        elif not set(self._writers_of(x)) & set(sources):
            self._writers.pop(_address(x), None)


def _own_tensors(module: nn.Module) -> Iterator[Tensor]:
    """Yield parameters, buffers, and the tensors that parametrizations make of them."""
    for tensor in (*module._parameters.values(), *module._buffers.values()):
        if tensor is not None:
            yield tensor
    if parametrize.is_parametrized(module):
        yield from (getattr(module, name) for name in module.parametrizations)  # type: ignore[union-attr]


def _reach_steps(func: Any, args: tuple[Any, ...]) -> int:
    if func is not torch.ops.aten.convolution.default or args[6]:
        return 0
    reach: int = (args[1].shape[-1] - 1) * args[5][-1]
    return reach


def _address(x: Tensor) -> int:
    address: int = x.untyped_storage()._cdata
    return address


def checksums(x: Tensor, axes: Sequence[int]) -> dict[int, Tensor]:
    """Return, for each of ``axes``, the sum of the values' bit patterns at each step."""
    if not axes:
        return {}
    if x.is_complex():
        x = torch.view_as_real(x)
    if x.is_floating_point():
        # Adding zero turns a negative zero into a positive one: the two are equal values.
        x = (x + 0.0).contiguous().view(INTEGERS[x.element_size()])
    return {
        axis: x.sum([i for i in range(x.dim()) if i != axis], dtype=torch.int64)
        if x.dim() > 1
        else x.to(torch.int64)
        for axis in axes
    }


class DataflowRun(NamedTuple):
    """The nodes and the output of one run."""

    nodes: list[Node]
    output_index: int
    """Index of the node of the output."""
    output: Tensor


def record_dataflow(
    root: nn.Module,
    run: Callable[[Tensor], Tensor],
    x: Tensor,
    axes: Sequence[Sequence[int]] | None = None,
) -> DataflowRun:
    """Run ``run(x)`` and record its nodes, with checksums along ``axes``, given by node."""
    recorder = DataflowRecorder(root, axes)
    with recorder.calls_followed(), recorder:
        recorder.begin(x)
        output = run(x)
    index = recorder.index(output)
    return DataflowRun(recorder.nodes, len(recorder.nodes) - 1 if index is None else index, output)
