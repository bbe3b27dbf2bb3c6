"""fvcore as a second opinion: a counter by others, on another mechanism, its gaps filled.

It counts on a graph that torch's tracer for TorchScript records from one real run. What it calls
flops are multiply-accumulates. Left alone it knows no recurrent layer, no fused attention and no
distances, mixes norms into its sums, parses rounded numbers of einsum, and drops what nobody uses;
here it gets handlers for the first, ignores what multiplies nothing, and is shown the result of
every module, so that nothing it should count is dead.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from math import prod
from typing import Any

from torch import Tensor, nn

from lrac_audit.ledger.row import Side, Stage
from lrac_audit.witness.target import AuditTarget, TargetMode
from lrac_audit.witness.trace.arguments import tensors_in
from lrac_audit.witness.trace.formulas import NO_PRODUCTS
from lrac_audit.witness.trace.ignored import IGNORED
from lrac_audit.witness.trace.measuring import LENGTHS_IN_HOPS, audio_of, stages_of
from lrac_audit.witness.trace.modules import everything_visible, untouched
from lrac_audit.witness.trace.table import words

NOTE = (
    "fvcore calls a multiply-accumulate a flop; these are multiply-accumulates. It sees no masks, "
    "so attention counts for every pair of frames."
)

Place = tuple[Side, Stage, str]
"""Side, stage, path of a module; an empty path is what happens in none."""


@dataclass(frozen=True)
class SecondOpinion:
    """Multiply-accumulates per hop, in the steady state of a stream."""

    macs_by_module: Mapping[Place, int]
    """What a module does itself, the modules in it left out; without those that do nothing."""
    macs_by_stage: Mapping[tuple[Side, Stage], int]
    unsupported: Mapping[tuple[Side, Stage], Mapping[str, int]]
    """Operators that fvcore does not know and nobody told it about: name to calls in the shortest
    clip that was run."""
    unbounded: tuple[Place, ...]
    """Modules whose cost is not in proportion to the length, and is therefore not given."""
    note: str = NOTE


def measure(target: AuditTarget, mode: TargetMode | None) -> SecondOpinion:
    """Let fvcore count what ``target`` does in ``mode``.

    Raises:
        ModuleNotFoundError: fvcore is not installed.
        Exception: whatever the target's modules raise.
    """
    lengths, counts = _counts(target, mode)
    places = dict.fromkeys(place for count, _ in counts for place in count)
    by_module: dict[Place, int] = {}
    unbounded = []
    first, second = lengths[1] - lengths[0], lengths[2] - lengths[1]
    for place in places:
        short, middle, long = (count[place] for count, _ in counts)
        if (middle - short) * second != (long - middle) * first or (middle - short) % first:
            unbounded.append(place)
        elif middle > short:
            by_module[place] = (middle - short) // first
    by_stage: Counter[tuple[Side, Stage]] = Counter()
    for (side, stage, _), macs in by_module.items():
        by_stage[side, stage] += macs
    return SecondOpinion(by_module, dict(by_stage), counts[0][1], tuple(unbounded))


Unsupported = dict[tuple[Side, Stage], Mapping[str, int]]
Count = tuple[Counter[Place], Unsupported]


def _counts(
    target: AuditTarget, mode: TargetMode | None
) -> tuple[tuple[int, int, int], list[Count]]:
    """The first lengths at which the target runs, and the count of each."""
    for lengths in LENGTHS_IN_HOPS[:-1]:
        with suppress(RuntimeError, ValueError):  # too short, say
            return lengths, [_count(target, mode, hops) for hops in lengths]
    lengths = LENGTHS_IN_HOPS[-1]
    return lengths, [_count(target, mode, hops) for hops in lengths]


def _count(target: AuditTarget, mode: TargetMode | None, hops: int) -> Count:
    """Multiply-accumulates in a clip of ``hops`` hops by place, and unknown operators by stage."""
    found: Counter[Place] = Counter()
    unsupported: Unsupported = {}
    value: Any = audio_of(target, hops, on_meta=False)
    with everything_visible(), untouched(target.root), _quiet():
        for side, stage, step in stages_of(target, mode):
            wrapped = _Whole(target.root, step)
            analysis = _analysis(wrapped, value)
            totals = analysis.by_module()
            for name, macs in totals.items():
                below = _children(name, totals)
                path = name.removeprefix("root").removeprefix(".")
                found[side, stage, path] += int(macs - sum(totals[child] for child in below))
            unknown = dict(analysis.unsupported_ops())
            if unknown:
                unsupported[side, stage] = unknown
            value = step(value)
    return found, unsupported


def _children(name: str, totals: Mapping[str, int]) -> list[str]:
    prefix = f"{name}." if name else ""
    depth = prefix.count(".")
    return [
        other
        for other in totals
        if other != name and other.startswith(prefix) and other.count(".") == depth and other
    ]


class _Whole(nn.Module):
    """One callable of a target as a module, which also gives what the modules inside gave."""

    def __init__(self, root: nn.Module, step: Callable[[Any], Any]) -> None:
        super().__init__()
        self.root = root
        self.step = step

    def forward(self, *value: Any) -> tuple[Tensor, ...]:
        """Everything that was computed, so that the tracer throws nothing away."""
        kept: list[Tensor] = []

        def keep(module: nn.Module, given: Any, result: Any) -> None:
            kept.extend(tensors_in(result))

        hooks = [module.register_forward_hook(keep) for module in self.root.modules()]
        try:
            result = self.step(value[0] if len(value) == 1 else value)
        finally:
            for hook in hooks:
                hook.remove()
        return (*tensors_in(result), *kept)


@contextmanager
def _quiet() -> Iterator[None]:
    """The tracer warns of much that does not concern a count of operations."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _analysis(module: nn.Module, value: Any) -> Any:
    from fvcore.nn import FlopCountAnalysis

    inputs = tuple(value) if isinstance(value, tuple | list) else (value,)
    analysis = FlopCountAnalysis(module, inputs)
    analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
    analysis.tracer_warnings("none")
    for name in _IGNORED:
        analysis.set_op_handle(name, None)
    for name, handler in _HANDLERS.items():
        analysis.set_op_handle(name, handler)
    return analysis


