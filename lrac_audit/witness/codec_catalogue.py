"""The public codecs that ``lrac-audit codecs`` compares, each from its published configuration.

All weights are random: what a codec costs and how late it is depends on its layers alone. Nothing
is downloaded. Each codec can also be built narrow: the same kernels, strides and dilations with few
channels. It is exactly as late, and the latency probe is done with it in seconds.

Sources: the factories of the package ``encodec``; ``conf/final/*.yml`` of descript-audio-codec; the
configuration published beside the weights of SNAC 24 kHz; the defaults of ``MimiConfig``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

from lrac_audit.witness.factory import as_target
from lrac_audit.witness.target import AuditTarget

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
NARROW_DAC = {"encoder_dim": 4, "decoder_dim": 64}
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
NARROW_SNAC = {"encoder_dim": 4, "decoder_dim": 64}
NARROW_MIMI = {
    "num_filters": 4,
    "hidden_size": 64,
    "upsample_groups": 64,
    "codebook_dim": 32,
    "vector_quantization_hidden_dimension": 32,
    "intermediate_size": 64,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
}


class KnownCodec(NamedTuple):
    """A public codec."""

    name: str
    package: str
    """What has to be imported."""
    distribution: str
    """What pip installs."""
    make: Callable[[bool], Any]
    """A model with random weights, in evaluation mode; True makes a narrow one."""

    def target(self) -> AuditTarget:
        """The codec as a target, with its narrow form for the probe.

        Raises:
            ImportError: its package is not installed, or needs one that is not.
        """
        target = as_target(self.make(False), self.name)
        return replace(target, narrow=as_target(self.make(True), self.name))


def encodec_24khz(narrow: bool) -> Any:
    """EnCodec 24 kHz: causal, weight norm."""
    from encodec import EncodecModel

    return _narrowed(EncodecModel.encodec_model_24khz(pretrained=False), narrow, True)


def encodec_48khz(narrow: bool) -> Any:
    """EnCodec 48 kHz: stereo, norms over time, audio scaled by its loudness."""
    from encodec import EncodecModel

    return _narrowed(EncodecModel.encodec_model_48khz(pretrained=False), narrow, False)


def _narrowed(model: Any, narrow: bool, causal: bool) -> Any:
    """``model`` as it is, or with other coders and an own quantizer."""
    if not narrow:
        return model
    from encodec.modules import SEANetDecoder, SEANetEncoder
    from encodec.quantization import ResidualVectorQuantizer

    choices = {
        "channels": model.channels,
        "dimension": 16,
        "n_filters": 2,
        "causal": causal,
        "norm": "weight_norm" if causal else "time_group_norm",
    }
    model.encoder, model.decoder = SEANetEncoder(**choices), SEANetDecoder(**choices)
    model.quantizer = ResidualVectorQuantizer(16, n_q=model.quantizer.n_q, bins=1024)
    return model.eval()


def dac(choices: dict[str, Any], narrow: bool) -> Any:
    """One of the Descript Audio Codecs."""
    from dac import DAC

    return DAC(**choices, **(NARROW_DAC if narrow else {})).eval()


def snac_24khz(narrow: bool) -> Any:
    """SNAC 24 kHz: layers of the quantizer at three rates, noise in the decoder."""
    from snac import SNAC

    return SNAC(**{**SNAC_24KHZ, **(NARROW_SNAC if narrow else {})}).eval()


def mimi(narrow: bool) -> Any:
    """Mimi: a transformer on each side."""
    from transformers import MimiConfig, MimiModel

    return MimiModel(MimiConfig(**(NARROW_MIMI if narrow else {}))).eval()


KNOWN_CODECS = (
    KnownCodec("EnCodec 24 kHz", "encodec", "encodec", encodec_24khz),
    KnownCodec("EnCodec 48 kHz", "encodec", "encodec", encodec_48khz),
    KnownCodec("DAC 16 kHz", "dac", "descript-audio-codec", partial(dac, DAC_16KHZ)),
    KnownCodec("DAC 24 kHz", "dac", "descript-audio-codec", partial(dac, DAC_24KHZ)),
    KnownCodec("DAC 44.1 kHz", "dac", "descript-audio-codec", partial(dac, DAC_44KHZ)),
    KnownCodec("SNAC 24 kHz", "snac", "snac", snac_24khz),
    KnownCodec("Mimi", "transformers", "transformers", mimi),
)
