"""Show that one step of a callable's output depends on certain steps of its input.

Gradients see dependencies that a change of the input would lose in rounding, since tiny products
are not added to large values. Behind a hard decision they are zero; there, large changes are seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

Run = Callable[[Tensor], Tensor]
SCALES = (10.0, 1.0, 100.0, 1e4)
"""Sizes of the changes that are tried: one alone may flip no code, or drive a bounded activation to
where it does not move."""
SEED = 0


def seeded(run: Run, x: Tensor) -> Tensor:
    """Return ``run(x)``, with the same random numbers every time."""
    torch.manual_seed(SEED)
    return run(x)


def influencing_steps(run: Run, x: Tensor, output_step: int) -> Tensor:
    """Return which input steps have a gradient at ``output_step``, as a mask ``[T]``.

    The gradient is that of a random projection of the step. It is nowhere where there is none, as
    in a model that switches gradients off, and where it is not finite.
    """
    with torch.enable_grad():
        try:
            leaf = x.detach().clone().requires_grad_()
            y = seeded(run, leaf)[..., output_step]
            weights = torch.randn(y.shape, generator=torch.Generator().manual_seed(SEED))
            (gradient,) = torch.autograd.grad((y * weights.to(y)).sum(), leaf)
        except RuntimeError:
            return torch.zeros(x.shape[-1], dtype=torch.bool)
    found = (gradient != 0) & gradient.isfinite()
    return found.flatten(0, -2).any(0)


def changed_inputs(x: Tensor, steps: Tensor) -> Iterator[Tensor]:
    """Yield ``x`` changed at ``steps``, in several ways."""
    others = _other_signals(x) if x.is_floating_point() else _other_codes(x)
    return (torch.where(steps, other, x) for other in others)


def _other_signals(x: Tensor) -> Iterator[Tensor]:
    noise = torch.randn(x.shape, generator=torch.Generator().manual_seed(SEED + 1)).to(x)
    return (x + scale * noise for scale in SCALES)


def _other_codes(x: Tensor) -> Iterator[Tensor]:
    """Yield the codes of other steps, and the code before each, which no codebook is without."""
    yield x.roll(1, -1)
    yield x.roll(-1, -1)
    yield torch.where(x > 0, x - 1, x + 1)


class Changes:
    """Changes of one input, and whether they move one step of the output."""

    def __init__(self, run: Run, x: Tensor, output_step: int) -> None:
        self._run, self._x, self._output_step = run, x, output_step
        self._before = self._output(x)

    def _output(self, x: Tensor) -> Tensor:
        return seeded(self._run, x)[..., self._output_step]

    def moved_by(self, steps: Tensor) -> bool:
        """Return whether a change at ``steps``, a mask ``[T]``, moves the output step."""
        return any(self._moves(changed) for changed in changed_inputs(self._x, steps))

    def _moves(self, changed: Tensor) -> bool:
        return not torch.equal(self._output(changed), self._before)
