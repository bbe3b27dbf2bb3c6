"""Export of graphs with weights in 8 bits, calibrated on audio, with a report of what changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from lrac_audit.errors import InputError, Problem
from lrac_audit.ledger.row import Side
from reference_models.audio.reading import Block
from reference_models.bitstream.packing import Indices
from reference_models.export.codec import Programs, programs_of
from reference_models.export.int8_report import Int8Export, Int8Report, Score, changed, snr_db
from reference_models.export.onnx.calibration import means_of
from reference_models.export.onnx.engine import Array, open_graph
from reference_models.export.onnx.files import write_sides
from reference_models.export.onnx.sides import SideModels, graphs_of
from reference_models.export.onnx.streams import Graphs, OnnxReceiveStream, OnnxTransmitStream
from reference_models.nn.codec import Codec

LEAST_FRAMES = 20
Sides = Mapping[str, SideModels]


def write_int8(
    codec: Codec, layers: int, folder: Path, audio: Block, sides: Sequence[Side], score: Score
) -> Int8Export:
    """Write graphs into ``folder`` whose weights on ``sides`` are stored in 8 bits.

    The first half of ``audio [C, T]`` calibrates them; the second half is coded for the report.

    Raises:
        InputError: the codec cannot be exported, the audio is too short, or a file cannot be
            written.
    """
    programs = programs_of(codec, layers)
    frames = _frames(audio, codec.design.hop_samples)
    heard, judged = frames[: len(frames) // 2], frames[len(frames) // 2 :]
    before: Sides = {each.side: graphs_of(codec, each) for each in programs}
    codes = _coded(before, programs, heard)
    inputs: dict[str, list[Array]] = {
        "transmit": [frame[None] for frame in heard],
        "receive": [codes[:, f, None, None] for f in range(codes.shape[1])],
    }
    after: Sides = {
        each.side: graphs_of(codec, each, means_of(each, inputs[each.side]))
        if each.side in sides
        else before[each.side]
        for each in programs
    }
    report = _report(before, after, programs, judged, score)
    return write_sides(after, folder), report


def _frames(audio: Block, hop_samples: int) -> list[Block]:
    """Return the whole frames ``[C, hop]`` of ``audio``."""
    count = audio.shape[1] // hop_samples
    if count < LEAST_FRAMES:
        given, allowed = f"{count} frames of audio", f"at least {LEAST_FRAMES}"
        raise InputError("options", [Problem("--calibrate-on", given, allowed)])
    return np.split(audio[:, : count * hop_samples], count, axis=1)


def _opened(models: SideModels) -> Graphs:
    return tuple(open_graph(each.SerializeToString()) for each in models)


def _coded(sides: Sides, programs: Programs, frames: Sequence[Block]) -> Indices:
    stream, layers = _sender(sides, programs), programs.transmit.layers
    return np.concatenate(
        [*(stream.frame(each, layers) for each in frames), stream.flush(layers)], 1
    )


def _sender(sides: Sides, programs: Programs) -> OnnxTransmitStream:
    return OnnxTransmitStream(_opened(sides["transmit"]), programs.transmit)


def _decoded(sides: Sides, programs: Programs, codes: Indices) -> Block:
    stream = OnnxReceiveStream(_opened(sides["receive"]), programs.receive)
    pieces = [stream.frame(codes[:, f : f + 1]) for f in range(codes.shape[1])]
    return np.concatenate([*pieces, stream.flush()], 1)


def _report(
    before: Sides,
    after: Sides,
    programs: Programs,
    frames: Sequence[Block],
    score: Score,
) -> Int8Report:
    codes = [_coded(each, programs, frames) for each in (before, after)]
    plain, from_8_bits = (_decoded(each, programs, codes[0]) for each in (before, after))
    both = _decoded(after, programs, codes[1])
    rate_hz = programs.transmit.design.sample_rate_hz
    audio = np.concatenate(list(frames), 1)
    sizes = [
        sum(each[side].midst.ByteSize() for side in each if after[side] is not before[side])
        for each in (before, after)
    ]
    return Int8Report(
        sizes[0],
        sizes[1],
        audio.shape[1] / rate_hz,
        changed(*codes),
        snr_db(plain, from_8_bits),
        (score(plain, audio, rate_hz), score(both, audio, rate_hz)),
    )
