"""The public codecs that ``lrac-audit codecs`` compares, each from its published configuration.

All weights are random: what a codec costs and how late it is depends on its layers alone. Nothing
is downloaded.

Sources: the factories of the package ``encodec``; ``conf/final/*.yml`` of descript-audio-codec; the
configuration published beside the weights of SNAC 24 kHz; the defaults of ``MimiConfig``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from torch import nn


class KnownCodec(NamedTuple):
    """A public codec."""

    name: str
    package: str
    """What has to be imported."""
    distribution: str
    """What pip installs."""
    make: Callable[[], nn.Module]
    """A model with random weights, in evaluation mode."""


def encodec_24khz() -> Any:
    """EnCodec 24 kHz: causal, weight norm."""
    from encodec import EncodecModel

    return EncodecModel.encodec_model_24khz(pretrained=False)


def encodec_48khz() -> Any:
    """EnCodec 48 kHz: stereo, norms over time, audio scaled by its loudness."""
    from encodec import EncodecModel

    return EncodecModel.encodec_model_48khz(pretrained=False)


def _dac(**choices: Any) -> Callable[[], Any]:
    def make() -> Any:
        from dac import DAC

        return DAC(**choices).eval()

    return make


DAC_16KHZ = {
    "encoder_rates": [2, 4, 5, 8],
    "decoder_rates": [8, 5, 4, 2],
    "n_codebooks": 12,
    "sample_rate": 16_000,
}
DAC_24KHZ = {**DAC_16KHZ, "n_codebooks": 32, "sample_rate": 24_000}
DAC_44KHZ = {
    "encoder_rates": [2, 4, 8, 8],
    "decoder_rates": [8, 8, 4, 2],
    "n_codebooks": 9,
    "sample_rate": 44_100,
}
SNAC_24KHZ = {
    "sampling_rate": 24_000,
    "encoder_dim": 48,
    "encoder_rates": [2, 4, 8, 8],
    "decoder_dim": 1024,
    "decoder_rates": [8, 8, 4, 2],
    "attn_window_size": None,
    "codebook_size": 4096,
    "codebook_dim": 8,
    "vq_strides": [4, 2, 1],
    "noise": True,
    "depthwise": True,
}


def snac_24khz() -> Any:
    """SNAC 24 kHz: layers of the quantizer at three rates, noise in the decoder."""
    from snac import SNAC

    return SNAC(**SNAC_24KHZ).eval()


def mimi() -> Any:
    """Mimi: a transformer on each side."""
    from transformers import MimiConfig, MimiModel

    return MimiModel(MimiConfig()).eval()


KNOWN_CODECS = (
    KnownCodec("EnCodec 24 kHz", "encodec", "encodec", encodec_24khz),
    KnownCodec("EnCodec 48 kHz", "encodec", "encodec", encodec_48khz),
    KnownCodec("DAC 16 kHz", "dac", "descript-audio-codec", _dac(**DAC_16KHZ)),
    KnownCodec("DAC 24 kHz", "dac", "descript-audio-codec", _dac(**DAC_24KHZ)),
    KnownCodec("DAC 44.1 kHz", "dac", "descript-audio-codec", _dac(**DAC_44KHZ)),
    KnownCodec("SNAC 24 kHz", "snac", "snac", snac_24khz),
    KnownCodec("Mimi", "transformers", "transformers", mimi),
)
