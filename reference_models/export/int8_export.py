"""Export with weights in 8 bits, calibrated on audio, with a report of what they change.

It is the same for every form of a codec; a form says how a side is computed and how large it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from lrac_audit.errors import InputError, Problem
from lrac_audit.ledger.row import Side
from reference_models.audio.reading import Block
from reference_models.bitstream.packing import Indices
from reference_models.export.codec import Programs, programs_of
from reference_models.export.int8_report import Int8Export, Int8Report, Score, changed, snr_db
from reference_models.export.quantization import Means
from reference_models.nn.codec import Codec

LEAST_FRAMES = 20


class Sender(Protocol):
    """A stream from audio to codes; see :mod:`reference_models.streaming.engine`."""

    def frame(self, audio: Block, layers: int) -> Indices:
        """Return the codes that a frame of audio completes."""

    def flush(self, layers: int) -> Indices:
        """Return the codes that are still missing."""


class Receiver(Protocol):
    """A stream from codes to audio; see :mod:`reference_models.streaming.engine`."""

    def frame(self, codes: Indices) -> Block:
        """Return the audio that a frame of codes completes."""

    def flush(self) -> Block:
        """Return the audio that is still missing."""


class Form(Protocol):
    """A codec in a form that can be run and written to files."""

    def transmit(self) -> Sender:
        """Return a fresh stream from audio to codes."""

    def receive(self) -> Receiver:
        """Return a fresh stream from codes to audio."""

    def means(self, side: Side, frames: Sequence[Block], codes: Indices) -> Means:
        """Return the mean of each column of what products of a side read.

        The transmit side codes ``frames [C, hop]``, the receive side decodes ``codes [n, F]``.
        """

    def size_bytes(self, side: Side) -> int:
        """Return the size of the graph or weights of a side."""

    def write(self, folder: Path) -> list[Path]:
        """Write all files into ``folder`` and return them."""


MakeForm = Callable[[Codec, Programs, Mapping[str, Means]], Form]
"""Makes a form of a codec; sides with means of their values over time get weights in 8 bits."""


def export_int8(
    make: MakeForm,
    codec: Codec,
    layers: int,
    folder: Path,
    audio: Block,
    sides: Sequence[Side],
    score: Score,
) -> Int8Export:
    """Write a codec into ``folder`` in the form that ``make`` makes, with ``sides`` in 8 bits.

    The first half of ``audio [C, T]`` calibrates them, in this form; the second half is coded
    for the report.

    Raises:
        InputError: the codec cannot be exported, the audio is too short, or a file cannot be
            written.
    """
    programs = programs_of(codec, layers)
    frames = _frames(audio, codec.design.hop_samples)
    heard, judged = frames[: len(frames) // 2], frames[len(frames) // 2 :]
    before = make(codec, programs, {})
    codes = _coded(before, heard, layers)
    means: dict[str, Means] = {side: before.means(side, heard, codes) for side in sides}
    after = make(codec, programs, means)
    report = _report((before, after), judged, layers, sides, score, codec.design.sample_rate_hz)
    return after.write(folder), report


def _frames(audio: Block, hop_samples: int) -> list[Block]:
    """Return the whole frames ``[C, hop]`` of ``audio``."""
    count = audio.shape[1] // hop_samples
    if count < LEAST_FRAMES:
        given, allowed = f"{count} frames of audio", f"at least {LEAST_FRAMES}"
        raise InputError("options", [Problem("--calibrate-on", given, allowed)])
    return np.split(audio[:, : count * hop_samples], count, axis=1)


def _coded(form: Form, frames: Sequence[Block], layers: int) -> Indices:
    stream = form.transmit()
    return np.concatenate(
        [*(stream.frame(each, layers) for each in frames), stream.flush(layers)], 1
    )


def _decoded(form: Form, codes: Indices) -> Block:
    stream = form.receive()
    pieces = [stream.frame(codes[:, f : f + 1]) for f in range(codes.shape[1])]
    return np.concatenate([*pieces, stream.flush()], 1)


def _report(
    forms: tuple[Form, Form],
    frames: Sequence[Block],
    layers: int,
    sides: Sequence[Side],
    score: Score,
    rate_hz: int,
) -> Int8Report:
    """Return what changes between two forms, before and after, on ``frames``."""
    audio = np.concatenate(list(frames), 1)
    codes = [_coded(form, frames, layers) for form in forms]
    plain, from_8_bits = (_decoded(form, codes[0]) for form in forms)
    both = _decoded(forms[1], codes[1])
    before, after = (sum(map(form.size_bytes, sides)) for form in forms)
    return Int8Report(
        before,
        after,
        audio.shape[1] / rate_hz,
        changed(*codes),
        snr_db(plain, from_8_bits),
        (score(plain, audio, rate_hz), score(both, audio, rate_hz)),
    )
