"""The chains of callables of a target that are traced as one."""

from __future__ import annotations

from fractions import Fraction

import torch
from torch import Tensor

from lrac_audit.witness.dependency.operations import Operation
from lrac_audit.witness.latency.timed_trace import Section, TimedTrace
from lrac_audit.witness.latency.upper_bound import last_axis_period
from lrac_audit.witness.target import AuditTarget, TargetMode, random_audio, signal_stages

ENCODER, QUANTISE, DEQUANTISE, DECODER, CODEC = (
    "the encoder",
    "the quantizer's search",
    "the quantizer's lookup",
    "the decoder",
    "the codec",
)
"""Labels of the stages."""


def codec_section(target: AuditTarget, mode: TargetMode | None) -> Section:
    """Return the whole codec, from audio to audio."""
    stages = [run for _, _, run in signal_stages(target, mode)]
    labels = {1: (CODEC,), 2: (ENCODER, DECODER), 4: (ENCODER, QUANTISE, DEQUANTISE, DECODER)}

    def clip(hops: int, with_values: bool) -> Tensor:
        return random_audio(target, hops, on_meta=not with_values)

    pairs = tuple(zip(labels[len(stages)], stages, strict=True))
    return Section(target, pairs, clip, Fraction(1))


def latent_of(timed: TimedTrace) -> Operation | None:
    """Return the latent that the decoder starts from; None for an undivided codec."""
    results = timed.trace.stage_results
    return results[-2][0] if len(results) > 1 else None


def decoder_section(codec: TimedTrace, latent: Operation) -> Section:
    """Return the decoder alone, from the latent, or from the codes that it takes, to audio."""
    target = codec.section.target
    period = last_axis_period(codec, latent)
    takes_codes = target.transmit_quantises

    def clip(hops: int, with_values: bool) -> Tensor:
        steps = int(hops * target.hop_samples / period)
        like = random_audio(target, 1, on_meta=not with_values)
        shape = (*latent.shape[:-1], steps)
        if takes_codes:  # zero is a codeword of every codebook
            return like.new_zeros(shape, dtype=torch.int64)
        if not with_values:
            return like.new_empty(shape)
        generator = torch.Generator().manual_seed(0)
        return torch.randn(shape, generator=generator).to(like)

    return Section(target, codec.section.stages[-1:], clip, period)
