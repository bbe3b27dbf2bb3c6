"""Parts of a convolutional RVQ codec: one frozen dataclass per kind of block.

Fields hold what the designer chose; everything that follows from them is a property, so that no
two figures can disagree. The order of operations is that of SEANet (Tagliasacchi et al. 2020), as
the LRAC 2025 baselines use it:

=============  ==================================================================
encoder        [input] -> blocks -> [lstm] -> [activation, output]
encoder block  residual units -> activation -> strided convolution
residual unit  (activation, convolution) for each convolution, plus the skip path
decoder        [input] -> [lstm] -> blocks -> [activation, output] -> [final activation]
decoder block  activation -> transposed convolution -> residual units
=============  ==================================================================

Every convolution has a bias. A convolution of effective kernel ``k_eff = (kernel - 1) *
dilation + 1`` and stride ``s`` pads ``k_eff - s`` in all: to the left when it is causal;
otherwise ``floor((k_eff - s) / 2)`` to the right and the rest to the left.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Annotated

from lrac_audit.design.activations import ELU, Activation, ActivationField
from lrac_audit.design.bounds import MAX_NAME_CHARACTERS, MAX_PARTS, MAX_SAMPLE_RATE_HZ, MAX_SIZE
from lrac_audit.design.kernel import CentredKernel, TrimmedKernel
from lrac_audit.design.layer import LayerList
from lrac_audit.design.quantizer import QuantizerField, QuantizerKind, quantizer_name
from lrac_audit.design.trim import Trim
from lrac_audit.errors import InputError, Problem
from lrac_audit.validation.alternatives import ByKey, OneOrEach
from lrac_audit.validation.kinds import Text, Whole
from lrac_audit.validation.reading import check
from lrac_audit.validation.structures import Count, Items

__all__ = [
    "ELU",
    "Activation",
    "CodecDesign",
    "Conv",
    "Decoder",
    "DecoderBlock",
    "DownConv",
    "EdgeConv",
    "Encoder",
    "EncoderBlock",
    "Quantizer",
    "ResidualUnit",
    "UpConv",
    "the_rvq",
    "unlike_rvq",
]

Size = Annotated[int, Whole(1, MAX_SIZE)]
PartCount = Annotated[int, Whole(1, MAX_PARTS)]
LayerCount = Annotated[int, Whole(0, MAX_PARTS)]
CodebookSize = Whole(2, MAX_SIZE)
CodebookSizes = Annotated[
    int | tuple[int, ...],
    OneOrEach(CodebookSize, Items(CodebookSize, Count(1, MAX_PARTS))),
]
AnyActivation = Annotated[Activation, ActivationField()]


@dataclass(frozen=True, slots=True)
class Conv(CentredKernel):
    """A convolution of stride 1 whose channels follow from where it stands."""

    kernel: Size
    """Taps."""
    dilation: Size = 1
    """Distance between taps, in samples at the layer's rate."""
    groups: Size = 1
    """Channel groups; must divide the channels on both sides."""
    causal: bool = True
    """False centres the kernel: half of its padding is look-ahead."""


@dataclass(frozen=True, slots=True)
class EdgeConv(CentredKernel):
    """The first or last convolution of a coder: stride 1, sets the number of channels."""

    channels: Size
    """Output channels."""
    kernel: Size
    """Taps."""
    dilation: Size = 1
    """Distance between taps, in samples at the layer's rate."""
    groups: Size = 1
    """Channel groups; must divide the channels on both sides."""
    causal: bool = True
    """False centres the kernel: half of its padding is look-ahead."""


@dataclass(frozen=True, slots=True)
class DownConv(CentredKernel):
    """A strided convolution that lowers the rate; its effective kernel is at least its stride."""

    channels: Size
    """Output channels."""
    kernel: Size
    """Taps."""
    stride: Size
    """Samples at the layer's input rate for each sample of its output."""
    dilation: Size = 1
    """Distance between taps, in samples at the layer's rate."""
    groups: Size = 1
    """Channel groups; must divide the channels on both sides."""
    causal: bool = True
    """False centres the kernel: half of its padding is look-ahead."""

    @property
    def rate_down(self) -> int:
        """Input steps for each output step."""
        return self.stride


@dataclass(frozen=True, slots=True)
class UpConv(TrimmedKernel):
    """A transposed convolution that raises the rate; its kernel is at least its stride.

    Its ``kernel - stride`` surplus output samples are trimmed: ``trim_left`` of them at the start,
    the rest at the end. What is trimmed at the start is look-ahead; a causal layer has none.
    """

    channels: Size
    """Output channels."""
    kernel: Size
    """Taps."""
    stride: Size
    """Samples of the layer's output for each sample of its input."""
    groups: Size = 1
    """Channel groups; must divide the channels on both sides."""
    trim_left: Annotated[int, Trim()] = 0
    """Output samples trimmed at the start, from 0 to ``kernel - stride``.

    A file may say the side instead: ``right``, ``left`` or ``both``.
    """


