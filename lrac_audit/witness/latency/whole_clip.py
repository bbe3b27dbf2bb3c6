"""Find which module makes the output depend on the whole clip, and why."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from torch import nn

from lrac_audit.witness.dependency.operations import Operation, ancestors
from lrac_audit.witness.latency.attribution import module_of
from lrac_audit.witness.latency.timed_trace import TimedTrace, along
from lrac_audit.witness.latency.upper_bound import middle_of

REASONS = (
    ("native_group_norm", "a norm whose statistics run over time"),
    ("native_layer_norm", "a norm whose statistics run over time"),
    ("native_batch_norm", "a norm that takes its statistics from the clip or the batch"),
    ("_native_batch_norm_legit", "a norm that takes its statistics from the clip or the batch"),
    ("_softmax", "attention over the future"),
    ("_safe_softmax", "attention over the future"),
    ("_scaled_dot_product", "attention over the future"),
    ("mean", "a mean over time"),
    ("var", "a variance over time"),
    ("std", "a variance over time"),
    ("sum", "a sum over time"),
    ("linalg_vector_norm", "a norm over time"),
    ("amax", "a maximum over time"),
    ("max", "a maximum over time"),
    ("amin", "a minimum over time"),
    ("min", "a minimum over time"),
    ("flip", "time is reversed"),
    ("cumsum", "a sum that runs against time"),
    ("_fft", "a Fourier transform over the whole clip"),
)
"""Why the result of an operator needs the whole clip, by the start of the operator's name."""

FRAMING_OPERATIONS = 8
"""Greatest number of operations between the padding and the transform of an STFT."""


def first_to_see_the_end(timed: TimedTrace) -> Operation:
    """Return the first operation whose steps in the middle depend on the last hop of the clip."""
    used = set(ancestors(timed.trace.stage_results[-1]))
    return next(
        operation
        for operation in timed.trace.operations
        if operation in used and _sees_the_end(timed, operation)
    )


def whole_clip_sentence(timed: TimedTrace, first: Operation) -> str:
    """Say in which module, and by which operation, ``first`` came to depend on the whole clip."""
    root = timed.section.root
    module = root.get_submodule(first.module_path)
    if isinstance(module, nn.RNNBase) and module.bidirectional:
        return f"{described(root, first)}: a bidirectional layer"
    cause = _cause(timed, first)
    reason = _reason(cause) or f"the operation {cause.operator.split('.')[0]} over time"
    return f"{described(root, cause)}: {reason}"


def _sees_the_end(timed: TimedTrace, operation: Operation) -> bool:
    axis = timed.axis(operation)
    if axis is None:
        return False
    latest = along(operation.latest, axis)
    hop_steps = timed.section.target.hop_samples // timed.section.in_period
    return int(latest[middle_of(len(latest))].max()) >= timed.input.shape[-1] - hop_steps


def _cause(timed: TimedTrace, operation: Operation) -> Operation:
    """Return the operation behind ``operation`` that removed the time axis, if one did."""
    waiting, seen = [operation], {operation}
    while waiting:
        candidate = waiting.pop()
        if _reason(candidate):
            return candidate
        more = {source for source in candidate.sources if timed.axis(source) is None} - seen
        waiting += sorted(more, key=timed.place.__getitem__)
        seen |= more
    return operation


def _reason(operation: Operation) -> str | None:
    return next((text for name, text in REASONS if operation.operator.startswith(name)), None)


def described(root: nn.Module, operation: Operation) -> str:
    """Return the module of ``operation`` by path and class."""
    path = module_of(root, operation)
    kind = type(root.get_submodule(path)).__name__
    return f"{path} ({kind})" if path else f"the target itself ({kind})"


def centred_transforms(timed: TimedTrace, stages: Collection[str]) -> Iterator[str]:
    """Yield a sentence on each STFT in ``stages`` that mirrors the clip at its ends."""
    for operation in timed.trace.operations:
        if (
            operation.stage in stages
            and operation.operator.startswith("_fft_r2c")
            and _is_mirrored(operation)
        ):
            where = described(timed.section.root, operation)
            yield f"{where}: a centred STFT, which mirrors the clip at its ends"


def _is_mirrored(operation: Operation) -> bool:
    """Return whether reflection padding stands between ``operation`` and the layer before it."""
    for _ in range(FRAMING_OPERATIONS):
        if not operation.sources:
            return False
        operation = operation.sources[-1]
        if operation.operator.startswith("reflection_pad"):
            return True
    return False
