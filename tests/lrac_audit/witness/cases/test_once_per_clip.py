"""A call that happens once in a clip, beside calls of the same layer in a loop over frames.

How often it happens in a stream is not known, so the layer is incomplete. A call that is only the
first step of the loop, written on its own, costs what every step costs.
"""

import pytest
import torch
from torch import nn

from tests.lrac_audit.witness.trace.tracing import macs, traced

HOP = 4


class Framed(nn.Module):
    """Runs ``writing`` on a list of frames ``[1, HOP]``, with layers that keep their size."""

    def __init__(self, writing):
        super().__init__()
        self.writing = writing
        self.layer = nn.Linear(HOP, HOP, bias=False)
        self.net = nn.Sequential(nn.Conv1d(1, 1, 3, padding=1, bias=False), nn.Tanh())
        self.cell = nn.GRUCell(HOP, HOP, bias=False)
        self.table = nn.Parameter(torch.ones(HOP, HOP))

    def forward(self, x):
        return torch.stack(self.writing(self, list(x[0].view(-1, 1, HOP))))


def through_net(model, frame):
    return model.net(frame[None])[0]


def the_first_frame_before(model, frames):
    start = model.layer(frames[0])
    return [model.layer(frame) + start for frame in frames]


def in_a_loop_of_two(model, frames):
    start = frames[0]
    for _ in range(2):
        start = model.layer(start)
    return [start * model.layer(frame) for frame in frames]


def two_frames_at_once(model, frames):
    start = model.layer(torch.cat(frames[:2]))
    return [model.layer(frame) + start for frame in frames]


def in_the_first_step(model, frames):
    made = []
    for index, frame in enumerate(frames):
        step = model.layer(frame)
        made.append(model.layer(step) if index == 0 else step)
    return made


def in_the_last_step(model, frames):
    made = []
    while frames:
        made.append(model.layer(frames.pop(0)))
        if not frames:
            made[-1] = model.layer(made[-1])
    return made


def of_a_layer_in_a_layer(model, frames):
    start = through_net(model, frames[0])
    return [through_net(model, frame) * start for frame in frames]


def of_a_parameter(model, frames):
    start = frames[0] @ model.table
    return [frame @ model.table + start for frame in frames]


def of_a_cell(model, frames):
    state = model.cell(frames[1], frames[0])
    made = []
    for frame in frames:
        state = model.cell(frame, state)
        made.append(state)
    return made


def by_map(model, frames):
    start = model.layer(frames[0])
    return [start, *map(model.layer, frames)]


ONCE = [
    the_first_frame_before,
    in_a_loop_of_two,
    two_frames_at_once,
    in_the_first_step,
    in_the_last_step,
    of_a_layer_in_a_layer,
    of_a_parameter,
    of_a_cell,
    by_map,
]


@pytest.mark.parametrize("writing", ONCE)
def test_a_call_beside_the_loop_is_not_known(writing):
    rows = traced(Framed(writing), hop=HOP).rows
    reasons = [row.problem for row in rows if row.problem]
    assert reasons
    assert all(reason.startswith("part of it costs the same in every clip") for reason in reasons)


def first_step_before_the_loop(model, frames):
    return [model.layer(frames[0]), *(model.layer(frame) for frame in frames[1:])]


def first_step_in_a_branch(model, frames):
    made = []
    for index, frame in enumerate(frames):
        if index == 0:
            made.append(model.layer(frame))
        else:
            made.append(model.layer(frame + made[-1]))
    return made


def last_step_after_the_loop(model, frames):
    return [*(model.layer(frame) for frame in frames[:-1]), model.layer(frames[-1])]


def a_state_of_zeros(model, frames):
    made = [torch.zeros_like(frames[0])]
    for frame in frames:
        made.append(model.layer(frame + made[-1]))
    return made[1:]


@pytest.mark.parametrize(
    "writing",
    [
        first_step_before_the_loop,
        first_step_in_a_branch,
        last_step_after_the_loop,
        a_state_of_zeros,
    ],
)
def test_a_step_that_is_written_on_its_own_is_a_step(writing):
    assert macs(traced(Framed(writing), hop=HOP).rows) == HOP * HOP
