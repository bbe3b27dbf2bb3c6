"""Short names for a design and for a codec's weights, by which two files know each other."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace

import torch
from torch import Tensor, nn

from lrac_audit.design.native_writer import write_design
from lrac_audit.design.parts import CodecDesign
from reference_models.nn.codec import Codec
from reference_models.nn.conv import fold_weight_norm

HEX_DIGITS = 16
_NOT_FOR_CODING = ("cluster_size", "embed_avg", "inited")
"""What a codebook keeps only to learn."""


def design_fingerprint(design: CodecDesign) -> str:
    """The first 16 hex digits of the SHA-256 of what ``design`` computes, by whatever name."""
    text = write_design(replace(design, name="codec", limits=None))
    return hashlib.sha256(text.encode()).hexdigest()[:HEX_DIGITS]


def weights_fingerprint(codec: Codec) -> str:
    """The first 16 hex digits of the SHA-256 of the weights that ``codec`` codes with.

    An absorbed codec has that of the trained codec it was made from, so that its two halves and
    the whole understand each other.
    """
    if codec.variant == "trained":
        return _hashed(coding_weights(codec))
    if codec.origin_fingerprint is None:
        raise ValueError("an absorbed codec that does not say what it was made from")
    return codec.origin_fingerprint


def coding_weights(module: nn.Module) -> dict[str, Tensor]:
    """The weights of ``module`` by name, weight norm folded, without what serves learning only."""
    folded = deepcopy(module)
    with torch.no_grad():
        fold_weight_norm(folded)
    state = folded.state_dict()
    return {name: state[name] for name in sorted(state) if not name.endswith(_NOT_FOR_CODING)}


def _hashed(weights: Mapping[str, Tensor]) -> str:
    digest = hashlib.sha256()
    for name, value in weights.items():
        digest.update(f"{name} {list(value.shape)}\n".encode())
        digest.update(value.float().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:HEX_DIGITS]
