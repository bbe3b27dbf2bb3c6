"""The receive side of a live stream: packets and losses in, audio out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from reference_models.audio.reading import Block
from reference_models.streaming.concealment import Concealment, GainEnvelope, Substitute
from reference_models.streaming.engine import ReceiveStream
from reference_models.streaming.packets import PacketFormat


class PacketReceiver:
    """Decodes packets, and substitutes for those that are lost.

    The decoder's state goes on through a loss, fed with the substitutes: so what comes after is
    smooth, and as without the loss once the substitutes have left the decoder's receptive field.
    """

    def __init__(
        self,
        hop_samples: int,
        stream: ReceiveStream,
        packets: PacketFormat,
        concealment: Callable[[], Concealment],
    ) -> None:
        self._hop_samples = hop_samples
        self._stream = stream
        self._packets = packets
        self._new_concealment = concealment
        self._start()

    def receive(self, packet: bytes) -> Block:
        """Return the audio ``[C, T]`` that ``packet`` completes.

        Raises:
            InputError: it is no packet of this format; the stream is as before.
        """
        codes = self._packets.unpack(packet)
        pieces = []
        for frame in range(codes.shape[1]):
            of_frame = codes[:, frame : frame + 1]
            self._concealment.received(of_frame)
            self._has_received = True
            pieces.append(self._decoded(Substitute(of_frame, 1.0)))
        return np.concatenate(pieces, axis=1)

    def lose(self) -> Block:
        """Return the audio ``[C, T]`` that stands in for one lost packet."""
        pieces = [self._decoded(self._substitute()) for _ in range(self._packets.frames)]
        return np.concatenate(pieces, axis=1)

    def flush(self) -> Block:
        """Return the rest of the audio ``[C, T]``; then start afresh."""
        audio = self._envelope.apply(self._stream.flush())
        self._start()
        return audio

    def reset(self) -> None:
        """Start afresh; audio that waits for a look-ahead is lost."""
        self._stream.reset()
        self._start()

    def _start(self) -> None:
        self._concealment = self._new_concealment()
        self._envelope = GainEnvelope(self._hop_samples)
        self._has_received = False

    def _substitute(self) -> Substitute:
        """Return what takes the place of a lost frame; silence if none has come yet."""
        if not self._has_received:
            return Substitute(self._packets.silence(), 0.0)
        return self._concealment.lost()

    def _decoded(self, frame: Substitute) -> Block:
        self._envelope.frame(frame.gain)
        return self._envelope.apply(self._stream.frame(frame.codes))