Handler = Callable[[list[Any], list[Any]], int]


def _sizes(value: Any) -> list[int]:
    """Shape of a value in the graph."""
    sizes = value.type().sizes()
    if sizes is None:
        raise ValueError("the graph does not say how large a tensor is")
    return list(sizes)


def _weights_in(value: Any) -> int:
    """Values in the matrices of a list of parameters."""
    shapes = [_sizes(item) for item in value.node().inputs()]
    return sum(prod(shape) for shape in shapes if len(shape) == 2)


def _recurrent(inputs: list[Any], outputs: list[Any]) -> int:
    """Input ``[T, B, C]``, states, parameters: each matrix is used once a step."""
    return prod(_sizes(inputs[0])[:-1]) * _weights_in(inputs[2])


def _cell(inputs: list[Any], outputs: list[Any]) -> int:
    """Input ``[B, C]``, states, the two matrices."""
    batch = prod(_sizes(inputs[0])[:-1])
    return batch * (prod(_sizes(inputs[2])) + prod(_sizes(inputs[3])))


def _attention(inputs: list[Any], outputs: list[Any]) -> int:
    query, key, value = (_sizes(item) for item in inputs[:3])
    return prod(query[:-1]) * key[-2] * (query[-1] + value[-1])


def _distances(inputs: list[Any], outputs: list[Any]) -> int:
    return prod(_sizes(outputs[0])) * _sizes(inputs[0])[-1]


def _added_product(inputs: list[Any], outputs: list[Any]) -> int:
    return prod(_sizes(outputs[0])) * _sizes(inputs[1])[-1]


def _product(inputs: list[Any], outputs: list[Any]) -> int:
    return prod(_sizes(outputs[0])) * _sizes(inputs[0])[-1]


def _einsum(inputs: list[Any], outputs: list[Any]) -> int:
    """Two operands: every combination of indices once."""
    equation = inputs[0].toIValue().replace(" ", "").split("->")[0]
    shapes = [_sizes(item) for item in inputs[1].node().inputs()]
    sizes: dict[str, int] = {}
    for letters, shape in zip(equation.split(","), shapes, strict=True):
        sizes.update(zip(letters, shape, strict=True))
    return prod(sizes.values()) if len(shapes) == 2 else 0


def _no_products(inputs: list[Any], outputs: list[Any]) -> int:
    """For what fvcore would add to its sum although nothing is multiplied and accumulated."""
    return 0


_HANDLERS: dict[str, Handler] = {
    **{
        f"aten::{name}": _no_products
        for name in words(
            "adaptive_avg_pool2d batch_norm grid_sampler group_norm instance_norm layer_norm "
            "upsample_bilinear2d upsample_nearest2d"
        )
    },
    "aten::lstm": _recurrent,
    "aten::gru": _recurrent,
    "aten::rnn_tanh": _recurrent,
    "aten::rnn_relu": _recurrent,
    "aten::lstm_cell": _cell,
    "aten::gru_cell": _cell,
    "aten::rnn_tanh_cell": _cell,
    "aten::rnn_relu_cell": _cell,
    "aten::scaled_dot_product_attention": _attention,
    "aten::cdist": _distances,
    "aten::baddbmm": _added_product,
    "aten::addmv": _added_product,
    "aten::mv": _product,
    "aten::dot": _product,
    "aten::einsum": _einsum,
}
"""What fvcore does not know, or not exactly."""

_COMPOSITE = words("""softmax log_softmax layer_norm group_norm batch_norm instance_norm rms_norm
frobenius_norm cosine_similarity normalize selu celu hardswish prelu adaptive_avg_pool1d
adaptive_avg_pool2d avg_pool1d max_pool1d max_pool2d upsample_nearest1d upsample_nearest2d
upsample_linear1d upsample_bilinear2d grid_sampler stft istft fft_rfft fft_irfft fft_fft fft_ifft
fft_rfft2 fft_irfft2 to type_as pad reflection_pad1d view_as expand_as reshape_as Int Float Bool
ScalarImplicit FloatImplicit IntImplicit len tensor_split numpy_T is_floating_point to_dense
feature_dropout mse_loss broadcast_tensors meshgrid where_self linalg_norm log_sigmoid
pad_sequence device tensor __and__ __or__ __getitem__ list""")

_IGNORED = sorted(
    {
        f"aten::{name}{suffix}"
        for name in (*NO_PRODUCTS, *(name.removeprefix("aten.") for name in IGNORED), *_COMPOSITE)
        for suffix in ("", "_")
    }
)
"""Operators in which nothing is multiplied and accumulated, and Fourier transforms."""
