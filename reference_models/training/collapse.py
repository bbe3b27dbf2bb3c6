"""Signs that a codec collapses: a latent, layers or codebooks that are hardly used."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from reference_models.training.run_description import MEAN
from reference_models.training.validation import Validation

FEW_DIRECTIONS = 0.05
"""Share of the latent's width below which its effective directions are few."""
LOW_PERPLEXITY = 0.02
"""Share of a codebook's size below which its perplexity is low."""


def collapse_signs(validation: Validation) -> Iterator[str]:
    """Yield a sentence for each sign of collapse in ``validation``."""
    latent = validation.latent
    if latent.directions < FEW_DIRECTIONS * latent.width:
        yield f"the latent varies in {latent.directions:.1f} of {latent.width} directions"
    harmful = [i for i, share in enumerate(latent.residual_shares, start=1) if share >= 1]
    if harmful:
        yield f"the latent's mean alone would leave no larger a residual than {_numbered(harmful)}"
    poor = [
        i
        for i, use in enumerate(validation.codebooks, start=1)
        if use.perplexity < LOW_PERPLEXITY * use.size
    ]
    if poor:
        yield f"hardly any codeword is chosen in {_numbered(poor)}"
    losses = [(name, loss) for name, loss in validation.mel.items() if name != MEAN]
    for (fewer, loss), (more, lower) in pairwise(losses):
        if lower >= loss:
            yield f"{more} is no better than {fewer}"


def _numbered(layers: list[int]) -> str:
    return f"layer{'s' * (len(layers) > 1)} {', '.join(map(str, layers))}"
