"""Adapt any other module: it is audited whole, from audio to audio."""

from __future__ import annotations

from numbers import Integral

from torch import nn

from lrac_audit.errors import InputError, Problem, shown
from lrac_audit.witness.target import AuditTarget

RATE_NAMES = ("sample_rate_hz", "sample_rate", "sampling_rate")
HOP_NAMES = ("hop_samples", "hop_length", "hop_size")
CHANNEL_NAMES = ("audio_channels",)


def adapt(model: nn.Module, source: str) -> AuditTarget:
    """Return ``model`` as a target without sides.

    Raises:
        InputError: it has no attribute that gives its sample rate, or none that gives its hop.
    """
    problems: list[Problem] = []
    rate = _attribute(model, RATE_NAMES, problems)
    hop = _attribute(model, HOP_NAMES, problems)
    channels = _attribute(model, CHANNEL_NAMES, [])
    if rate is None or hop is None:
        raise InputError(source, problems)
    return AuditTarget(
        name=type(model).__name__,
        root=model,
        sample_rate_hz=rate,
        hop_samples=hop,
        transmit=model,
        audio_channels=channels or 1,
    )


def _attribute(model: nn.Module, names: tuple[str, ...], problems: list[Problem]) -> int | None:
    for name in names:
        value = getattr(model, name, None)
        if isinstance(value, Integral) and int(value) > 0:
            return int(value)
        if value is not None:
            problems.append(Problem(name, shown(value), "a positive whole number"))
            return None
    allowed = f"an AuditTarget, or a module with the attribute {' or '.join(names)}"
    given = f"a {type(model).__name__} that does not say"
    problems.append(Problem(names[0], given, allowed))
    return None
