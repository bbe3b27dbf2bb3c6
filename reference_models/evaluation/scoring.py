"""Scoring of a codec: utterances are encoded to files, decoded, and measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from reference_models.audio.conversion import convert
from reference_models.audio.reading import AudioFile
from reference_models.evaluation.coding import coded
from reference_models.evaluation.conditions import Condition, Pair
from reference_models.evaluation.metrics import RATE_HZ, NoScoreError, Score, Speech, load_metrics
from reference_models.evaluation.results import Result, Scored
from reference_models.nn.codec import Codec
from reference_models.nn.weights import load_codec
from reference_models.parallel.mapping import Workers, mapped


class WorkersOfFile(NamedTuple):
    """Processes that load a codec from a file of weights."""

    workers: Workers
    weights: Path


Advance = Callable[[int], object]


class Work(NamedTuple):
    """One utterance to be coded at one bitrate."""

    pair: Pair
    layers: int
    """Active layers of the quantizer."""


class Scorer(NamedTuple):
    """A codec and the measures that are computed of it."""

    codec: Codec
    metrics: Mapping[str, Score]

    def score(self, work: Work) -> Scored:
        """Encode, decode and score one utterance."""
        scores, missing = {}, {}
        with coded(self.codec, work.pair.source, work.layers) as found:
            output, reference = _speech(found.decoded), _speech(work.pair.reference)
        for name, score in self.metrics.items():
            try:
                scores[name] = score(output, reference)
            except NoScoreError as error:
                missing[name] = str(error)
        return Scored(work.pair.uid, found.bits, scores, missing)


def evaluate(
    codec: Codec,
    conditions: Sequence[Condition],
    metrics: Mapping[str, Score],
    advance: Advance,
    apart: WorkersOfFile | None = None,
) -> list[Result]:
    """Encode, decode and score all ``conditions`` at every bitrate of the codec.

    Args:
        codec: the codec.
        conditions: utterances.
        metrics: measures by name.
        advance: is called with 1 for each utterance and bitrate that is done.
        apart: other processes, which load the codec and the measures themselves.

    Raises:
        InputError: an audio file is damaged, or a process was killed.
    """
    modes = codec.design.quantizer.mode_layers
    places = [(one, layers) for one in conditions for layers in modes]
    work = [Work(pair, layers) for one, layers in places for pair in one.pairs]
    scores: Iterator[Scored]
    if apart is None:
        scores = mapped(Scorer(codec, metrics).score, work)
    else:
        scores = mapped(partial(_scored_apart, apart.weights, tuple(metrics)), work, apart.workers)
    scored = []
    for each in scores:
        scored.append(each)
        advance(1)
    left = iter(scored)
    return [
        Result(
            one.name, float(codec.design.bitrate_kbps(layers)), tuple(islice(left, len(one.pairs)))
        )
        for one, layers in places
    ]


def _scored_apart(weights: Path, names: tuple[str, ...], work: Work) -> Scored:
    return _loaded(weights, names).score(work)


@lru_cache(maxsize=1)
def _loaded(weights: Path, names: tuple[str, ...]) -> Scorer:
    """Load a codec and measures once in each process, which then runs on one thread."""
    torch.set_num_threads(1)
    return Scorer(load_codec(weights), load_metrics(names))


def _speech(audio: AudioFile) -> Speech:
    speech: Speech = np.concatenate(list(convert(audio, RATE_HZ, 1)), axis=1)[0]
    return speech
