"""Layers of a list with a skip path around them: residual layers and blocks."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn

from lrac_audit.design.layers.convnext import ConvNext
from lrac_audit.design.layers.residual import Residual
from lrac_audit.design.steps import Step
from reference_models.nn.layer_modules import LAYER_MODULES, build_inner
from reference_models.nn.seanet import Held, UnitState, add_by_path
from reference_models.nn.streaming import Streaming, states_of


class SkippedLayers(Streaming[UnitState]):
    """``skip(x) + layers(x)``; the skip path is held back as long as the layers look ahead."""

    def __init__(self, layers: Mapping[str, nn.Module], channels: int) -> None:
        """Take ``layers``: those of the branch, maybe ``skip``, and the sum ``add``."""
        super().__init__()
        add_by_path(self, layers)
        self.skip = layers.get("skip")
        self.add = layers["add"]
        self.channels = channels
        self._branch = [name for name in layers if name not in ("skip", "add")]

    def initial_state(self, batch_size: int, like: Tensor) -> UnitState:
        """See :class:`Streaming`."""
        branch = states_of(map(self.get_submodule, self._branch), batch_size, like)
        return UnitState(branch, Held(like.new_zeros(batch_size, self.channels, 0)))

    def step(self, x: Tensor, state: UnitState, last: bool = False) -> Tensor:
        """See :class:`Streaming`."""
        branch = state.branch.step(x, last)
        # The convolution of a skip path has a kernel of 1 and no state.
        skip = x if self.skip is None else self.skip(x)
        y: Tensor = self.add(skip, branch, state.held)
        return y


@LAYER_MODULES.add(Residual, ConvNext)
def residual(step: Step) -> SkippedLayers:
    """Return the layers and the path around them."""
    return SkippedLayers(build_inner(step), step.channels_in)
