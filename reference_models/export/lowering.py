"""Lowering: from a codec to the programs of its two sides, along the path of the signal.

The codec is lowered as it is deployed: weight norm folded, and the quantizer in its absorbed form
where it has projections to absorb.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Literal, NamedTuple

from torch import Tensor, nn

from lrac_audit.design.kind_registry import KindRegistry
from lrac_audit.design.steps import Step
from reference_models.export.operations.operation import Operation
from reference_models.export.program import Constant, Program, State, Value
from reference_models.export.signal import Signal, ValidRows
from reference_models.nn.codec import Codec


class Builder:
    """A program in the making."""

    def __init__(self, codec: Codec) -> None:
        self.codec = codec
        self.values: dict[str, Value] = {}
        self.states: dict[str, State] = {}
        self.constants: dict[str, Constant] = {}
        self.operations: list[Operation] = []
        self._layer = 0

    def module(self, path: str) -> Any:
        """Return the module at ``path``."""
        return self.codec.get_submodule(path)

    def value(self, name: str, rows: int, columns: int, is_index: bool = False) -> str:
        """Enter a value and return its name."""
        self.values[_new(name, self.values)] = Value(rows, columns, is_index)
        return name

    def state(self, name: str, state: State) -> tuple[str, ...]:
        """Enter a state of at least one value and return its name; of none, return nothing."""
        if not state.rows * state.columns:
            return ()
        self.states[_new(name, self.states)] = state
        return (name,)

    def constant(self, name: str, tensor: Tensor) -> str:
        """Enter the values of ``tensor`` and return their name."""
        self.constants[_new(name, self.constants)] = tensor.detach().cpu().numpy().copy()
        return name

    def parameters(self, path: str, module: nn.Module, names: Sequence[str]) -> tuple[str, ...]:
        """Enter those of the parameters ``names`` of ``module`` that it has."""
        found = [(name, getattr(module, name)) for name in names]
        return tuple(
            self.constant(f"{path}.{name}", value) for name, value in found if value is not None
        )

    def run(self, operation: Operation) -> None:
        """Add ``operation`` behind the others."""
        self.operations.append(replace(operation, layer=self._layer))

    @contextmanager
    def in_layer(self, number: int) -> Iterator[None]:
        """Let the operations that are added in the block belong to layer ``number``."""
        self._layer = number
        yield
        self._layer = 0

    def write(self, operation: Operation, y: Signal) -> Signal:
        """Add ``operation``, which writes the signal ``y``, and return that."""
        self.value(y.name, y.rows, y.columns)
        self.run(operation)
        return y

    def steps(self, step: Step, x: Signal) -> Signal:
        """Lower the layers inside a composite, one after another."""
        for inner in step.inner or ():
            x = self.layer(inner, x)
        return x

    def layer(self, step: Step, x: Signal) -> Signal:
        """Lower one step of the signal path.

        Raises:
            InputError: its kind cannot be exported.
        """
        return LAYERS.of(step.path, step.part)(self, step, x)

    def program(
        self,
        side: Literal["transmit", "receive"],
        layers: int,
        inputs: tuple[str, ...],
        outputs: tuple[str, ...],
        output: ValidRows,
    ) -> Program:
        """Return the program."""
        buffers = self.values, self.states, self.constants
        operations = tuple(self.operations)
        design = self.codec.design
        return Program(side, design, layers, inputs, outputs, *buffers, operations, output)


def _new(name: str, known: dict[str, Any]) -> str:
    if name in known:
        raise ValueError(f"{name} is in the program already")
    return name


LayerLowering = Callable[[Builder, Step, Signal], Signal]
LAYERS: KindRegistry[LayerLowering] = KindRegistry("operations to export")
"""The operations of each kind of layer and composite."""


class QuantizerLowering(NamedTuple):
    """The operations of a quantizer on both sides."""

    transmit: Callable[[Builder, Signal, int], tuple[str, ...]]
    """From the latent to the indices of that many layers."""
    receive: Callable[[Builder, Signal, int], tuple[tuple[str, ...], Signal]]
    """The indices of that many layers, which it enters as values, and the latent made of them.

    The signal says which latent steps a frame has."""


QUANTIZERS: KindRegistry[QuantizerLowering] = KindRegistry("operations to export")
"""The operations of each kind of quantizer."""
