"""Delays of public codecs that brute force found: one sample changed, and the output compared.

EnCodec is causal and waits for one hop of 320 samples, Mimi for one frame of 80 ms. In DAC and SNAC
every convolution is symmetric, so the past is as long as the delay less the sample itself.
"""

from __future__ import annotations

import pytest
import torch

from lrac_audit.witness.codec_catalogue import KNOWN_CODECS
from lrac_audit.witness.dependency import trace_dependency
from lrac_audit.witness.factory import as_target
from lrac_audit.witness.measured_codec import find_mode
from lrac_audit.witness.target import signal_stages
from tests.sweeps import slow_in_sweep

DELAYS = {
    "EnCodec 24 kHz": (320, 40, None),
    "DAC 16 kHz": (5_954, 60, 5_953),
    "DAC 44.1 kHz": (9_002, 60, 9_001),
    "SNAC 24 kHz": (11_562, 20, 11_561),
    "Mimi": (1_920, 16, None),
}
"""Delay in samples, hops of a clip that is long enough, and samples of past where bounded."""


@pytest.mark.parametrize(
    "name", slow_in_sweep(DELAYS, "EnCodec 24 kHz", "DAC 16 kHz", "SNAC 24 kHz")
)
def test_the_delay_of_a_public_codec_is_exact(name):
    delay_samples, hops, past_samples = DELAYS[name]
    codec = next(codec for codec in KNOWN_CODECS if codec.name == name)
    pytest.importorskip(codec.package)
    target = as_target(codec.make(True), name)
    stages = [(stage, run) for _, stage, run in signal_stages(target, find_mode(target, None))]
    clip = torch.empty(1, target.audio_channels, hops * target.hop_samples, device="meta")
    found = trace_dependency(target.root, stages, clip)
    steps = torch.arange(len(found.latest))
    interior = slice(len(steps) // 3, len(steps) - len(steps) // 3)
    assert 1 + int((found.latest - steps)[interior].max()) == delay_samples
    if past_samples is not None:
        assert int((steps - found.earliest)[interior].max()) == past_samples
    assert not found.unknown_operators and not found.branches and not found.real_values
