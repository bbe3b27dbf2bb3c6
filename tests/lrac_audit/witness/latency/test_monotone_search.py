"""Asking adaptively against asking for every position."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from lrac_audit.witness.latency.monotone_search import find_peak
from lrac_audit.witness.latency.perturbation import PerturbedClip
from lrac_audit.witness.latency.sides import sides_of
from tests.lrac_audit.witness.latency.toys import (
    WIDTH,
    Attention,
    Codec,
    Conv,
    decoder,
    divided,
    encoder,
    undivided,
)


@st.composite
def staircases(draw):
    rises = draw(st.lists(st.sampled_from([0, 0, 0, 1, 2, 5]), min_size=1, max_size=60))
    heights = [draw(st.integers(0, 20))]
    for rise in rises:
        heights.append(heights[-1] + rise)
    return heights


@given(staircases(), st.integers(1, 6), st.lists(st.integers(0, 70)), st.data())
def test_any_staircase(heights, step, hints, data):
    begin = data.draw(st.integers(0, len(heights) - 1))
    window = range(begin, len(heights))

    def value(j, g):
        return j - step * g

    def ask(j):
        assert j in window
        return heights[j]

    expected = max(value(j, heights[j]) for j in window)
    peak = find_peak(ask, value, window, hints)
    assert peak.value == expected == value(peak.position, heights[peak.position])
    floor = data.draw(st.integers(expected - 2, expected + 2))
    above = find_peak(ask, value, window, hints, floor)
    assert (above is None) == (floor >= expected)
    if above is not None:
        assert above.value == expected


def test_one_step_in_a_hop_takes_few_questions():
    asked = []

    def ask(j):
        asked.append(j)
        return (j + 77) // 240

    peak = find_peak(ask, lambda j, g: j - 240 * g, range(480, 720))
    # The last position of a step: j + 77 = 240 g + 239.
    assert peak.value == 239 - 77
    assert len(asked) <= 10


DIVIDED = {
    "causal": lambda: divided(Codec(encoder(), decoder())),
    "ahead by 5 and 3": lambda: divided(Codec(encoder(right=5), decoder(right=3))),
    "hop of four strides": lambda: divided(Codec(encoder(right=2), decoder()), hop=16),
}
UNDIVIDED = {
    "undivided": lambda: undivided(Codec(encoder(right=3), decoder(right=2))),
    "undivided, no frames": lambda: undivided(nn.Sequential(Conv(1, WIDTH, 3, 2)), hop=32),
    "attention": lambda: undivided(Codec(encoder(Attention()), decoder(right=1))),
}


CASES = [
    *((model, "transmit") for model in (*DIVIDED, *UNDIVIDED)),
    *((model, "receive") for model in DIVIDED),
]


def sides_in_float64(model):
    target = (DIVIDED | UNDIVIDED)[model]()
    target.root.double()
    with torch.no_grad():
        return sides_of(target, None, torch.float64)


@pytest.mark.parametrize("model", UNDIVIDED)
def test_an_undivided_module_has_no_receive_side(model):
    sides = sides_in_float64(model)
    assert (sides.transmit.kind, sides.receive) == ("whole", None)


@pytest.mark.parametrize(("model", "part"), CASES)
@pytest.mark.parametrize("trial", [0, 1])
def test_a_module_at_every_phase(model, part, trial):
    side = getattr(sides_in_float64(model), part)
    with torch.no_grad():
        hops = 256 // side.hop_samples
        clip = PerturbedClip(side, hops, trial)
        low = hops // 2 * side.in_steps
        window = range(low, low + side.in_steps)
        steps = [clip.first_moved(j) for j in window]
        peak = find_peak(clip.first_moved, side.look_ahead, window)
    assert steps == sorted(steps)
    expected = max(side.look_ahead(j, g) for j, g in zip(window, steps, strict=True))
    assert peak.value == expected
