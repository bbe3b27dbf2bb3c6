"""The models of public codecs that packages make, each from its published configuration.

All weights are random: what a codec costs and how late it is depends on its layers alone. Nothing
is downloaded. Each codec can also be built narrow: the same kernels, strides and dilations with few
channels. It is exactly as late, and the effect of late input is shown on it in seconds. The
catalogue itself is read without torch; only making a model needs it and the codec's package.

Sources: the defaults of ``EncodecConfig`` and ``MimiConfig`` of transformers; for EnCodec 48 kHz,
the factory of the package encodec; ``conf/final/*.yml`` of descript-audio-codec; the configuration
published beside the weights of SNAC 24 kHz.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from lrac_audit.witness.target import AuditTarget

ENCODEC_48KHZ = {
    "sampling_rate": 48_000,
    "audio_channels": 2,
    "use_causal_conv": False,
    "norm_type": "time_group_norm",
    "normalize": True,
    "target_bandwidths": [3.0, 6.0, 12.0, 24.0],
}
DAC_16KHZ = {"downsampling_ratios": [2, 4, 5, 8], "n_codebooks": 12, "sampling_rate": 16_000}
DAC_24KHZ = {**DAC_16KHZ, "n_codebooks": 32, "sampling_rate": 24_000}
DAC_44KHZ = {"downsampling_ratios": [2, 4, 8, 8], "n_codebooks": 9, "sampling_rate": 44_100}
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


class Surplus(NamedTuple):
    """Values that a model stores on each of its sides, and of which its codec has no need."""

    values: int = 0
    reason: str = ""


class KnownCodec(NamedTuple):
    """A public codec."""

    name: str
    package: str
    """Name of the package, to import and to install with pip."""
    preset: str
    """The preset that is its design. Where none of that name ships, it can only be measured."""
    make: Callable[[bool], Any]
    """Return a model with random weights, in evaluation mode; True makes a narrow one."""
    surplus: Surplus = Surplus()
    """Values that its design does not have, at the bitrate at which it is compared."""

    def target(self) -> AuditTarget:
        """Return the codec as a target.

        Raises:
            Exception: its package is not installed or cannot be imported, whatever that raises.
        """
        from lrac_audit.witness.factory import as_target
        from lrac_audit.witness.packages import hide_broken_packages

        hide_broken_packages()
        return as_target(self.make(False), self.name)


def encodec(choices: dict[str, Any], narrow: bool) -> Any:
    """Return one of the EnCodecs: 24 kHz is causal, 48 kHz is stereo with norms over time."""
    from transformers import EncodecConfig, EncodecModel

    from lrac_audit.witness.adapters.transformers_encodec import NARROW

    return EncodecModel(EncodecConfig(**choices, **(NARROW if narrow else {}))).eval()


def dac(choices: dict[str, Any], narrow: bool) -> Any:
    """Return one of the Descript Audio Codecs."""
    from transformers import DacConfig, DacModel

    from lrac_audit.witness.adapters.descript import NARROW

    return DacModel(DacConfig(**choices, **(NARROW if narrow else {}))).eval()


def snac_24khz(narrow: bool) -> Any:
    """Return SNAC 24 kHz: layers of the quantizer at three rates, noise in the decoder."""
    from snac import SNAC

    return SNAC(**{**SNAC_24KHZ, **(NARROW_SNAC if narrow else {})}).eval()


def mimi(narrow: bool) -> Any:
    """Return Mimi: a transformer on each side."""
    from transformers import MimiConfig, MimiModel

    from lrac_audit.witness.adapters.transformers_mimi import NARROW

    return MimiModel(MimiConfig(**(NARROW if narrow else {}))).eval()


MIMI_SURPLUS = Surplus(
    32 * 2048 + 64 // 2,
    "the model keeps how often each codeword was used in training, and the frequencies of its "
    "rotary positions",
)
"""For each of 2048 codewords of 32 layers a count; for each pair of the 64 values of a head one."""
KNOWN_CODECS = (
    KnownCodec("EnCodec 24 kHz", "transformers", "encodec-24khz", partial(encodec, {})),
    KnownCodec("EnCodec 48 kHz", "transformers", "encodec-48khz", partial(encodec, ENCODEC_48KHZ)),
    KnownCodec("DAC 16 kHz", "transformers", "dac-16khz", partial(dac, DAC_16KHZ)),
    KnownCodec("DAC 24 kHz", "transformers", "dac-24khz", partial(dac, DAC_24KHZ)),
    KnownCodec("DAC 44.1 kHz", "transformers", "dac-44khz", partial(dac, DAC_44KHZ)),
    KnownCodec("SNAC 24 kHz", "snac", "snac-24khz", snac_24khz),
    KnownCodec("Mimi", "transformers", "mimi-24khz", mimi, MIMI_SURPLUS),
)
