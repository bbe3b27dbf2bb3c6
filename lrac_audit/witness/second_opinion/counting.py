"""Run a target under fvcore at several lengths, and take what one more hop costs."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from lrac_audit.ledger.row import Side, Stage
from lrac_audit.witness.second_opinion.handlers import HANDLERS, WITHOUT_PRODUCTS
from lrac_audit.witness.target import AuditTarget, TargetMode
from lrac_audit.witness.trace.arguments import tensors_in
from lrac_audit.witness.trace.measuring import LENGTHS_IN_HOPS, audio_of, stages_of
from lrac_audit.witness.trace.modules import everything_visible, untouched

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
    by_module: dict[Place, int] = {}
    by_stage: Counter[tuple[Side, Stage]] = Counter()
    unbounded = []
    for place in dict.fromkeys(place for count, _ in counts for place in count):
        macs = _per_hop(lengths, [count[place] for count, _ in counts])
        if macs is None:
            unbounded.append(place)
        elif macs > 0:
            by_module[place] = macs
            by_stage[place[:2]] += macs
    return SecondOpinion(by_module, dict(by_stage), counts[0][1], tuple(unbounded))


def _per_hop(lengths: tuple[int, int, int], macs: list[int]) -> int | None:
    """What one more hop costs; None if that is not the same everywhere."""
    short, middle, long = macs
    first, second = lengths[1] - lengths[0], lengths[2] - lengths[1]
    on_line = (middle - short) * second == (long - middle) * first
    if not on_line or (middle - short) % first:
        return None
    return (middle - short) // first


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
            analysis = _analysis(_Whole(target.root, step), value)
            for path, macs in _own(analysis.by_module()):
                found[side, stage, path] += macs
            unknown = dict(analysis.unsupported_ops())
            if unknown:
                unsupported[side, stage] = unknown
            value = step(value)
    return found, unsupported


def _own(totals: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    """Paths of modules, and what each does itself, the modules in it left out."""
    for name, macs in totals.items():
        below = sum(totals[child] for child in _children(name, totals))
        yield name.removeprefix("root").removeprefix("."), int(macs - below)


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
    for name in WITHOUT_PRODUCTS:
        analysis.set_op_handle(name, None)
    for name, handler in HANDLERS.items():
        analysis.set_op_handle(name, handler)
    return analysis
