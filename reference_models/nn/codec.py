"""The codec: encoder, quantizer and decoder together, offline and in a stream.

Shapes, everywhere in this package: ``B`` streams, ``C`` channels, ``T`` time steps at the layer's
own rate, ``D`` latent width, ``n`` active RVQ layers, ``F`` latent frames. Audio is ``[B, C, T]``
(floating point, full scale 1.0), a latent ``[B, D, F]``, codes ``[n, B, F]`` (int64).

The public interface, by module::

    build.build(design) -> Codec              trained form, weight norm parametrised, untrained
    build.build_untrained(design, seed) -> Codec   the same with k-means codebooks, folded, eval
    conv.fold_weight_norm(module)             in place; for inference

    Codec.encode(audio, layers=None) -> codes        offline; None means all layers
    Codec.decode(codes) -> audio                     hop x F samples; crop to the length you want
    Codec.design, Codec.variant                      CodecDesign, "trained" | "absorbed-transmit"
                                                     | "absorbed-receive"

    Transmitter(codec, layers, batch_size=1)
        .push(audio [B, C, any]) -> codes [layers, B, ready frames]
        .layers                   may be set between two pushes
        .flush() -> codes         the rest, as offline ends: ceil(T / hop) frames in all; the
                                  transmitter is then fresh again
        .footprint()              its state, in values and bytes per stream
    Receiver(codec, batch_size=1)
        .push(codes [n, B, any]) -> audio [B, C, ready samples]
        .flush() -> audio         the rest: hop x F samples in all; then fresh again
        .footprint()

    absorb.absorb(codec) -> Absorbed(transmit: Codec, receive: Codec)
    weights.save_codec(codec, path)           safetensors; design and variant in the metadata
    weights.load_codec(path, side=None) -> Codec   folded, eval; side "transmit" | "receive" says
                                              which side it must provide; InputError otherwise
    weights.design_fingerprint(design) -> str      16 hex digits; name and limits do not matter
    weights.weights_fingerprint(codec) -> str      16 hex digits; a codec and both of its absorbed
                                              artefacts have the same
    espnet_weights.load_checkpoint(path, design) -> Codec   the recipe's .pth; InputError;
                                              as build gives it: fold it, or save and load it

Transmitter and Receiver run in ``torch.inference_mode``; so do ``encode`` and ``decode``. All take
and return tensors of the codec's dtype. Everything that is wrong with a file is an ``InputError``.
"""

from __future__ import annotations

from itertools import chain
from typing import Literal, NamedTuple, get_args

import torch
from torch import Tensor, nn

from lrac_audit.design.parts import CodecDesign
from reference_models.nn.quantizer import Quantized, Quantizer, TrainableQuantizer
from reference_models.nn.quantizers.multi_scale import FrameCollector
from reference_models.nn.seanet import Decoder, Encoder
from reference_models.nn.streaming import Footprint, States, Streaming

Variant = Literal["trained", "absorbed-transmit", "absorbed-receive"]
"""The form of a codec: see :mod:`reference_models.nn.quantizers.rvq`."""

VARIANTS: tuple[Variant, ...] = get_args(Variant)


PIECE_SAMPLES = 96_000
"""Audio of a clip pushed at once: few enough for the signals between layers to stay in the caches,
enough for torch's convolutions to arrange their weights seldom."""


class Reconstruction(NamedTuple):
    """The output of a codec in training."""

    audio: Tensor
    """``[B, C, T]``, as long as the input."""
    codes: Tensor
    """``[n, B, F]``."""
    commitment: Tensor
    """Commitment loss: the distance of the projected vectors from their codewords."""


class Codec(nn.Module):
    """An encoder, a quantizer and a decoder; an absorbed codec has one of the coders only."""

    def __init__(
        self,
        design: CodecDesign,
        variant: Variant,
        encoder: Encoder | None,
        quantizer: Quantizer,
        decoder: Decoder | None,
    ) -> None:
        super().__init__()
        self.design = design
        self.variant: Variant = variant
        self.origin_fingerprint: str | None = None
        """Fingerprint of the weights that an absorbed codec was made from; else None."""
        self.encoder = encoder
        self.quantizer = quantizer
        self.decoder = decoder

    @torch.inference_mode()
    def encode(self, audio: Tensor, layers: int | None = None) -> Tensor:
        """Return the codes of whole clips ``[B, C, T]``: ``[layers, B, ceil(T / hop)]``."""
        stream = Transmitter(self, layers, batch_size=len(audio))
        size = _piece_steps(self.design.hop_samples) * self.design.hop_samples
        pieces = [stream.push(piece) for piece in torch.split(audio, size, 2)]
        return torch.cat([*pieces, stream.flush()], 2)

    @torch.inference_mode()
    def decode(self, codes: Tensor) -> Tensor:
        """Return the audio of whole clips of codes ``[n, B, F]``: ``[B, C, hop F]``."""
        stream = Receiver(self, batch_size=codes.shape[1])
        size = _piece_steps(self.design.hop_samples)
        pieces = [stream.push(piece) for piece in torch.split(codes, size, 2)]
        return torch.cat([*pieces, stream.flush()], 2)

    def forward(self, audio: Tensor, layers: int | None = None) -> Reconstruction:
        """Encode and decode ``audio [B, C, T]``, differentiably; trains codebooks in training."""
        return self.reconstruct(transmit_side(self)(audio), audio.shape[2], layers)

    def reconstruct(
        self, latent: Tensor, samples: int, layers: int | None = None
    ) -> Reconstruction:
        """Quantise ``latent [B, D, F]`` and decode it to ``samples``; as :meth:`forward` does.

        With 0 layers of a quantizer that has some, the latent is decoded as it is.
        """
        if not isinstance(self.quantizer, TrainableQuantizer):
            raise ValueError(f"a codec of the variant {self.variant} cannot be trained")
        layers = self.design.quantizer.layers if layers is None else layers
        if layers == 0 < self.design.quantizer.layers:
            quantized, codes, commitment = _unquantized(latent)
        else:
            quantized, codes, commitment = self.quantizer(latent, layers)
        decoded = receive_side(self)(quantized)
        return Reconstruction(decoded[:, :, :samples], codes, commitment)


