"""Modules of branches beside each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from lrac_audit.design.layers.parallel import Join, Parallel
from lrac_audit.design.steps import Branch, Step
from reference_models.nn.layer_modules import LAYER_MODULES, build_inner
from reference_models.nn.seanet import Held, Network, UnitState, add_by_path
from reference_models.nn.streaming import States, Streaming


class Joined(nn.Module):
    """The sum of branches, or their channels side by side."""

    def __init__(self, part: Join) -> None:
        super().__init__()
        self.part = part

    def forward(self, branches: Sequence[Tensor]) -> Tensor:
        """Return one output of branches of the same number of steps."""
        if self.part.kind == "concat":
            return torch.cat(list(branches), 1)
        y = branches[-1]
        for branch in reversed(branches[:-1]):
            y = branch + y
        return y


class ParallelLayers(Streaming[States]):
    """Branches of one input, each held back until the one that looks ahead farthest is ready."""

    def __init__(self, layers: Mapping[str, nn.Module], join: Joined) -> None:
        """Take ``layers``: ``branches.0`` and so on, and ``join``."""
        super().__init__()
        add_by_path(self, layers)
        self.join = join

    def initial_state(self, batch_size: int, like: Tensor) -> States:
        """See :class:`Streaming`."""
        found = States()
        branches = self.get_submodule("branches").children()
        for branch, width in zip(branches, self.join.part.widths, strict=True):
            assert isinstance(branch, Network)
            held = Held(like.new_zeros(batch_size, width, 0))
            found.append((branch, UnitState(branch.initial_state(batch_size, like), held)))
        return found

    def step(self, x: Tensor, state: States, last: bool = False) -> Tensor:
        """See :class:`Streaming`."""
        outputs = [torch.cat((kept.held.steps, kept.branch.step(x, last)), 2) for _, kept in state]
        ready = min(each.shape[2] for each in outputs)
        for (_, kept), each in zip(state, outputs, strict=True):
            kept.held.steps = each[:, :, ready:].clone()
        y: Tensor = self.join([each[:, :, :ready] for each in outputs])
        return y


@LAYER_MODULES.add(Join)
def join(step: Step) -> Joined:
    """Return the sum or the concatenation of branches."""
    return Joined(step.part)


@LAYER_MODULES.add(Branch)
def branch(step: Step) -> Network:
    """Return the layers of a branch."""
    return Network(build_inner(step))


@LAYER_MODULES.add(Parallel)
def parallel(step: Step) -> ParallelLayers:
    """Return branches and what joins them."""
    layers = build_inner(step)
    joined = layers["join"]
    assert isinstance(joined, Joined)
    return ParallelLayers(layers, joined)
