"""Find which module makes the output depend on the whole clip, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from torch import nn

from lrac_audit.witness.latency.attribution import module_of
from lrac_audit.witness.latency.dataflow import Node
from lrac_audit.witness.latency.onsets import Onsets

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


def whole_clip_reason(
    root: nn.Module, near: Onsets, far: Onsets, among: Iterable[int]
) -> str | None:
    """Name the first operation that moves just as early when the change is farther away."""
    for index in sorted(among):
        if near.ahead[index] is not None and near.moved[index] == far.moved[index]:
            return _sentence(root, near.nodes[_cause(near, index)])
    return None


def _cause(onsets: Onsets, index: int) -> int:
    """Return the operation behind ``index`` that removed the time axis, if one did."""
    waiting = [index]
    while waiting:
        i = waiting.pop()
        if _reason(onsets.nodes[i]):
            return i
        waiting += [source for source in onsets.nodes[i].sources if onsets.ahead[source] is None]
    return index


def _reason(node: Node) -> str | None:
    return next((text for name, text in REASONS if node.op.startswith(name)), None)


def _sentence(root: nn.Module, node: Node) -> str:
    """Return a sentence on what ``node`` does, and in which module."""
    reason = _reason(node) or f"the operation {node.op.split('.')[0]} over time"
    return f"{described(root, module_of(root, node))}: {reason}"


def described(root: nn.Module, path: str) -> str:
    """Return a module by path and class."""
    kind = type(root.get_submodule(path)).__name__
    return f"{path} ({kind})" if path else f"the target itself ({kind})"


def bidirectional_layers(root: nn.Module, onsets: Onsets) -> Iterator[str]:
    """Yield a sentence on each recurrent layer in use that also runs from the end to the start."""
    used = {node.owner for node in onsets.nodes}
    for path, module in root.named_modules():
        if isinstance(module, nn.RNNBase) and module.bidirectional and path in used:
            yield f"{described(root, path)}: a bidirectional layer"


def has_recurrent_layer(root: nn.Module, onsets: Onsets) -> bool:
    """Return whether a recurrent layer is in use: its past fades, but has no end."""
    used = {node.owner for node in onsets.nodes}
    return any(
        isinstance(module, nn.RNNBase | nn.RNNCellBase) and path in used
        for path, module in root.named_modules()
    )


def centred_transforms(root: nn.Module, onsets: Onsets) -> Iterator[str]:
    """Yield a sentence on each STFT whose frames reach over the mirrored ends of the clip."""
    for index, node in enumerate(onsets.nodes):
        if node.op.startswith("_fft_r2c") and _is_mirrored(onsets, index):
            where = described(root, module_of(root, node))
            yield f"{where}: a centred STFT, which mirrors the clip at its ends"


def _is_mirrored(onsets: Onsets, index: int) -> bool:
    """Return whether reflection padding stands between ``index`` and the layer before it."""
    for _ in range(FRAMING_OPERATIONS):
        sources = onsets.nodes[index].sources
        if not sources:
            return False
        index = sources[-1]
        if onsets.nodes[index].op.startswith("reflection_pad"):
            return True
    return False
