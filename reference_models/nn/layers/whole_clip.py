"""Layers whose output depends on the whole clip: a stream of them brings nothing before its end."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lrac_audit.design.layers.norms import GroupNorm
from lrac_audit.design.steps import Step
from reference_models.nn.layer_modules import LAYER_MODULES
from reference_models.nn.streaming import Footprint, Streaming


@dataclass(slots=True)
class Collected:
    """All steps so far, ``[B, C, T]``."""

    steps: Tensor

    def footprint(self) -> Footprint:
        """See :class:`Footprint`."""
        values = self.steps[0].numel()
        return Footprint(values, 0, 0, values * self.steps.element_size())


class WholeClipNorm(Streaming[Collected]):
    """A group norm whose statistics are those of the whole clip."""

    def __init__(self, groups: int, channels: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(groups, channels)

    def initial_state(self, batch_size: int, like: Tensor) -> Collected:
        """See :class:`Streaming`."""
        return Collected(like.new_zeros(batch_size, self.norm.num_channels, 0))

    def step(self, x: Tensor, state: Collected, last: bool = False) -> Tensor:
        """See :class:`Streaming`; whatever comes is kept until the ``last`` step."""
        state.steps = torch.cat((state.steps, x), 2)
        if not last or not state.steps.shape[2]:
            return x[:, :, :0]
        norm = self.norm  # its own forward refuses groups of a single value
        return torch.group_norm(state.steps, norm.num_groups, norm.weight, norm.bias, norm.eps)


@LAYER_MODULES.add(GroupNorm)
def group_norm(step: Step) -> WholeClipNorm:
    """Return a group norm over the whole clip."""
    return WholeClipNorm(step.part.groups, step.channels_in)
