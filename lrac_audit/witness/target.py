"""What a witness is given: a codec as callables, whoever wrote it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from torch import Tensor, nn


class TargetMode(NamedTuple):
    """One bitrate of a codec, and how its quantizer works there."""

    bitrate_kbps: float
    quantise: Callable[[Tensor], Any]
    """Latent ``[B, D, F]`` to codes: a tensor, or whatever ``dequantise`` takes."""
    dequantise: Callable[[Any], Tensor]
    """Codes to the latent ``[B, D, F]`` that the receiver starts from."""
    active_layers: int | None = None
    """Layers of the quantizer that work in this mode, where there is such a notion."""


@dataclass(frozen=True)
class AuditTarget:
    """A codec to be measured. All callables take and return batches, time last.

    A codec whose ``receive`` is None is audited whole: ``transmit`` is then everything, from audio
    to audio, and nothing is said about its sides.
    """

    name: str
    root: nn.Module
    """Holds every module that the callables use; rows are named by the paths in it."""
    sample_rate_hz: int
    hop_samples: int
    """Samples of audio after which the codec does the same again; a frame."""
    transmit: Callable[[Tensor], Tensor]
    """Audio ``[B, C, T]``, T whole hops, to the latent ``[B, D, F]``."""
    receive: Callable[[Tensor], Tensor] | None = None
    """Latent to audio ``[B, C, T]``, which may come out longer or shorter by less than a hop."""
    modes: tuple[TargetMode, ...] = ()
    """By bitrate, ascending; none for a codec without a quantizer."""
    audio_channels: int = 1
    narrow: AuditTarget | None = None
    """The same layers with fewer channels and the same module paths, if there is such a model: its
    delays, which are the same, are then probed in its place, in less time."""
    notes: tuple[str, ...] = ()
    """What a reader of the audit must know about how the codec was taken, one sentence each."""
