"""Loading of the codecs that options name, with the sides that a command needs."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import torch

from lrac_audit.design.formats import load_design
from lrac_audit.errors import InputError, Problem
from reference_models.nn.codec import Codec
from reference_models.nn.fingerprint import design_fingerprint, weights_fingerprint
from reference_models.nn.weights import load_codec as load_weights

WEIGHTS_WANTED = (
    "a file of weights; `lrac-codec init` writes an untrained one, `lrac-codec import-espnet` "
    "takes over a checkpoint of the public recipe"
)


def load_codec(
    weights: Path | None, design: str | None, side: Literal["transmit", "receive"] | None = None
) -> Codec:
    """Return the codec of ``weights``, which must be of ``design`` if one is given.

    Raises:
        InputError: there are no weights, they are of another design, or lack the ``side``.
    """
    if weights is None:
        raise InputError("options", [Problem("--weights", "nothing", WEIGHTS_WANTED)])
    codec = load_weights(weights, side)
    if design is not None:
        expected = load_design(design).design
        if design_fingerprint(expected) != design_fingerprint(codec.design):
            problem = Problem("design", codec.design.name, f"{expected.name}, as --design says")
            raise InputError(str(weights), [problem])
    return codec


def load_pair(
    transmit_weights: Path | None, receive_weights: Path | None, design: str | None
) -> tuple[Codec, Codec]:
    """Return a codec for each side: the same one, or two that were absorbed from the same weights.

    Raises:
        InputError: as :func:`load_codec`, or the two do not belong together.
    """
    transmit = load_codec(transmit_weights, design, "transmit")
    if receive_weights is None:
        if transmit.variant != "trained":
            allowed = f"the receive side of {transmit_weights} too, which holds one side only"
            raise InputError("options", [Problem("--receive-weights", "nothing", allowed)])
        return transmit, transmit
    receive = load_codec(receive_weights, design, "receive")
    ours, theirs = weights_fingerprint(transmit), weights_fingerprint(receive)
    if ours != theirs:
        problem = Problem("weights", theirs, f"{ours}, as of {transmit_weights}")
        raise InputError(str(receive_weights), [problem])
    return transmit, receive


def use_threads(threads: int | None) -> None:
    """Set the number of threads of torch; None leaves its default."""
    if threads is not None:
        torch.set_num_threads(threads)
