"""The scratch memory of a frame, from a run of the streaming modules under a torch function mode.

The mode notes which function reads which tensor. A tensor stands for the buffers that its values
were written to: functions that only move values (views, slices, concatenations, padding, copies)
write none. What was computed before the frame is state or constant, and has no buffer. Each other
function writes a buffer as large as its result, but

- the values that a transposed convolution leaves for the next frame are state,
- some modules are one operation each, as a device would run them: see ``WHOLE``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple
from unittest.mock import patch

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves

from lrac_audit.ledger.latency import latency
from lrac_audit.ledger.row import Ledger, Side
from reference_models.audit.verification import SETTLING_FRAMES
from reference_models.nn.activations import Snake
from reference_models.nn.codebook import Codebook
from reference_models.nn.codec import Codec, receive_side, transmit_side
from reference_models.nn.layers.step_by_step import StepRmsNorm
from reference_models.nn.layers.transformer import StreamingAttention
from reference_models.nn.layers.transforms import (
    AddedCosines,
    AddedSpectra,
    FramedCosines,
    FramedSpectra,
)
from reference_models.nn.quantizers.multi_scale import FrameCollector, MultiScaleQuantizer
from reference_models.nn.quantizers.scalar import Levels, Signs
from reference_models.nn.streaming import States, Streaming

MOVES = {
    "cat",
    "stack",
    "chunk",
    "unbind",
    "__getitem__",
    "pad",
    "clone",
    "copy_",
    "contiguous",
    "to",
    "split",
    "permute",
}
MOVES |= {"transpose", "movedim", "reshape", "view", "flatten", "unsqueeze", "squeeze"}
CONSTANTS = {"new_zeros", "new_empty", "new_tensor", "zeros_like"}
IN_PLACE = {"add", "sub", "mul", "layer_norm"}
IN_PLACE |= {"elu", "relu", "leaky_relu", "prelu", "gelu", "silu", "tanh", "sigmoid"}
COMPUTES = {"conv1d", "conv_transpose1d", "linear", "embedding", "repeat_interleave"}
COMPUTES |= {"avg_pool1d"}


class _Call(NamedTuple):
    row: str
    reads: frozenset[int]
    writes: int
    in_place: bool
    own_values: int


class FrameTrace(TorchFunctionMode):
    """The calls of one frame."""

    def __init__(self) -> None:
        super().__init__()
        self.row = ""
        self._calls: list[_Call] = []
        self._sizes: list[int] = []
        self._buffers: dict[int, frozenset[int]] = {}
        self._repeated: dict[int, int] = {}
        self._kept: list[Tensor] = []  # a tensor's id is its own as long as it lives

    def begin(self, x: Tensor) -> None:
        """Give the input of the side a buffer."""
        self._hold(x, frozenset({self._new(x.numel())}))

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        reads = self._read((args, kwargs))
        name = func.__name__
        if not reads or not any(isinstance(x, Tensor) for x in tree_leaves(result)):
            return result
        if name in MOVES:
            is_repeated = any(id(x) in self._repeated for x in tree_leaves(args))
            for x in tree_leaves(result):
                self._hold(x, reads)
                if is_repeated:
                    self._repeated[id(x)] = x.numel()
        elif name in IN_PLACE or name in COMPUTES:
            self.record(args, result, name in IN_PLACE, size=_size(name, args, result))
        elif name not in CONSTANTS:
            raise NotImplementedError(f"no rule for the function {name}")
        return result

    def record(
        self,
        read: Any,
        result: Tensor,
        in_place: bool,
        own_values: int = 0,
        size: int | None = None,
    ) -> None:
        """Note one call, which writes as many values as its result has, or as its input had."""
        values = result.numel() if size is None else size
        if in_place:
            largest = max(self._repeated.get(id(x)) or self._size(x) for x in tree_leaves(read))
            values = min(values, largest)
        buffer = self._new(values)
        self._calls.append(_Call(self.row, self._read(read), buffer, in_place, own_values))
        self._hold(result, frozenset({buffer}))

    def repeat(self, values: Tensor, result: Tensor) -> None:
        """Note that ``result`` repeats ``values``, which are read where they lie."""
        self._hold(result, self._read(values))
        self._repeated[id(result)] = result.numel()

    def live_values(self, output: Tensor) -> dict[str, int]:
        """Return the most values that live during the calls of each row; "" is outside of rows."""
        ends = dict.fromkeys(self._read(output), len(self._calls))
        last = {b: i for i, call in enumerate(self._calls) for b in (*call.reads, call.writes)}
        last |= ends
        written_at = {call.writes: i for i, call in enumerate(self._calls)}
        found: dict[str, int] = {}
        for i, call in enumerate(self._calls):
            alive = [b for b in last if written_at.get(b, -1) <= i <= last[b]]
            total = sum(self._sizes[b] for b in alive) + call.own_values
            if call.in_place:
                freed = sum(self._sizes[b] for b in call.reads if last[b] == i)
                total -= min(freed, self._sizes[call.writes])
            found[call.row] = max(found.get(call.row, 0), total)
        return found

    def _new(self, values: int) -> int:
        self._sizes.append(values)
        return len(self._sizes) - 1

    def _size(self, tree: Any) -> int:
        return sum(self._sizes[buffer] for buffer in self._read(tree))

    def _hold(self, x: Tensor, buffers: frozenset[int]) -> None:
        self._kept.append(x)
        self._buffers[id(x)] = buffers

    def _read(self, tree: Any) -> frozenset[int]:
        tensors = [x for x in tree_leaves(tree) if isinstance(x, Tensor)]
        return frozenset().union(*(self._buffers.get(id(x), frozenset()) for x in tensors))


def _size(name: str, args: tuple[Any, ...], result: Tensor) -> int | None:
    """Return the values that a transposed convolution writes into this frame."""
    if name != "conv_transpose1d":
        return None
    (x, _, _, (stride,)) = args[:4]
    return int(x.shape[2] * stride * result.shape[1])


class _Whole(NamedTuple):
    """A method that is one operation: whether it works in place, and the values of its own."""

    cls: type
    method: str
    in_place: bool
    own_values: Callable[[Any], int] = lambda _: 0


def _between_layers(cell: nn.GRU | nn.LSTM) -> int:
    return cell.hidden_size if cell.num_layers > 1 else 0


WHOLE = (
    _Whole(nn.GRU, "forward", False, _between_layers),
    _Whole(nn.LSTM, "forward", False, _between_layers),
    _Whole(StreamingAttention, "step", False, lambda layer: int(layer.part.keys)),
    _Whole(Snake, "forward", True),
    _Whole(StepRmsNorm, "forward", True),
    _Whole(Codebook, "forward", False),
    _Whole(Levels, "forward", True),
    _Whole(Levels, "nearest", True),
    _Whole(Levels, "values", True),
    _Whole(Signs, "forward", True),
    _Whole(Signs, "nearest", True),
    _Whole(Signs, "values", True),
    _Whole(Levels, "indices", False),
    _Whole(Levels, "levels_of", False),
    _Whole(FramedSpectra, "step", False, lambda layer: len(layer.window)),
    _Whole(AddedSpectra, "step", False, lambda layer: len(layer.window)),
    _Whole(FramedCosines, "step", False, lambda layer: layer.framing.stride),
    _Whole(AddedCosines, "step", False, lambda layer: layer.hop),
)


@contextmanager
def _as_whole(trace: FrameTrace, whole: _Whole) -> Iterator[None]:
    original = getattr(whole.cls, whole.method)

    def run(self: Any, *args: Any) -> Any:
        with torch._C.DisableTorchFunction():
            result = original(self, *args)
        first = result[0] if isinstance(result, tuple) else result
        trace.record(args[:1], first, whole.in_place, whole.own_values(self))
        return result

    with patch.object(whole.cls, whole.method, run):
        yield


@contextmanager
def _values_repeated_unseen(trace: FrameTrace) -> Iterator[None]:
    """Let values that a multi-scale quantizer repeats for several steps be read where they lie."""
    original = MultiScaleQuantizer._spread

    def run(self: MultiScaleQuantizer, rows: Tensor, *others: int) -> Tensor:
        with torch._C.DisableTorchFunction():
            result = original(self, rows, *others)
        trace.repeat(rows, result)
        return result

    with patch.object(MultiScaleQuantizer, "_spread", run):
        yield


@contextmanager
def _in_row(trace: FrameTrace, row: str, module: nn.Module, method: str) -> Iterator[None]:
    original = getattr(module, method)

    def run(*args: Any, **kwargs: Any) -> Any:
        outer, trace.row = trace.row, row
        try:
            return original(*args, **kwargs)
        finally:
            trace.row = outer

    with patch.object(module, method, run):
        yield


def traced(ledger: Ledger, transmit: Codec, receive: Codec) -> dict[Side, dict[str, int]]:
    """Return the values that live during the calls of each row, in a frame of a settled stream."""
    design, layers = transmit.design, ledger.mode.active_layers or 0
    settling = SETTLING_FRAMES + (latency(ledger).total_samples or 0) // design.hop_samples
    audio = torch.randn(1, design.audio_channels, design.hop_samples)
    encoder, decoder = transmit_side(transmit), receive_side(receive)
    frames = FrameCollector(design.latent_dim, design.quantizer.frame_steps)
    waiting = frames.initial_state(1, audio)

    def send(x: Tensor, state: States) -> Tensor:
        latent = frames.step(encoder.step(x, state), waiting)
        return transmit.quantizer.encode(latent, layers)

    def get(codes: Tensor, state: States) -> Tensor:
        return decoder.step(receive.quantizer.decode(codes), state)

    state = encoder.initial_state(1, audio)
    with torch.no_grad():
        for _ in range(settling):
            codes = send(audio, state)
        assert codes.shape[-1] == 1
        rows = {row.name: row.side for row in ledger.rows}
        sent = _frame(send, audio, state, _modules(transmit, rows, "transmit"))
        state = decoder.initial_state(1, audio)
        for _ in range(settling):
            get(codes, state)
        received = _frame(get, codes, state, _modules(receive, rows, "receive"))
    return {"transmit": sent, "receive": received}


def _modules(codec: Codec, rows: Mapping[str, Side], side: Side) -> dict[str, nn.Module]:
    """Return the modules of the coder of ``side`` that are rows of the ledger."""
    names = dict(codec.named_modules())
    return {n: names[n] for n, of in rows.items() if of == side and n in names}


def _frame(
    step: Callable[[Tensor, States], Tensor],
    x: Tensor,
    state: States,
    rows: Mapping[str, nn.Module],
) -> dict[str, int]:
    trace = FrameTrace()
    with ExitStack() as stack:
        for whole in WHOLE:
            stack.enter_context(_as_whole(trace, whole))
        stack.enter_context(_values_repeated_unseen(trace))
        for row, module in rows.items():
            method = "step" if isinstance(module, Streaming) else "forward"
            stack.enter_context(_in_row(trace, row, module, method))
        trace.begin(x)
        with trace:
            output = step(x, state)
    return trace.live_values(output)
