"""The examples of layers and quantizers on the page of the format, made parts of whole designs."""

from __future__ import annotations

from typing import Any

import yaml

from lrac_audit.design.native.reader import FORMAT
from tests.documents.blocks import blocks

PAGE = "design-format.md"
CHANNELS, HOP = 24, 240


def whole_designs() -> list[str]:
    """Return the designs of the page as text, in their order."""
    return [b.text for b in blocks(PAGE, "yaml") if FORMAT.key in yaml.safe_load(b.text)]


def quantizer_examples() -> dict[str, Any]:
    """Return the content of the field ``quantizer``, by the name of its kind.

    Raises:
        ValueError: an example has another field, or a kind has two examples.
    """
    found: dict[str, Any] = {}
    for block in blocks(PAGE, "yaml"):
        example = yaml.safe_load(block.text)
        if isinstance(example, dict) and FORMAT.key not in example:
            ((field, content),) = example.items()
            (name,) = content if isinstance(content, dict) else (content,)
            if field != "quantizer" or name in found:
                raise ValueError(f"{field} {name} is no single example of a quantizer")
            found[name] = content
    return found


def layer_examples() -> dict[str, list[Any]]:
    """Return the lists of one layer, by the name of its kind.

    Raises:
        ValueError: a list has another number of layers, or a kind has two examples.
    """
    found: dict[str, list[Any]] = {}
    for block in blocks(PAGE, "yaml"):
        example = yaml.safe_load(block.text)
        if isinstance(example, list):
            (layer,) = example
            (name,) = layer if isinstance(layer, dict) else (layer,)
            if name in found:
                raise ValueError(f"there are two examples of {name}")
            found[name] = example
    return found


def design_around(example: list[Any]) -> dict[str, Any]:
    """Return a design with ``example`` in it, behind a layer of 24 channels at a hop of 240.

    A head of spectra stands behind a linear map to the values that it takes.
    """
    (layer,) = example
    name, fields = next(iter(layer.items())) if isinstance(layer, dict) else (layer, {})
    factor = fields.get("stride") or fields.get("factor") or fields.get("hop") or 1
    raises = name not in ("conv", "stft", "mdct") and factor > 1
    values = {"istft": fields.get("window", 0) + 2, "imdct": factor}.get(name)
    before = [{"linear": {"channels": values}}] if values else []
    down, up = (1, factor) if raises else (factor, 1)
    return {
        FORMAT.key: FORMAT.version,
        "name": name,
        "sample_rate_hz": 24_000,
        "encoder": {
            "layers": [
                {"conv": {"kernel": 1, "channels": CHANNELS}},
                *([] if raises else example),
                {"conv": {"kernel": HOP // down, "stride": HOP // down, "channels": CHANNELS}},
            ]
        },
        "quantizer": {"layers": 6, "codebook_size": 1024, "codebook_dim": 8, "modes": [1, 6]},
        "decoder": {
            "layers": [
                *([*before, *example] if raises else []),
                {"transposed_conv": {"kernel": HOP // up, "stride": HOP // up}},
                {"conv": {"kernel": 1, "channels": 1}},
            ]
        },
    }