def _unquantized(latent: Tensor) -> Quantized:
    """Return ``latent [B, D, F]`` as it is, without codes."""
    batch, _, frames = latent.shape
    codes = latent.new_empty(0, batch, frames, dtype=torch.int64)
    return Quantized(latent, codes, latent.new_zeros(()))


def _piece_steps(hop_samples: int) -> int:
    """Return the number of frames of a clip that are pushed at once."""
    return max(PIECE_SAMPLES // hop_samples, 1)


def transmit_side(codec: Codec) -> Encoder:
    """Return the encoder of a codec that has one."""
    if codec.encoder is None:
        raise ValueError("this codec holds the receive side only: it cannot encode")
    return codec.encoder


def receive_side(codec: Codec) -> Decoder:
    """Return the decoder of a codec that has one."""
    if codec.decoder is None:
        raise ValueError("this codec holds the transmit side only: it cannot decode")
    return codec.decoder


def first_values(codec: Codec) -> Tensor:
    """Return values of a codec, which show its type and device: a side may have no parameters."""
    values = chain(codec.parameters(), codec.buffers())
    return next((each for each in values if each.is_floating_point()), torch.empty(0))


class _Stream:
    """A coder and the state of ``batch_size`` streams through it."""

    def __init__(self, codec: Codec, coder: Streaming[States], batch_size: int) -> None:
        self._like = first_values(codec)
        self._coder = coder
        self._quantizer = codec.quantizer
        self._batch_size = batch_size
        self.reset()

    def reset(self) -> None:
        """Reset the state to that before the first push."""
        self._state = self._initial_state()

    def footprint(self) -> Footprint:
        """Return the size of the present state of one stream."""
        return self._state.footprint()

    def _initial_state(self) -> States:
        return self._coder.initial_state(self._batch_size, self._like)

    def _nothing(self, channels: int) -> Tensor:
        return self._like.new_empty(self._batch_size, channels, 0)


class Transmitter(_Stream):
    """A stream from audio to codes, each frame as soon as its look-ahead has come."""

    def __init__(self, codec: Codec, layers: int | None = None, batch_size: int = 1) -> None:
        self._design = codec.design
        super().__init__(codec, transmit_side(codec), batch_size)
        self.layers = codec.design.quantizer.layers if layers is None else layers

    @property
    def layers(self) -> int:
        """Number of quantizer layers of the codes that come out from now on."""
        return self._layers

    @layers.setter
    def layers(self, count: int) -> None:
        self._quantizer.check_active(count)
        self._layers = count

    @torch.inference_mode()
    def push(self, audio: Tensor) -> Tensor:
        """Return the codes ``[layers, B, F]`` that ``audio [B, C, any]`` completes.

        Raises:
            ValueError: the audio is of integers.
        """
        if not audio.is_floating_point():
            raise ValueError(f"given audio of {audio.dtype}; allowed: floats of full scale 1.0")
        return self._step(audio)

    @torch.inference_mode()
    def flush(self) -> Tensor:
        """Return the remaining codes at the end of the audio; then the stream starts afresh."""
        codes = self._step(self._nothing(self._design.audio_channels), last=True)
        self.reset()
        return codes

    def _initial_state(self) -> States:
        """Return the state of the encoder, and of frames of several latent steps behind it."""
        state, steps = super()._initial_state(), self._design.quantizer.frame_steps
        if steps > 1:
            frames = FrameCollector(self._design.latent_dim, steps)
            state.append((frames, frames.initial_state(self._batch_size, self._like)))
        return state

    def _step(self, audio: Tensor, last: bool = False) -> Tensor:
        latent = self._coder.step(audio, self._state, last)
        return self._quantizer.encode(latent, self._layers)


class Receiver(_Stream):
    """A stream from codes to audio, each sample as soon as its look-ahead has come."""

    def __init__(self, codec: Codec, batch_size: int = 1) -> None:
        super().__init__(codec, receive_side(codec), batch_size)
        self._latent_dim = codec.design.latent_dim

    @torch.inference_mode()
    def push(self, codes: Tensor) -> Tensor:
        """Return the audio ``[B, C, T]`` that ``codes [n, B, any]`` complete."""
        return self._coder.step(self._quantizer.decode(codes), self._state)

    @torch.inference_mode()
    def flush(self) -> Tensor:
        """Return the remaining audio at the end of the codes; then the stream starts afresh."""
        audio = self._coder.step(self._nothing(self._latent_dim), self._state, last=True)
        self.reset()
        return audio
