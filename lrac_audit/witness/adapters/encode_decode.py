"""Adapt any codec with ``encode`` and ``decode``, whatever its two halves hand over.

A short run shows what ``encode`` returns: codes, several tensors of codes, or a latent. The
quantizer is counted with the half in which it runs.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from lrac_audit.witness.adapters.declared import Declared
from lrac_audit.witness.adapters.residual_quantizers import fill_empty
from lrac_audit.witness.adapters.results import is_codes
from lrac_audit.witness.adapters.short_run import ShortRun, short_run
from lrac_audit.witness.dispatch import tensors_in
from lrac_audit.witness.isolation import attributes_restored, one_thread, tensors_restored
from lrac_audit.witness.target import AuditTarget, TargetMode

NO_BITRATE = "Nothing says how many codewords its codebooks have, so its bitrate is not known."


def has_halves(model: object) -> bool:
    """Return whether ``model`` has ``encode`` and ``decode``."""
    return all(callable(getattr(model, name, None)) for name in ("encode", "decode"))


def adapt(model: Any, declared: Declared, source: str) -> AuditTarget:
    """Return ``model`` as a target of two sides.

    Raises:
        InputError: its halves do not run, or do not fit together.
    """
    filled = fill_empty(_codebooks(model, declared))
    with torch.no_grad(), one_thread(), tensors_restored(model), attributes_restored(model):
        run = short_run(model, declared, source)
    target = AuditTarget(
        name=type(model).__name__,
        root=model,
        sample_rate_hz=declared.sample_rate_hz,
        hop_samples=declared.hop_samples,
        transmit=run.halves.encode,
        receive=run.halves.decode,
        audio_channels=declared.audio_channels,
        notes=filled,
    )
    return _with_codes(target, run, declared)


def _codebooks(model: nn.Module, declared: Declared) -> list[Tensor]:
    """Return the buffers of ``model`` that have one row for each codeword."""
    size = declared.codebook_size
    return [b for b in model.buffers() if b.dim() == 2 and b.is_floating_point() and len(b) == size]


def _with_codes(target: AuditTarget, run: ShortRun, declared: Declared) -> AuditTarget:
    """Return ``target`` with the one mode of its codes; unchanged where it gives a latent."""
    codes = [tensor for tensor in tensors_in(run.payload) if is_codes(tensor)]
    if not codes:
        return target
    found = replace(target, transmit_quantises=True)
    if declared.codebook_size is None:
        return replace(found, notes=(*found.notes, NO_BITRATE))
    bitrate = _bitrate_kbps(sum(code.numel() for code in codes), run.hops, declared)
    return replace(found, modes=(TargetMode(bitrate, _as_sent, _as_sent),))


def _bitrate_kbps(codes: int, hops: int, declared: Declared) -> float:
    """Return the bitrate of so many ``codes`` in so many hops; each takes whole bits."""
    bits = ((declared.codebook_size or 1) - 1).bit_length()
    return codes * bits * declared.sample_rate_hz / (hops * declared.hop_samples) / 1000


def _as_sent(codes: Any) -> Any:
    """Return ``codes``: both halves of the codec do their part of the quantizer themselves."""
    return codes
