"""Rules between the fields of a training configuration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from lrac_audit.design import parts
from lrac_audit.design.bounds import MAX_SIZE
from lrac_audit.design.quantizer import quantizer_field
from lrac_audit.errors import Problem, shown
from reference_models.training.configuration_parts import (
    Codebooks,
    DiscriminatorSizes,
    SpectrumSettings,
    Stage,
)
from reference_models.training.losses import AUDIO_LOSSES


def layer_problems(
    has: int, active_layers: Sequence[int], first_stages: Sequence[Stage]
) -> Iterator[Problem]:
    """Yield the entries of layers that a quantizer which ``has`` so many layers cannot train."""
    for i, layers in enumerate(active_layers):
        field = f"active_layers[{i}]"
        yield from _too_many(field, layers, has)
        if layers == 0 < has:
            allowed = "at least 1: only a design without a quantizer has 0"
            yield Problem(field, shown(layers), allowed)
    for s, stage in enumerate(first_stages):
        for i, layers in enumerate(stage.active_layers):
            yield from _too_many(f"first_stages[{s}].active_layers[{i}]", layers, has)


def _too_many(field: str, layers: int, has: int) -> Iterator[Problem]:
    if layers > has:
        yield Problem(field, shown(layers), f"at most the design's {has} layers")


def design_problems(design: parts.CodecDesign, codebooks: Codebooks) -> Iterator[Problem]:
    """Yield the properties of ``design`` that training cannot handle."""
    quantizer = design.quantizer
    most = max(quantizer.index_sizes(quantizer.layers), default=1)
    if most > MAX_SIZE:
        given, allowed = f"indices of {most} values", f"at most {MAX_SIZE}, which validation counts"
        yield Problem(f"design.{quantizer_field(quantizer)}", given, allowed)
    if design.audio_channels != 1:
        allowed = "a design of 1 channel, which is what the losses look at"
        yield Problem("design.audio_channels", shown(design.audio_channels), allowed)
    if codebooks.start == "pca" and not isinstance(quantizer, parts.Quantizer):
        allowed = "null: only a residual vector quantizer starts from principal directions"
        yield Problem("codebooks.start", "pca", allowed)


def loss_problems(
    weights: Mapping[str, float],
    spectrum: SpectrumSettings | None,
    discriminators: DiscriminatorSizes | None,
) -> Iterator[Problem]:
    """Yield a problem for each part that a loss needs and lacks, and for one that none needs."""
    own = [n for kind in AUDIO_LOSSES.values() if not kind.needs_judgement for n in kind.names]
    judged = [n for kind in AUDIO_LOSSES.values() if kind.needs_judgement for n in kind.names]
    given = ", ".join(weights) or "no term"
    if weights.keys().isdisjoint([*own, *judged]):
        yield Problem("loss_weights", given, f"at least one of {', '.join([*judged, *own])}")
    elif discriminators and discriminators.start_step and weights.keys().isdisjoint(own):
        allowed = f"one of {', '.join(own)} too, to learn from before discriminators.start_step"
        yield Problem("loss_weights", given, allowed)
    yield from _unmatched("spectrum", spectrum is not None, ["spectrum"], weights)
    yield from _unmatched("discriminators", discriminators is not None, judged, weights)


def _unmatched(
    field: str, is_there: bool, terms: Sequence[str], weights: Mapping[str, float]
) -> Iterator[Problem]:
    """Yield a problem if ``field`` is there and none of ``terms`` has a weight, or the reverse."""
    used = [name for name in terms if name in weights]
    if used and not is_there:
        yield Problem(field, "nothing", f"a mapping: loss_weights has {' and '.join(used)}")
    elif is_there and not used:
        yield Problem(field, "a mapping", f"null: loss_weights has no {' or '.join(terms)}")


def window_problems(
    window_samples: int, hop_fraction: float, sizes: Sequence[int]
) -> Iterator[Problem]:
    """Yield a problem if windows of speech are shorter than one of ``sizes``, or do not advance."""
    longest = max(sizes)
    if window_samples < longest:
        allowed = f"at least {longest}, the longest window of a loss and the design's hop"
        yield Problem("window_samples", shown(window_samples), allowed)
    if window_samples * hop_fraction < 1:
        yield Problem("hop_fraction", shown(hop_fraction), "a hop of a sample or more")
