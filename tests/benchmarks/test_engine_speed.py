"""How fast engines run frame by frame, beside the recipe's own model of whole clips.

Run with ``pytest tests/benchmarks/test_engine_speed.py -s`` on a machine that does nothing else:
other work empties the caches of the weights, which a frame reads each time and a clip once.
"""

import os
import subprocess
import sys
from functools import partial

import pytest

from tests.benchmarks.timing import ratio_of
from tests.conftest import ROOT

MOST_OF_THE_RECIPES_TIME = {
    ("c", "track1"): 0.5,
    ("c", "track2"): 0.75,
    ("onnx", "track1"): 1.4,
    ("onnx", "track2"): 2.5,
}
"""The claims themselves: a stream of 10 s through both sides, one frame at a time."""
ROUNDS = 5


def ten_seconds_s(name, track):
    """Return the seconds of processor time of 10 s of audio, in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.ten_seconds", name, track]
    one_thread = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=ROOT, env=one_thread, check=True, stdout=subprocess.PIPE)
    return float(done.stdout)


@pytest.mark.parametrize(("name", "track"), MOST_OF_THE_RECIPES_TIME)
def test_frames_of_an_engine_beside_the_recipes_own_model(name, track):
    if name == "onnx":
        pytest.importorskip("onnxruntime")
        pytest.importorskip("onnx")
    engine, recipe = (partial(ten_seconds_s, each, track) for each in (name, "recipe"))
    most = MOST_OF_THE_RECIPES_TIME[name, track]
    assert ratio_of(engine, recipe, ROUNDS) <= most
