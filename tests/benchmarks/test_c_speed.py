"""How fast the codecs in C run frame by frame, beside the recipe's own model of whole clips.

Run with ``pytest tests/benchmarks/test_c_speed.py -s``.
"""

import numpy as np
import pytest
import torch

from lrac_audit.design.formats import load_design
from reference_models.nn.absorb import absorb
from reference_models.streaming.engine_registry import load_engine
from tests.benchmarks.recipe_model import recipe_model
from tests.benchmarks.timing import ratio_of, work
from tests.reference_models.nn.filling import filled_codec

HOP, LAYERS, FRAMES = 240, 6, 1000
MOST_OF_THE_RECIPES_TIME = {"track1": 0.5, "track2": 0.75}
"""The claims themselves: a stream of 10 s through both sides, one frame at a time."""

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.mark.parametrize("track", MOST_OF_THE_RECIPES_TIME)
def test_frames_in_c_beside_the_recipes_own_model(track):
    codec = filled_codec(load_design(track).design, seed=1)
    recipe, audio = recipe_model(codec), 0.1 * torch.randn(1, 1, FRAMES * HOP)
    halves, engine = absorb(codec), load_engine("c")
    transmit = engine.transmit(halves.transmit, 1)()
    receive = engine.receive(halves.receive, 1)()
    frames = np.split(audio[0].numpy(), FRAMES, 1)
    sent = codec.encode(audio)[:, 0].numpy()
    codes = [np.ascontiguousarray(sent[:, f : f + 1]) for f in range(FRAMES)]

    def stream():
        for frame, code in zip(frames, codes, strict=True):
            transmit.frame(frame, LAYERS)
            receive.frame(code)

    def whole():
        recipe.decode(recipe.encode(audio))

    assert ratio_of(work(stream), work(whole)) <= MOST_OF_THE_RECIPES_TIME[track]
