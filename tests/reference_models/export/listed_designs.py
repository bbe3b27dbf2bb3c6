"""A design with attention of every kind, recurrent layers and noise, to test engines with."""

from __future__ import annotations

import yaml

from lrac_audit.design.formats import read_design_data
from lrac_audit.design.parts import CodecDesign
from tests.reference_models.nn.listed import document

ROTARY = {
    "window": 5,
    "heads": 2,
    "layers": 2,
    "look_ahead": 1,
    "position": "rotary",
    "gated": True,
}
LEARNED = {"window": 3, "heads": 4, "position": "learned", "norm": "rms", "scale": True}
LISTED = {
    "encoder": [{"transformer": ROTARY}, {"gru": {"width": 5}}, {"linear": {"channels": 8}}],
    "decoder": [
        {"transformer": LEARNED},
        {"noise": {}},
        {"transformer": {**ROTARY, "layers": 1}},
        {"noise": {}},
    ],
}


def listed_design() -> CodecDesign:
    """Return it; 15 steps of a frame attend in the encoder, and one step in the decoder.

    The first noise comes with its frame, the second one a step late.
    """
    return read_design_data(yaml.safe_dump(document(**LISTED))).design
