"""The transmit side of a live stream: audio of any size in, packets out."""

from __future__ import annotations

import numpy as np

from lrac_audit.design.parts import CodecDesign
from reference_models.audio.reading import Block
from reference_models.bitstream.packing import Indices
from reference_models.streaming.engine import TransmitStream
from reference_models.streaming.framing import Framer
from reference_models.streaming.packets import PacketFormat


class PacketSender:
    """Frames audio, encodes it and puts the codes into packets."""

    def __init__(
        self, design: CodecDesign, stream: TransmitStream, packets: PacketFormat, layers: int
    ) -> None:
        self._channels, self._hop_samples = design.audio_channels, design.hop_samples
        self._stream = stream
        self._packets = packets
        self.layers = layers
        """Layers of the next packet; those of a packet that has begun stay as they are."""
        self._start()

    def push(self, audio: Block) -> list[bytes]:
        """Return the packets that ``audio [C, any]`` completes."""
        packets = []
        self._samples += audio.shape[1]
        for frame in self._framer.push(audio):
            layers = self._layers_of_packet()
            packets += self._completed(self._stream.frame(frame, layers), layers)
        return packets

    def flush(self) -> list[bytes]:
        """Return the rest, with silence up to the end of the last packet; then start afresh."""
        missing = -self._samples % (self._packets.frames * self._hop_samples)
        packets = self.push(np.zeros((self._channels, missing), np.float32))
        layers = self._layers_of_packet()
        packets += self._completed(self._stream.flush(layers), layers)
        self._start()
        return packets

    def reset(self) -> None:
        """Start afresh; audio that waits is lost."""
        self._stream.reset()
        self._start()

    def _start(self) -> None:
        self._framer = Framer(self._channels, self._hop_samples)
        self._samples = 0
        self._waiting: list[Indices] = []
        self._waiting_layers = self.layers

    def _layers_of_packet(self) -> int:
        """Return the layers of the packet that the next codes go into."""
        if not self._waiting:
            self._waiting_layers = self.layers
        return self._waiting_layers

    def _completed(self, codes: Indices, layers: int) -> list[bytes]:
        """Return the packets that ``codes [n, F]`` complete."""
        packets = []
        for frame in range(codes.shape[1]):
            self._waiting.append(codes[:, frame : frame + 1])
            if len(self._waiting) == self._packets.frames:
                packets.append(self._packets.pack(np.concatenate(self._waiting, axis=1), layers))
                self._waiting = []
        return packets
