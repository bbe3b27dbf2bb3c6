"""How fast a trace is. Targets: the 44.1 kHz DAC in 3 s and 500 MB, Track 2 well under 1 s.

The DAC here is its design (strides 2, 4, 8, 8; 64 to 1024 channels and 1536 back) in the modules
of this project, since the package itself need not be installed.
"""

from __future__ import annotations

import resource
from collections.abc import Callable

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
from lrac_audit.witness.trace import measure
from tests.lrac_audit.witness.trace.own_codec import trained_target

Benchmark = Callable[..., object]

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


def test_trace_of_a_dac(benchmark: Benchmark) -> None:
    target = trained_target(DAC, 9)
    before = peak_mb()
    found = benchmark(measure, target, target.modes[0])
    print(f"\n{peak_mb() - before:.0f} MB above the model")  # noqa: T201
    assert peak_mb() - before < 500
    assert not found.problems  # type: ignore[attr-defined]


def test_trace_of_track2(benchmark: Benchmark) -> None:
    target = trained_target(load_design("track2").design, 6)
    found = benchmark(measure, target, target.modes[0])
    assert not found.problems  # type: ignore[attr-defined]
