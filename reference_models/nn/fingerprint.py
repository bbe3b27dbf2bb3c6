"""Fingerprints of a design and of a codec's weights, by which files are matched."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace

from torch import Tensor

from lrac_audit.design.native import design_tree
from lrac_audit.design.parts import CodecDesign
from reference_models.nn.codec import Codec
from reference_models.nn.conv import folded_state

HEX_DIGITS = 16
_NOT_FOR_CODING = ("cluster_size", "embed_avg", "inited")
"""Buffers of a codebook that only training needs."""


def design_fingerprint(design: CodecDesign) -> str:
    """Return the first 16 hex digits of the SHA-256 of ``design`` without its name and limits."""
    text = json.dumps(design_tree(replace(design, name="codec", limits=None)), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:HEX_DIGITS]


def weights_fingerprint(codec: Codec) -> str:
    """Return the first 16 hex digits of the SHA-256 of the weights of ``codec`` for inference.

    An absorbed codec has that of the trained codec it was made from, so that files of either one
    can be decoded by the other.
    """
    if codec.variant == "trained":
        return _hashed(folded_state(codec))
    if codec.origin_fingerprint is None:
        raise ValueError("an absorbed codec that does not say what it was made from")
    return codec.origin_fingerprint


def _hashed(weights: Mapping[str, Tensor]) -> str:
    digest = hashlib.sha256()
    for name, value in sorted(weights.items()):
        if name.endswith(_NOT_FOR_CODING):
            continue
        digest.update(f"{name} {list(value.shape)}\n".encode())
        digest.update(value.float().cpu().numpy().astype("<f4").tobytes())
    return digest.hexdigest()[:HEX_DIGITS]
