"""Scoring of a codec: utterances are encoded to files, decoded, and measured."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from reference_models.audio.conversion import convert
from reference_models.audio.reading import AudioFile, open_audio
from reference_models.bitstream.reader import open_bitstream
from reference_models.evaluation.conditions import Condition, Pair
from reference_models.evaluation.metrics import RATE_HZ, NoScoreError, Score, Speech
from reference_models.evaluation.results import Result, Scored
from reference_models.nn.codec import Codec
from reference_models.streaming.file_coding import decode_file, encode_file

Advance = Callable[[int], object]


def evaluate(
    codec: Codec,
    conditions: Sequence[Condition],
    metrics: Mapping[str, Score],
    advance: Advance,
) -> list[Result]:
    """Encode, decode and score all ``conditions`` at every bitrate of the codec.

    Raises:
        InputError: an audio file is damaged.
    """
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for condition in conditions:
            for layers in codec.design.quantizer.mode_layers:
                scored = []
                for pair in condition.pairs:
                    scored.append(_scored(codec, pair, layers, metrics, Path(folder)))
                    advance(1)
                bitrate_kbps = float(codec.design.bitrate_kbps(layers))
                results.append(Result(condition.name, bitrate_kbps, tuple(scored)))
    return results


def _scored(
    codec: Codec, pair: Pair, layers: int, metrics: Mapping[str, Score], folder: Path
) -> Scored:
    coded, decoded = folder / "coded.lrac", folder / "decoded.wav"
    encode_file(codec, pair.source, coded, layers, _ignored)
    bitstream = open_bitstream(coded)
    decode_file(codec, bitstream, decoded, layers, _ignored)
    output, reference = _speech(open_audio(decoded)), _speech(pair.reference)
    scores, missing = {}, {}
    for name, score in metrics.items():
        try:
            scores[name] = score(output, reference)
        except NoScoreError as error:
            missing[name] = str(error)
    return Scored(pair.uid, 8 * bitstream.header.payload_bytes, scores, missing)


def _speech(audio: AudioFile) -> Speech:
    speech: Speech = np.concatenate(list(convert(audio, RATE_HZ, 1)), axis=1)[0]
    return speech


def _ignored(done: int) -> None:
    pass
