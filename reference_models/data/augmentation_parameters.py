"""Parameters of augmentation: probabilities and ranges of reverberation and noise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from lrac_audit.errors import Problem
from lrac_audit.validation.declaration import Marker
from lrac_audit.validation.kinds import Number, Whole
from lrac_audit.validation.part import rules_of

Probability = Annotated[float, Number(0, 1)]
Ratio = Annotated[float, Number(-100, 100)]


@dataclass(frozen=True, slots=True)
class AugmentationParameters:
    """How often and how much; the defaults are the public recipe's."""

    reverb_probability: Probability = 0.5
    """Share of the utterances that are put into a room."""
    noise_probability: Probability = 0.8
    """Share of the utterances that noise is added to."""
    min_snr_db: Ratio = -5.0
    """Lowest ratio of speech to noise, in dB; each utterance draws one between the two."""
    max_snr_db: Ratio = 30.0
    """Highest ratio of speech to noise, in dB."""
    early_ms: Annotated[float, Number(0, 1000)] = 50.0
    """What of a room impulse response the target keeps after its peak, in milliseconds."""
    sample_rate_hz: Annotated[int, Whole(1, 10**7), Marker.NOT_IN_FILE] = 24_000
    """That of the design."""


@rules_of(AugmentationParameters)
def _broken_rules(
    parameters: AugmentationParameters, bad_fields: frozenset[str]
) -> Iterator[Problem]:
    low, high = parameters.min_snr_db, parameters.max_snr_db
    if bad_fields.isdisjoint(("min_snr_db", "max_snr_db")) and low > high:
        yield Problem("min_snr_db", f"{low:g}", f"at most max_snr_db, {high:g}")
