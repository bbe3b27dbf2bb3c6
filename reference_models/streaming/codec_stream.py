"""A codec in live use: audio of any size to packets, packets and losses to audio.

::

    live = LiveCodec(codec)                         once; engine="torch" by default
    stream = CodecStream(live)                      for each signal; both directions of a call

    stream.send(audio [C, any]) -> packets          those that the audio completes
    stream.layers = 1                               another bitrate, from the next packet on
    stream.receive(packet) -> audio [C, T]          what the packet completes
    stream.lose() -> audio [C, T]                   what stands in for a packet that never came
    stream.end_sending() -> packets                 the rest; then this direction starts afresh
    stream.end_receiving() -> audio [C, T]
    stream.reset()
    stream.delay(callback_samples)                  computed, with what callbacks and packets add

Nothing here waits, locks or starts threads: a call computes what it was given and returns.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np

from reference_models.audio.reading import Block
from reference_models.streaming.concealment import Concealment, RepeatAndFade
from reference_models.streaming.live_codec import LiveCodec
from reference_models.streaming.packet_receiver import PacketReceiver
from reference_models.streaming.packet_sender import PacketSender
from reference_models.streaming.packets import PacketFormat
from reference_models.streaming.stream_delay import StreamDelay, recovery_frames, stream_delay


class CodecStream:
    """One signal in each direction, or in the one that the codec has a side for."""

    def __init__(
        self,
        live: LiveCodec,
        *,
        layers: int | None = None,
        frames_per_packet: int = 1,
        concealment: Callable[[], Concealment] | None = None,
    ) -> None:
        """Start a stream of ``live``, which any number of streams share.

        Args:
            live: The codec on its engine.
            layers: Quantizer layers to send, those of a mode of the design; None for all.
            frames_per_packet: Frames in each packet; both ends must agree on them.
            concealment: Makes what conceals losses; None repeats the last codes and fades.

        Raises:
            InputError: packets of two modes would have equal length, or there is nothing to send.
            ValueError: no mode has so many layers.
        """
        self._live, self._design = live, live.design
        self._packets = PacketFormat(live.design, frames_per_packet)
        frame_ms = 1000 / live.design.frame_rate_hz
        self._concealment = concealment or (lambda: RepeatAndFade(frame_ms))
        self.layers = self._packets.modes[-1] if layers is None else layers

    @property
    def layers(self) -> int:
        """Quantizer layers of the packets to come; one that has begun keeps its own."""
        return self._layers

    @layers.setter
    def layers(self, count: int) -> None:
        if count not in self._packets.modes:
            allowed = ", ".join(map(str, self._packets.modes))
            raise ValueError(f"given {count} layers; allowed, as modes of the design: {allowed}")
        self._layers = count

    @property
    def packet_bytes(self) -> int:
        """Size of a packet at the present number of layers."""
        return self._packets.packet_bytes(self.layers)

    @property
    def packet_kbps(self) -> float:
        """Bitrate of the packets at the present number of layers, each of whole bytes."""
        return self._packets.bitrate_kbps(self.layers)

    @property
    def recovery_frames(self) -> int | None:
        """Frames after a loss until the audio is as if there had been none; None: never exactly."""
        return recovery_frames(self._design)

    def delay(self, callback_samples: int) -> StreamDelay:
        """Return the delay with callbacks that bring, and take, ``callback_samples`` at a time.

        Raises:
            ValueError: they bring nothing.
        """
        if callback_samples < 1:
            raise ValueError(f"given callbacks of {callback_samples} samples; allowed: at least 1")
        return stream_delay(self._design, self._packets.frames, callback_samples)

    def send(self, audio: Block) -> list[bytes]:
        """Return the packets that ``audio [C, any]``, float32 of full scale 1.0, completes.

        Raises:
            ValueError: the audio has another type or shape, or a sample that is not finite; the
                stream is as before. Or the codec holds the receive side only.
        """
        self._check(audio)
        self._sender.layers = self._layers
        return self._sender.push(audio)

    def end_sending(self) -> list[bytes]:
        """Return the packets of all audio so far, the last one filled up with silence."""
        self._sender.layers = self._layers
        return self._sender.flush()

    def receive(self, packet: bytes) -> Block:
        """Return the audio ``[C, T]`` that the next ``packet`` in order completes.

        Raises:
            InputError: it is no packet of this format; the stream is as before.
            ValueError: the codec holds the transmit side only.
        """
        return self._receiver.receive(packet)

    def lose(self) -> Block:
        """Return the audio ``[C, T]`` that stands in for the next packet, which never came."""
        return self._receiver.lose()

    def end_receiving(self) -> Block:
        """Return the audio ``[C, T]`` that a look-ahead still holds."""
        return self._receiver.flush()

    def reset(self) -> None:
        """Start afresh in both directions; what waits is lost."""
        begun = vars(self)
        if "_sender" in begun:
            self._sender.reset()
        if "_receiver" in begun:
            self._receiver.reset()

    @cached_property
    def _sender(self) -> PacketSender:
        stream = self._live.transmit_stream()
        return PacketSender(self._design, stream, self._packets, self._layers)

    @cached_property
    def _receiver(self) -> PacketReceiver:
        stream = self._live.receive_stream()
        return PacketReceiver(self._design.hop_samples, stream, self._packets, self._concealment)

    def _check(self, audio: Block) -> None:
        """Check what a microphone gave, since one bad sample would spoil all that follow it."""
        given = f"given {audio.dtype} {list(audio.shape)}"
        if audio.dtype != np.float32:
            raise ValueError(f"{given}; allowed: float32; from_pcm16 converts 16-bit samples")
        if audio.ndim != 2 or audio.shape[0] != self._design.audio_channels:
            raise ValueError(f"{given}; allowed: [{self._design.audio_channels}, any]")
        if not np.isfinite(audio).all():
            raise ValueError("given a sample that is not finite; allowed: finite samples")
