"""Codecs that are recognised by their class, without any wrapper code.

Each module of this package knows one family. It imports nothing of that family's package: an
object can only be of a class whose module is imported already.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, NamedTuple

from torch import nn

from lrac_audit.witness.adapters import (
    descript,
    encodec,
    snac,
    transformers_dac,
    transformers_encodec,
    transformers_mimi,
    whole,
)
from lrac_audit.witness.target import AuditTarget
from reference_models.audit import adapter as reference


class Adapter(NamedTuple):
    """A class of codecs and how to take one apart."""

    distribution: str
    """What pip installs."""
    module: str
    class_name: str
    adapt: Callable[[Any], AuditTarget]


ADAPTERS = (
    Adapter("encodec", "encodec.model", "EncodecModel", encodec.adapt),
    Adapter("descript-audio-codec", "dac.model.dac", "DAC", descript.adapt),
    Adapter("snac", "snac.snac", "SNAC", snac.adapt),
    Adapter(
        "transformers",
        "transformers.models.encodec.modeling_encodec",
        "EncodecModel",
        transformers_encodec.adapt,
    ),
    Adapter(
        "transformers", "transformers.models.dac.modeling_dac", "DacModel", transformers_dac.adapt
    ),
    Adapter(
        "transformers",
        "transformers.models.mimi.modeling_mimi",
        "MimiModel",
        transformers_mimi.adapt,
    ),
    Adapter("lrac-audit", "reference_models.nn.codec", "Codec", reference.adapt),
    Adapter("lrac-audit", "reference_models.nn.absorb", "Absorbed", reference.adapt_absorbed),
)

KNOWN_NAMES = ", ".join(dict.fromkeys(adapter.distribution for adapter in ADAPTERS))


def recognise(made: object, source: str) -> AuditTarget | None:
    """The target that ``made`` is, or None where it is no codec and no module.

    Raises:
        InputError: it is a module of which nobody knows the sample rate or the hop.
    """
    for adapter in ADAPTERS:
        known = getattr(sys.modules.get(adapter.module), adapter.class_name, None)
        if known is not None and isinstance(made, known):
            return adapter.adapt(made)
    return whole.adapt(made, source) if isinstance(made, nn.Module) else None
