"""Find the audio, the codes or the latent in what a codec of somebody else returns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from lrac_audit.witness.dispatch import tensors_in

CODE_FIELDS = ("audio_codes", "codes", "indices", "tokens")
LATENT_FIELDS = ("latents", "latent", "embeddings", "z", "mean")
AUDIO_FIELDS = ("audio_values", "audio", "wav", "waveform", "sample", "x")


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


def payload_of(result: Any) -> Any:
    """Return the codes in what ``encode`` returns, or else the latent, or else all of it."""
    found = _field(result, CODE_FIELDS)
    if found is None:
        found = _field(result, LATENT_FIELDS)
    plain = _plain(result)
    if found is not None or isinstance(plain, Tensor):
        return plain if found is None else found
    tensors = list(tensors_in(plain))
    codes = [tensor for tensor in tensors if is_codes(tensor)]
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


def is_codes(tensor: Tensor) -> bool:
    """Return whether a tensor holds whole numbers."""
    return not tensor.is_floating_point() and not tensor.is_complex()
