"""Confirmation by truncation: what is claimed to be ready must not need the rest of the input.

The input is cut after whole hops. Up to the claimed point the output must be the
same as with the whole input, to rounding (a clip of another length may be summed in another
order). That it is not ready any sooner is what the change itself has shown.
"""

from __future__ import annotations

import torch

from lrac_audit.witness.latency.side import Clip

RELATIVE_ROUNDING = {torch.float64: 1e-9, torch.float32: 1e-4}


def confirmed(clip: Clip, look_ahead: int, cut_hops: int) -> bool:
    """Whether ``look_ahead`` holds where the input is cut after ``cut_hops``, and a hop before."""
    return all(_holds(clip, look_ahead, cut) for cut in (cut_hops - 1, cut_hops))


def _holds(clip: Clip, look_ahead: int, cut_hops: int) -> bool:
    side, whole = clip.side, clip.answer
    part = side.run(clip.base[:, :, : cut_hops * side.in_steps])
    ready = _ready_steps(clip, look_ahead, cut_hops)
    ready = min(ready, part.shape[2])
    rounding = RELATIVE_ROUNDING[side.dtype] * float(whole.abs().max())
    return bool(((whole[:, :, :ready] - part[:, :, :ready]).abs() <= rounding).all())


def _ready_steps(clip: Clip, look_ahead: int, cut_hops: int) -> int:
    """Output steps that need nothing after ``cut_hops``."""
    side = clip.side
    if side.kind == "whole":
        look_ahead += side.hop_samples - 1
    return max(int((cut_hops * side.hop_samples - look_ahead) // side.out_period), 0)
