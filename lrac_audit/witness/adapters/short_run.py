"""Run a codec with ``encode`` and ``decode`` on a short clip, to see which audio it takes.

Some take ``[B, C, T]``, others ``[B, T]`` or ``[C, T]``.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import product
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from lrac_audit.errors import InputError
from lrac_audit.witness.adapters.declared import Declared
from lrac_audit.witness.adapters.results import audio_of, payload_of
from lrac_audit.witness.packages import failure

TRIED_HOPS = (8, 64)
"""Lengths of the short run; the longer one for models that refuse short clips."""


class Halves(NamedTuple):
    """The two halves of a codec, from and to audio ``[B, C, T]``."""

    model: Any
    takes_channels: bool
    """Whether its own ``encode`` takes audio with an axis of channels."""
    passes_all: bool = False
    """Whether its ``decode`` takes all that ``encode`` returns, and not the codes alone."""

    def encode(self, audio: Tensor) -> Any:
        """Return what ``decode`` takes."""
        result = self.model.encode(audio if self.takes_channels else audio.squeeze(1))
        return result if self.passes_all else payload_of(result)

    def decode(self, payload: Any) -> Tensor:
        """Return the audio."""
        return audio_of(self.model.decode(payload))

    def coded(self, audio: Tensor) -> Tensor:
        """Return the audio that comes out for ``audio``."""
        return self.decode(self.encode(audio))


class ShortRun(NamedTuple):
    """A short run of a codec."""

    halves: Halves
    hops: int
    payload: Any
    """The codes or the latent that ``decode`` takes."""


def short_run(model: nn.Module, declared: Declared, source: str) -> ShortRun:
    """Return the first run that succeeds; audio is given with its channels, then without.

    ``decode`` is given the codes alone; where it refuses them, all that ``encode`` returns.

    Raises:
        InputError: none succeeds.
    """
    failures: list[BaseException] = []
    with_channels = (True, False) if declared.audio_channels == 1 else (True,)
    for takes_channels, passes_all in product(with_channels, (False, True)):
        halves = Halves(model, takes_channels, passes_all)
        for hops in TRIED_HOPS:
            try:
                payload = halves.encode(_noise(model, declared, hops))
                halves.decode(payload)
            except (Exception, SystemExit) as error:  # whatever a third party's module raises
                failures.append(error)
                continue
            if takes_channels or _takes_no_channels(halves, declared, hops):
                return ShortRun(halves, hops, payload)
    next_step = (
        "correct it there, so that decode takes what encode(audio) returns, the audio being "
        "[B, C, T] or [B, T] of whole hops; or return an AuditTarget"
    )
    problem = failure("encode and decode", failures[0], next_step)
    raise InputError(source, [problem]) from failures[0]


def _takes_no_channels(halves: Halves, declared: Declared, hops: int) -> bool:
    """Return whether a codec that ran on audio ``[1, T]`` takes that for what it is.

    Layers of torch take it for one channel without a batch. A codec of batches then cuts or joins
    frames where it would cut or join channels, and may run although its widths do not fit. So it
    has to code two clips at once, or to give back so much more audio as it is given.
    """
    return _codes_batches(halves, declared, hops) or _keeps_length(halves, declared, hops)


def _codes_batches(halves: Halves, declared: Declared, hops: int) -> bool:
    """Return whether two clips at once come out as two clips."""
    with suppress(Exception, SystemExit):
        return len(halves.coded(_noise(halves.model, declared, hops, batch=2))) == 2
    return False


def _keeps_length(halves: Halves, declared: Declared, hops: int) -> bool:
    """Return whether as many hops more come out as go in."""
    with suppress(Exception, SystemExit):
        short, long = (
            halves.coded(_noise(halves.model, declared, n)).shape[-1] for n in (hops, 2 * hops)
        )
        return long - short == hops * declared.hop_samples
    return False


def _noise(model: nn.Module, declared: Declared, hops: int, batch: int = 1) -> Tensor:
    like = next((p for p in model.parameters() if p.is_floating_point()), torch.empty(0))
    shape = batch, declared.audio_channels, hops * declared.hop_samples
    return (0.1 * torch.randn(shape, generator=torch.Generator().manual_seed(0))).to(like)