@dataclass(frozen=True, slots=True)
class ResidualUnit:
    """``skip(x) + convs(x)``, each convolution after its own activation."""

    convs: Annotated[tuple[Conv, ...], Count(1, MAX_PARTS)]
    """At least one. Between them the width is ``channels // compress``."""
    compress: Size = 1
    """How many times narrower the inside of the unit is."""
    learnable_skip: bool = False
    """True puts a causal convolution of kernel 1 into the skip path."""

    def widths(self, channels: int) -> list[int]:
        """Return the widths before, between and after the convolutions, given ``channels``."""
        return [channels, *[channels // self.compress] * (len(self.convs) - 1), channels]


@dataclass(frozen=True, slots=True)
class EncoderBlock:
    """Residual units at the width and rate of the block's input, then the strided convolution."""

    residual: Annotated[tuple[ResidualUnit, ...], Count(0, MAX_PARTS)]
    """Residual units, in the order of the signal."""
    down: DownConv
    """The strided convolution, behind an activation."""


@dataclass(frozen=True, slots=True)
class DecoderBlock:
    """The transposed convolution, then residual units at the width and rate of its output."""

    up: UpConv
    """The transposed convolution, behind an activation."""
    residual: Annotated[tuple[ResidualUnit, ...], Count(0, MAX_PARTS)]
    """Residual units, in the order of the signal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoder:
    """From audio to one latent vector per hop."""

    activation: AnyActivation = ELU
    """Stands before every convolution but ``input`` and those of skip paths."""
    input: EdgeConv | None = None
    """None starts the first block on the audio channels themselves."""
    blocks: Annotated[tuple[EncoderBlock, ...], Count(1, MAX_PARTS)]
    """Blocks, each of which lowers the rate by its stride; in the order of the signal."""
    lstm_layers: LayerCount = 0
    """Unidirectional LSTM layers after the last block, as wide as it, with a skip around them."""
    output: EdgeConv | None = None
    """None makes the last block's channels the latent."""

    @property
    def rate_change(self) -> int:
        """Audio samples per latent frame: the product of the strides."""
        return prod(block.down.stride for block in self.blocks)

    def channels_after(self, channels: int) -> int:
        """Return the latent's channels, given those of the audio."""
        return self.blocks[-1].down.channels if self.output is None else self.output.channels


@dataclass(frozen=True, slots=True)
class Quantizer(QuantizerKind):
    """A residual vector quantizer; each layer codes what the layers before it left over."""

    layers: PartCount
    """Codebooks, each of which codes what those before it left over."""
    codebook_size: CodebookSizes
    """Codewords per layer: one number for all layers, or a list with one for each."""
    codebook_dim: Size | None = None
    """Width of a codeword. None, or the latent's width, means no projections."""
    modes: Annotated[tuple[PartCount, ...], Count(0, MAX_PARTS)] = ()
    """Active layers of each bitrate mode, ascending. Empty means one mode with all layers."""

    def index_sizes(self, active_layers: int) -> tuple[int, ...]:
        """Return the codewords of each active layer."""
        size = self.codebook_size
        return size[:active_layers] if isinstance(size, tuple) else (size,) * active_layers

    def code_dim(self, latent_dim: int) -> int:
        """Return the width of a codeword: the latent's unless the quantizer projects."""
        return self.codebook_dim or latent_dim

    def has_absorbed_form(self, latent_dim: int) -> bool:
        """Return whether each layer projects, as a codeword of another width than the latent's."""
        return self.code_dim(latent_dim) != latent_dim

    def described(self, form: str | None) -> str:
        """Return the name and the form."""
        return f"RVQ {form}"

    def relations(self, latent_dim: int) -> Sequence[Problem]:
        """Return the problem of a list of sizes that is not as long as there are layers."""
        size = self.codebook_size
        if not isinstance(size, tuple) or len(size) == self.layers:
            return ()
        allowed = f"one number, or one for each of the {self.layers} layers"
        return (Problem("codebook_size", f"{len(size)} entries", allowed, ("layers",)),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoder:
    """From one latent vector per hop to audio."""

    activation: AnyActivation = ELU
    """Stands before every convolution but ``input`` and those of skip paths."""
    input: EdgeConv | None = None
    """None makes the first block take the latent itself."""
    lstm_layers: LayerCount = 0
    """Unidirectional LSTM layers before the first block, with a skip around them."""
    blocks: Annotated[tuple[DecoderBlock, ...], Count(1, MAX_PARTS)]
    """Blocks, each of which raises the rate by its stride; in the order of the signal."""
    output: Conv | None = None
    """To the audio channels. None makes the last block's channels the audio."""
    final_activation: AnyActivation | None = None
    """Stands behind the output convolution. None for none."""

    @property
    def rate_change(self) -> int:
        """Audio samples per latent frame: the product of the strides."""
        return prod(block.up.stride for block in self.blocks)


@dataclass(frozen=True, slots=True, kw_only=True)
class CodecDesign:
    """A whole codec.

    Construction checks it and raises ``InputError`` with every problem found.
    """

    name: Annotated[str, Text(MAX_NAME_CHARACTERS)]
    """For people; appears in reports."""
    limits: Annotated[str, Text(1000, meaning="the name of a limit set")] | None = None
    """Name of the limit set that the codec is meant for, if any."""
    sample_rate_hz: Annotated[int, Whole(1, MAX_SAMPLE_RATE_HZ)]
    """Sample rate of the audio, in Hz."""
    audio_channels: PartCount = 1
    """Channels of the audio: 1 for mono."""
    encoder: Annotated[Encoder | LayerList, ByKey("layers", LayerList, Encoder)]
    """From audio to latents: blocks of the recipe's kind, or a list of layers of any kind."""
    quantizer: Annotated[QuantizerKind, QuantizerField(Quantizer)]
    """From latents to indices and back: an RVQ by its fields, or another kind by its name."""
    decoder: Annotated[Decoder | LayerList, ByKey("layers", LayerList, Decoder)]
    """From latents to audio: blocks of the recipe's kind, or a list of layers of any kind."""

    def __post_init__(self) -> None:
        check(self, self.name)

    @property
    def step_samples(self) -> int:
        """Audio samples per step of the latent."""
        return self.encoder.rate_change

    @property
    def hop_samples(self) -> int:
        """Audio samples per frame, which is one latent step unless the quantizer's is longer."""
        return self.encoder.rate_change * self.quantizer.frame_steps

    @property
    def frame_rate_hz(self) -> float:
        """Frames per second."""
        return self.sample_rate_hz / self.hop_samples

    @property
    def latent_dim(self) -> int:
        """Channels between encoder and decoder."""
        return self.encoder.channels_after(self.audio_channels)

    @property
    def codebook_dim(self) -> int:
        """Width of a codeword: the latent's unless the quantizer projects."""
        return self.quantizer.code_dim(self.latent_dim)

    @property
    def has_projections(self) -> bool:
        """Whether the quantizer projects into and out of a narrower (or wider) space."""
        return self.codebook_dim != self.latent_dim

    @property
    def has_absorbed_form(self) -> bool:
        """Whether the quantizer has output projections that can be folded into tables."""
        return self.quantizer.has_absorbed_form(self.latent_dim)

    @property
    def bitrates_kbps(self) -> tuple[float, ...]:
        """Bitrates of all modes, ascending; none where nothing is quantized."""
        layers = self.quantizer.mode_layers if self.quantizer.layers else ()
        return self._kbps(layers)

    @property
    def layers_kbps(self) -> tuple[float, ...]:
        """Bitrates with the first 1, 2 and so on layers of the quantizer on."""
        return self._kbps(range(1, self.quantizer.layers + 1))

    def bitrate_kbps(self, active_layers: int) -> float:
        """Return the bitrate of a mode: whole bits per index, packed, without headers."""
        return self._kbps((active_layers,))[0]

    def _kbps(self, modes: Iterable[int]) -> tuple[float, ...]:
        bits, rate_hz, divisor = (
            self.quantizer.bits_per_frame,
            self.sample_rate_hz,
            self.hop_samples * 1000,
        )
        return tuple([bits(layers) * rate_hz / divisor for layers in modes])


def the_rvq(design: CodecDesign, purpose: str) -> Quantizer:
    """Return the residual vector quantizer of ``design``, which ``purpose`` needs.

    Raises:
        InputError: the quantizer is of another kind.
    """
    quantizer = design.quantizer
    if isinstance(quantizer, Quantizer):
        return quantizer
    raise unlike_rvq(design, purpose)


def unlike_rvq(design: CodecDesign, purpose: str) -> InputError:
    """Return the error of a design whose quantizer is not of the kind that ``purpose`` needs."""
    given = f"the kind {quantizer_name(design.quantizer)}"
    problem = Problem("quantizer", given, f"a residual vector quantizer, for {purpose}")
    return InputError(design.name, [problem])
