"""Adapt any codec with ``encode`` and ``decode``, whatever its two halves hand over.

A short run shows what ``encode`` returns: codes, several tensors of codes, or a latent. The
quantizer is counted with the half in which it runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from lrac_audit.errors import InputError
from lrac_audit.witness.adapters.declared import Declared
from lrac_audit.witness.adapters.residual_quantizers import fill_empty
from lrac_audit.witness.dispatch import tensors_in
from lrac_audit.witness.isolation import attributes_restored, one_thread, tensors_restored
from lrac_audit.witness.packages import failure
from lrac_audit.witness.target import AuditTarget, TargetMode

CODE_FIELDS = ("audio_codes", "codes", "indices", "tokens")
LATENT_FIELDS = ("latents", "latent", "embeddings", "z", "mean")
AUDIO_FIELDS = ("audio_values", "audio", "wav", "waveform", "sample", "x")
TRIED_HOPS = (8, 64)
"""Lengths of the short run; the longer one for models that refuse short clips."""
NO_BITRATE = "Nothing says how many codewords its codebooks have, so its bitrate is not known."


def has_halves(model: object) -> bool:
    """Return whether ``model`` has ``encode`` and ``decode``."""
    return all(callable(getattr(model, name, None)) for name in ("encode", "decode"))


class _Run(NamedTuple):
    """A short run of a codec."""

    encode: Callable[[Tensor], Any]
    hops: int
    payload: Any
    """The codes or the latent that ``decode`` takes."""


def adapt(model: Any, declared: Declared, source: str) -> AuditTarget:
    """Return ``model`` as a target of two sides.

    Raises:
        InputError: its halves do not run, or do not fit together.
    """
    filled = fill_empty(_codebooks(model, declared))
    with torch.no_grad(), one_thread(), tensors_restored(model), attributes_restored(model):
        run = _short_run(model, declared, source)
    target = AuditTarget(
        name=type(model).__name__,
        root=model,
        sample_rate_hz=declared.sample_rate_hz,
        hop_samples=declared.hop_samples,
        transmit=run.encode,
        receive=_decode(model),
        audio_channels=declared.audio_channels,
        notes=filled,
    )
    return _with_codes(target, run, declared)


def audio_of(result: Any) -> Tensor:
    """Return the audio ``[B, C, T]`` in what a codec returns.

    Raises:
        ValueError: there is none.
    """
    found = _field(result, AUDIO_FIELDS)
    if found is None:
        found = next((t for t in tensors_in(_plain(result)) if t.is_floating_point()), None)
    if not isinstance(found, Tensor):
        raise ValueError(f"a {type(result).__name__} in which there is no audio")
    return found.unsqueeze(1) if found.dim() == 2 else found


def _encode(model: Any, with_channels: bool) -> Callable[[Tensor], Any]:
    def encode(audio: Tensor) -> Any:
        return _payload(model.encode(audio if with_channels else audio.squeeze(1)))

    return encode


def _decode(model: Any) -> Callable[[Any], Tensor]:
    return lambda payload: audio_of(model.decode(payload))


def _short_run(model: nn.Module, declared: Declared, source: str) -> _Run:
    """Return the first run that succeeds; audio is given with its channels, then without.

    Raises:
        InputError: none succeeds.
    """
    failures: list[BaseException] = []
    for with_channels in (True, False):
        encode = _encode(model, with_channels)
        for hops in TRIED_HOPS:
            try:
                payload = encode(_noise(model, declared, hops))
                _decode(model)(payload)
            except (Exception, SystemExit) as error:  # whatever a third party's module raises
                failures.append(error)
            else:
                return _Run(encode, hops, payload)
    next_step = (
        "correct it there, so that decode takes what encode(audio) returns, the audio being "
        "[B, C, T] or [B, T] of whole hops; or return an AuditTarget"
    )
    problem = failure("encode and decode", failures[0], next_step)
    raise InputError(source, [problem]) from failures[0]


def _noise(model: nn.Module, declared: Declared, hops: int) -> Tensor:
    like = next((p for p in model.parameters() if p.is_floating_point()), torch.empty(0))
    shape = 1, declared.audio_channels, hops * declared.hop_samples
    return (0.1 * torch.randn(shape, generator=torch.Generator().manual_seed(0))).to(like)


def _payload(result: Any) -> Any:
    """Return the codes in what ``encode`` returns, or else the latent, or else all of it."""
    found = _field(result, CODE_FIELDS)
    if found is None:
        found = _field(result, LATENT_FIELDS)
    plain = _plain(result)
    if found is not None or isinstance(plain, Tensor):
        return plain if found is None else found
    tensors = list(tensors_in(plain))
    codes = [tensor for tensor in tensors if _is_codes(tensor)]
    if tensors and len(codes) == len(tensors):
        return plain
    return next(iter([*codes, *tensors]), plain)


def _plain(result: Any) -> Any:
    """Return a result whose fields are attributes as a dictionary, any other as it is."""
    if isinstance(result, Tensor | list | tuple | Mapping):
        return result
    return dict(getattr(result, "__dict__", {}))


def _field(result: Any, names: tuple[str, ...]) -> Any:
    """Return the first of the fields that ``result`` has and that is not None."""
    if isinstance(result, Tensor):
        return None
    for name in names:
        is_mapping = isinstance(result, Mapping)
        found = result.get(name) if is_mapping else getattr(result, name, None)
        if found is not None and not callable(found) and any(True for _ in tensors_in(found)):
            return found
    return None


def _is_codes(tensor: Tensor) -> bool:
    return not tensor.is_floating_point() and not tensor.is_complex()


def _codebooks(model: nn.Module, declared: Declared) -> list[Tensor]:
    """Return the buffers of ``model`` that have one row for each codeword."""
    size = declared.codebook_size
    return [b for b in model.buffers() if b.dim() == 2 and b.is_floating_point() and len(b) == size]


def _with_codes(target: AuditTarget, run: _Run, declared: Declared) -> AuditTarget:
    """Return ``target`` with the one mode of its codes; unchanged where it gives a latent."""
    codes = list(tensors_in(run.payload))
    if not all(map(_is_codes, codes)):
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
