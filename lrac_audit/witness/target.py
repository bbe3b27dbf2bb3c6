"""The input of every witness: a codec as callables, whoever wrote it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from lrac_audit.ledger.row import Side, Stage
from lrac_audit.witness.signals import Signal


class TargetMode(NamedTuple):
    """One bitrate of a codec, and the quantizer's two directions at it."""

    bitrate_kbps: float
    quantise: Callable[[Tensor], Any]
    """Latent ``[B, D, F]`` to codes: a tensor, or whatever ``dequantise`` takes."""
    dequantise: Callable[[Any], Tensor]
    """Codes to the latent ``[B, D, F]`` that the receiver starts from."""
    active_layers: int | None = None
    """Layers of the quantizer that work in this mode; None where it has no layers."""


@dataclass(frozen=True)
class AuditTarget:
    """A codec to be measured. All callables take and return batches, time last.

    A codec whose ``receive`` is None is audited whole: ``transmit`` is then the whole codec, from
    audio to audio, and nothing is said about its sides.
    """

    name: str
    root: nn.Module
    """Holds every module that the callables use; rows are named by the paths in it."""
    sample_rate_hz: int
    hop_samples: int
    """Samples of audio after which the codec repeats the same steps; one frame."""
    transmit: Callable[[Tensor], Tensor]
    """Audio ``[B, C, T]``, T whole hops, to the latent ``[B, D, F]``."""
    receive: Callable[[Tensor], Tensor] | None = None
    """Latent to audio ``[B, C, T]``, which may come out longer or shorter by less than a hop."""
    modes: tuple[TargetMode, ...] = ()
    """By bitrate, ascending; none for a codec without a quantizer."""
    audio_channels: int = 1
    transmit_quantises: bool = False
    """Whether ``transmit`` gives codes, its quantizer included, and ``receive`` takes them. The
    functions of a mode then hand the codes on as they are."""
    narrow: AuditTarget | None = None
    """The same layers with fewer channels and the same module paths, if there is such a model. It
    is exactly as late, and the effect of late input is shown on it, in less time."""
    notes: tuple[str, ...] = ()
    """Sentences on how the codec was adapted that a reader of the audit must know."""
    signal: Signal | None = None
    """Makes the audio that the codec is measured on; None for noise."""


def random_audio(target: AuditTarget, hops: int, on_meta: bool) -> Tensor:
    """Return the audio ``[1, C, T]`` to measure on, noise if the target has no other signal.

    It is in the dtype of the model, and on ``meta`` without values.
    """
    like = _first_parameter(target.root)
    shape = 1, target.audio_channels, hops * target.hop_samples
    if on_meta:
        return torch.empty(shape, dtype=like.dtype, device="meta")
    if target.signal is not None:
        return target.signal(*shape[1:], target.sample_rate_hz).to(like)
    noise = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    return (0.1 * noise).to(like)


def in_dtype_of(target: AuditTarget, audio: Tensor) -> Tensor:
    """Return ``audio`` in the dtype and on the device of the model."""
    return audio.to(_first_parameter(target.root))


def _first_parameter(root: nn.Module) -> Tensor:
    for tensor in (*root.parameters(), *root.buffers()):
        if tensor.is_floating_point():
            return tensor
    return torch.empty(0)


StageRun = tuple[Side, Stage, Callable[[Any], Any]]


def signal_stages(target: AuditTarget, mode: TargetMode | None) -> list[StageRun]:
    """Return the callables in the order in which the signal passes them, with side and stage."""
    if target.receive is None:
        return [_undivided(target)]
    steps: list[StageRun] = [("transmit", "encoder", target.transmit)]
    if mode is not None:
        steps.append(("transmit", "rvq", mode.quantise))
        steps.append(("receive", "rvq", mode.dequantise))
    return [*steps, ("receive", "decoder", target.receive)]


def _undivided(target: AuditTarget) -> StageRun:
    """Return the one stage of a codec that is audited whole."""
    return "transmit", "encoder", target.transmit
