"""Processor time of ten seconds of noise through both sides of a baseline, on one thread.

Run as ``python -m tests.benchmarks.ten_seconds recipe|onnx|c track1|track2``. The recipe's own
model takes the clip at once, an engine takes it frame by frame. It prints the seconds of the median
pass.

A process does one of them only: how long the recipe takes depends on what the heap was used for
before, since tensors of megabytes are given back to the system and fetched again, or not.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable

import numpy as np
import torch

from lrac_audit.design.formats import load_design
from reference_models.nn.absorb import absorb
from reference_models.nn.codec import Codec
from reference_models.streaming.engine_registry import load_engine
from tests.benchmarks.recipe_model import recipe_model
from tests.benchmarks.timing import work
from tests.reference_models.nn.filling import filled_codec

HOP, LAYERS, FRAMES, PASSES = 240, 6, 1000, 7

Pass = Callable[[], object]


def whole_clip(codec: Codec, audio: torch.Tensor) -> Pass:
    """Return a pass of ``audio [1, 1, T]`` at once through the recipe's own model."""
    recipe = recipe_model(codec)
    return lambda: recipe.decode(recipe.encode(audio))


def frame_by_frame(codec: Codec, audio: torch.Tensor, name: str) -> Pass:
    """Return a pass of ``audio [1, 1, T]`` through the engine called ``name``."""
    halves, engine = absorb(codec), load_engine(name)
    transmit = engine.transmit(halves.transmit, 1)()
    receive = engine.receive(halves.receive, 1)()
    frames = np.split(audio[0].numpy(), FRAMES, 1)
    sent = codec.encode(audio)[:, 0].numpy()
    codes = [np.ascontiguousarray(each) for each in np.split(sent, FRAMES, 1)]

    def stream() -> None:
        for frame, code in zip(frames, codes, strict=True):
            transmit.frame(frame, LAYERS)
            receive.frame(code)

    return stream


def main(name: str, track: str) -> None:
    """Print the median of the seconds that passes of ``track`` through ``name`` take."""
    torch.set_num_threads(1)
    codec = filled_codec(load_design(track).design, seed=1)
    audio = 0.1 * torch.randn(1, 1, FRAMES * HOP)
    is_whole = name == "recipe"
    timer = work(whole_clip(codec, audio) if is_whole else frame_by_frame(codec, audio, name))
    timer()
    print(statistics.median(timer() for _ in range(PASSES)))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
