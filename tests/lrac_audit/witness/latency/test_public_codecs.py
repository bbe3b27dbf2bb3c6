"""The delays of public codecs by both bounds, on models with fresh weights.

The truths: EnCodec and Mimi are causal and wait for their hop alone. For DAC and SNAC the padding
of every layer adds up at its rate (``by_hand.dac_look_ahead`` in ``targets`` does so); SNAC waits
in its quantizer for the 4 steps of 512 samples that its coarsest codebook holds for.
"""

from __future__ import annotations

import pytest
from torch import nn

from lrac_audit.witness.adapters import descript
from lrac_audit.witness.codec_catalogue import (
    DAC_16KHZ,
    DAC_44KHZ,
    SNAC_24KHZ,
    encodec,
    mimi,
)
from lrac_audit.witness.factory import as_target
from lrac_audit.witness.latency import measure
from tests.sweeps import slow_in_sweep

pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning"
)


def dac(choices: dict[str, object], widths: dict[str, int]) -> nn.Module:
    transformers = pytest.importorskip("transformers")
    model: nn.Module = transformers.DacModel(transformers.DacConfig(**choices, **widths))
    return model.eval()


def snac() -> nn.Module:
    package = pytest.importorskip("snac")
    widths = {"encoder_dim": 4, "decoder_dim": 64}
    model: nn.Module = package.SNAC(**{**SNAC_24KHZ, **widths, "noise": False})
    return model.eval()


CODECS = {
    "EnCodec 24 kHz": (lambda: encodec({}, True), 320),
    "Mimi": (lambda: mimi(True), 1920),
    "DAC 16 kHz": (lambda: dac(DAC_16KHZ, descript.NARROW), 5954),
    "DAC 16 kHz, widths of 16 and 384": (
        lambda: dac(DAC_16KHZ, {"encoder_hidden_size": 16, "decoder_hidden_size": 384}),
        5954,
    ),
    "DAC 44.1 kHz": (lambda: dac(DAC_44KHZ, descript.NARROW), 9002),
    "SNAC 24 kHz without noise": (snac, 11_562),
}


@pytest.mark.parametrize(
    "name", slow_in_sweep(CODECS, "Mimi", "DAC 16 kHz, widths of 16 and 384", "DAC 44.1 kHz")
)
def test_a_public_codec_is_proved(name: str) -> None:
    make, total = CODECS[name]
    target = as_target(make(), name)
    found = measure(target, target.modes[-1])
    assert (found.total_samples, found.lower_total_samples) == (total, total)
    assert found.proved
