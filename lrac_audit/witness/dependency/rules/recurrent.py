"""The rule for recurrent layers: each step depends on all steps before it in its direction."""

from __future__ import annotations

import torch
from torch import Tensor

from lrac_audit.witness.dependency.registry import RuleCall, rule
from lrac_audit.witness.dependency.steps import joined, joined_whole, nothing


@rule("lstm", "gru", "rnn_tanh", "rnn_relu")
def recur(call: RuleCall) -> list[Tensor]:
    """Return the steps of the outputs and of the last states."""
    if call.depends(call["batch_sizes"]):
        whole = joined(joined_whole(call.steps(t)) for t in (call["input"], call["batch_sizes"]))
        return [whole] * len(call.shapes)
    sequence = _by_step(call)
    directions, last = 2 if call["bidirectional"] else 1, []
    for layer in range(call["num_layers"]):
        outputs = []
        for direction in range(directions):
            start = _start(call, layer * directions + direction, sequence)
            output, end = _scan(joined([sequence, start]), backward=direction == 1)
            outputs.append(output)
            last.append(end)
        sequence = joined(outputs)
    outputs = [output.expand(*sequence.shape[:-1], _hidden(call)) for output in outputs]
    states = torch.cat(torch.broadcast_tensors(*last)).expand(-1, -1, 1)  # type: ignore[no-untyped-call]
    states = states if len(call.shapes[1]) == 3 else states.squeeze(1)
    return [_as_given(call, torch.cat(outputs, -1)), *[states] * (len(call.shapes) - 1)]


def _hidden(call: RuleCall) -> int:
    return int(call["hx"][0].shape[-1])


def _by_step(call: RuleCall) -> Tensor:
    """Return the input's steps ``[T, B, 1]``, joined over its features."""
    steps = call.joined_over(call["input"], [-1])
    if call["batch_sizes"] is not None:
        places = _packed_places(call["batch_sizes"])
        padded = nothing(*places.shape, 1)
        padded[places >= 0] = steps.expand(call["input"].shape[0], 1)
        return padded
    if steps.dim() == 2:
        return steps.unsqueeze(1)
    return steps.transpose(0, 1) if call["batch_first"] else steps


def _packed_places(batch_sizes: Tensor) -> Tensor:
    """Return the place of step t of sequence b in a packed sequence, -1 where it is over."""
    runs = torch.arange(int(batch_sizes[0])) < batch_sizes.unsqueeze(1)
    places = torch.full(runs.shape, -1)
    places[runs] = torch.arange(int(batch_sizes.sum()))
    return places


def _start(call: RuleCall, index: int, sequence: Tensor) -> Tensor:
    """Return the steps of a first state, for all steps of the sequence."""
    states = [state for state in call["hx"] if call.depends(state)]
    starts = [call.joined_over(state, [-1])[index] for state in states]
    return joined([nothing(), *(start.reshape(1, -1, 1) for start in starts)])


def _scan(sequence: Tensor, backward: bool) -> tuple[Tensor, Tensor]:
    """Return the join of all steps so far, and of all steps."""
    if backward:
        outputs = sequence.flip(0).cummax(0).values.flip(0)
        return outputs, outputs[:1]
    outputs = sequence.cummax(0).values
    return outputs, outputs[-1:]


def _as_given(call: RuleCall, outputs: Tensor) -> Tensor:
    """Return the outputs in the order of the input's axes."""
    if call["batch_sizes"] is not None:
        return outputs[_packed_places(call["batch_sizes"]) >= 0]
    if len(call.shapes[0]) == 2:
        return outputs.squeeze(1)
    return outputs.transpose(0, 1) if call["batch_first"] else outputs
