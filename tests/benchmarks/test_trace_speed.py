"""How long a trace takes beside a run of the codec, and how much memory: 500 MB for a large one.

The DAC here is its design (strides 2, 4, 8, 8; 64 to 1024 channels and 1536 back) in the modules
of this project, since the package itself need not be installed.
"""

from __future__ import annotations

import resource

import pytest
import torch

from lrac_audit.design.formats import load_design
from lrac_audit.design.parts import (
    Activation,
    CodecDesign,
    Conv,
    Decoder,
    DecoderBlock,
    DownConv,
    EdgeConv,
    Encoder,
    EncoderBlock,
    Quantizer,
    ResidualUnit,
    UpConv,
)
from lrac_audit.witness.target import AuditTarget
from lrac_audit.witness.trace import measure
from tests.benchmarks.timing import Timer, ratio_of, work
from tests.lrac_audit.witness.trace.own_codec import trained_target

pytestmark = pytest.mark.usefixtures("one_thread")
MOST_FORWARDS = {"dac": 0.2, "track2": 3.7}  # a trace of shapes alone computes nothing

UNITS = tuple(
    ResidualUnit((Conv(7, dilation, causal=False), Conv(1)), 1, False) for dilation in (1, 3, 9)
)
STRIDES = (2, 4, 8, 8)

DAC = CodecDesign(
    name="DAC 44.1 kHz",
    sample_rate_hz=44_100,
    audio_channels=1,
    encoder=Encoder(
        activation=Activation("snake"),
        input=EdgeConv(64, 7, causal=False),
        blocks=tuple(
            EncoderBlock(UNITS, DownConv(128 << i, 2 * stride, stride, causal=False))
            for i, stride in enumerate(STRIDES)
        ),
        lstm_layers=0,
        output=EdgeConv(1024, 3, causal=False),
    ),
    quantizer=Quantizer(9, 1024, 8, (9,)),
    decoder=Decoder(
        activation=Activation("snake"),
        input=EdgeConv(1536, 7, causal=False),
        lstm_layers=0,
        blocks=tuple(
            DecoderBlock(UpConv(768 >> i, 2 * stride, stride, trim_left=stride // 2), UNITS)
            for i, stride in enumerate(reversed(STRIDES))
        ),
        output=Conv(7, causal=False),
        final_activation=Activation("tanh"),
    ),
)


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def one_run(target: AuditTarget) -> Timer:
    """Return the timer of both sides of the codec on a second of audio."""
    hops = target.sample_rate_hz // target.hop_samples
    audio = torch.zeros(1, 1, hops * target.hop_samples)
    mode = target.modes[0]

    def run() -> None:
        with torch.inference_mode():
            assert target.receive is not None
            target.receive(mode.dequantise(mode.quantise(target.transmit(audio))))

    return work(run)


def traced(target: AuditTarget) -> Timer:
    """Return the timer of a trace, which must leave nothing open."""

    def trace() -> None:
        assert not measure(target, target.modes[0]).problems

    return work(trace)


def test_trace_of_a_dac() -> None:
    target = trained_target(DAC, 9)
    before = peak_mb()
    traced(target)()
    print(f"\n{peak_mb() - before:.0f} MB above the model")  # noqa: T201
    assert peak_mb() - before < 500
    assert ratio_of(traced(target), one_run(target), rounds=5) < MOST_FORWARDS["dac"]


def test_trace_of_track2() -> None:
    target = trained_target(load_design("track2").design, 6)
    assert ratio_of(traced(target), one_run(target)) < MOST_FORWARDS["track2"]
