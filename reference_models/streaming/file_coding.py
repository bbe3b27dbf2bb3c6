"""Encoding and decoding of whole files as streams: memory does not grow with their length."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import torch

from lrac_audit.files import replacing
from reference_models.audio.conversion import convert, converted_samples
from reference_models.audio.reading import AudioFile, Block
from reference_models.audio.writing import write_wav
from reference_models.bitstream.header import Fingerprints, Header, index_sizes
from reference_models.bitstream.packing import Indices
from reference_models.bitstream.reader import Bitstream
from reference_models.bitstream.writer import BitstreamWriter
from reference_models.nn.codec import Codec, Receiver, Transmitter
from reference_models.nn.fingerprint import design_fingerprint, weights_fingerprint

SAMPLES_PER_CHUNK = 1 << 17
"""Approximate audio samples per channel that are decoded at once."""

Advance = Callable[[int], object]
"""Called with the number of audio samples at the codec's rate since the last call."""


def fingerprints(codec: Codec) -> Fingerprints:
    """Return the fingerprints in files of ``codec``, which it also requires for decoding."""
    return Fingerprints(design_fingerprint(codec.design), weights_fingerprint(codec))


def encode_file(codec: Codec, audio: AudioFile, path: Path, layers: int, advance: Advance) -> None:
    """Write ``audio``, coded with the first ``layers``, into a ``.lrac`` file at ``path``.

    Raises:
        InputError: the audio cannot be read to its end, or the file cannot be written; then an
            old one is untouched.
    """
    design = codec.design
    samples = converted_samples(audio.samples, audio.rate_hz, design.sample_rate_hz)
    header = Header.of(design, fingerprints(codec), layers, samples)
    blocks = convert(audio, design.sample_rate_hz, design.audio_channels)
    with replacing(path) as beside, beside.open("wb") as file:
        writer = BitstreamWriter(file, header)
        for indices in encoded(codec, _counted(blocks, advance), layers):
            writer.push(indices)
        writer.finish()


def decode_file(
    codec: Codec, bitstream: Bitstream, path: Path, layers: int, advance: Advance
) -> None:
    """Write the audio of ``bitstream``, from its first ``layers``, into a WAV file at ``path``.

    Whether the file is of this codec is checked by :meth:`Bitstream.check_codec`.

    Raises:
        InputError: the bitstream is damaged, or the audio cannot be written; then an old file is
            untouched.
    """
    design, samples = codec.design, bitstream.audio_samples
    frames_at_once = SAMPLES_PER_CHUNK // design.hop_samples
    chunks = bitstream.chunks(index_sizes(design, layers), frames_at_once)
    blocks = _counted(cropped(decoded(codec, chunks), samples), advance)
    write_wav(path, blocks, design.sample_rate_hz, design.audio_channels, samples)


def encoded(codec: Codec, blocks: Iterable[Block], layers: int) -> Iterator[Indices]:
    """Yield the indices ``[n, F]`` of audio that comes in blocks ``[C, T]``."""
    transmitter = Transmitter(codec, layers)
    for block in blocks:
        yield transmitter.push(torch.tensor(block)[None])[:, 0].numpy()
    yield transmitter.flush()[:, 0].numpy()


def decoded(codec: Codec, chunks: Iterable[Indices]) -> Iterator[Block]:
    """Yield the audio ``[C, T]`` of indices that come in chunks ``[n, F]``."""
    receiver = Receiver(codec)
    for indices in chunks:
        yield receiver.push(torch.tensor(indices)[:, None])[0].numpy()
    yield receiver.flush()[0].numpy()


def cropped(blocks: Iterable[Block], samples: int) -> Iterator[Block]:
    """Yield the first ``samples`` of what comes in ``blocks [C, T]``."""
    for block in blocks:
        yield block[:, :samples]
        samples = max(samples - block.shape[1], 0)


def _counted(blocks: Iterable[Block], advance: Advance) -> Iterator[Block]:
    for block in blocks:
        yield np.ascontiguousarray(block)
        advance(block.shape[1])
