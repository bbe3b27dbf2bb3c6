"""Packets of whole bytes, each with the codes of one frame or of a fixed number of frames.

Frames stand in a packet without gaps, as in a ``.lrac`` file, and zeros fill the last byte. There
is no header: the length of a packet says how many quantizer layers its frames have.
"""

from __future__ import annotations

import numpy as np

from lrac_audit.design.parts import CodecDesign
from lrac_audit.errors import InputError, Problem
from reference_models.bitstream.header import bits_of, index_sizes
from reference_models.bitstream.packing import IndexPacker, Indices, payload_bytes, unpack


class PacketFormat:
    """The packets of a design, with ``frames`` frames in each."""

    def __init__(self, design: CodecDesign, frames: int = 1) -> None:
        """Plan the packets of every mode of ``design``.

        Raises:
            InputError: there is no frame in a packet, there is nothing to send, or two modes have
                packets of equal length, so that a receiver could not tell them apart.
        """
        if frames < 1:
            problem = Problem("frames_per_packet", str(frames), "at least 1")
            raise InputError(design.name, [problem])
        self.frames = frames
        self._packet_s = frames / design.frame_rate_hz
        modes = design.quantizer.mode_layers
        self._sizes = {layers: index_sizes(design, layers) for layers in modes}
        self._packers = {layers: IndexPacker(self._index_bits(layers)) for layers in modes}
        self._layers_by_bytes = {self.packet_bytes(layers): layers for layers in modes}
        if len(self._layers_by_bytes) < len(modes):
            given = f"{frames}, which gives two modes packets of equal length"
            problem = Problem("frames_per_packet", given, "more frames in each packet")
            raise InputError(design.name, [problem])

    @property
    def modes(self) -> tuple[int, ...]:
        """Layers of each mode, ascending."""
        return tuple(self._sizes)

    def packet_bytes(self, layers: int) -> int:
        """Return the size of a packet whose frames have ``layers`` layers."""
        return payload_bytes(self.frames, sum(self._index_bits(layers)))

    def bitrate_kbps(self, layers: int) -> float:
        """Return the bits per second of packets of ``layers`` layers, filled-up bytes included."""
        return self.packet_bytes(layers) * 8 / (self._packet_s * 1000)

    def silence(self) -> Indices:
        """Return codes ``[n, 1]`` of a frame of the lowest mode, for want of better ones."""
        return np.zeros((len(self._sizes[self.modes[0]]), 1), np.int64)

    def pack(self, codes: Indices, layers: int) -> bytes:
        """Return the packet of ``codes [n, frames]`` that have ``layers`` layers."""
        packer = self._packers[layers]
        return packer.push(codes) + packer.finish()

    def unpack(self, packet: bytes) -> Indices:
        """Return the codes ``[n, frames]`` of ``packet``.

        Raises:
            InputError: it has a length that no mode has, or an index that no codeword has.
        """
        layers = self._layers_by_bytes.get(len(packet))
        if layers is None:
            allowed = ", ".join(f"{size}" for size in self._layers_by_bytes) + " bytes"
            raise InputError("packet", [Problem("", f"{len(packet)} bytes", allowed)])
        codes = unpack(packet, self._index_bits(layers))[:, : self.frames]
        sizes = np.array(self._sizes[layers])[:, np.newaxis]
        beyond = (codes >= sizes).nonzero()
        if len(beyond[0]):
            which, frame = int(beyond[0][0]), int(beyond[1][0])
            given = f"index {codes[which, frame]}: the packet is damaged"
            allowed = f"0 to {self._sizes[layers][which] - 1}"
            raise InputError("packet", [Problem(f"frame {frame}, index {which}", given, allowed)])
        return codes

    def _index_bits(self, layers: int) -> tuple[int, ...]:
        return tuple(bits_of(size) for size in self._sizes[layers])
