"""Codecs that drop samples, add some, or put them elsewhere.

Output sample t is the one at index t of what comes out. With a hop of 16 a codec of ``down`` and
``up`` alone has a delay of 16.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from torch import Tensor, nn
from torch.nn import functional

from tests.lrac_audit.witness.latency.cases.case import (
    AUDITED,
    WIDTH,
    Case,
    Codec,
    down,
    up,
)

HOP = 16


class After(nn.Module):
    """A decoder, and what is done with its output."""

    def __init__(self, change: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.up, self.change = up(HOP), change

    def forward(self, x: Tensor) -> Tensor:
        return self.change(self.up(x))


def dropped(count: int) -> Callable[[Tensor], Tensor]:
    return lambda y: y[:, :, count:]


def shifted(count: int) -> Callable[[Tensor], Tensor]:
    return lambda y: functional.pad(y[:, :, count:], (0, count))


def rolled(count: int) -> Callable[[Tensor], Tensor]:
    return lambda y: y.roll(-count, 2)


def delayed(count: int) -> Callable[[Tensor], Tensor]:
    return lambda y: functional.pad(y, (count, -count))


class Fold(nn.Module):
    """Overlap and add of frames of 24 samples, 16 apart, without the first 8 of all.

    Output t is covered by the frames f with 16 f <= t + 8 < 16 f + 24, of which the latest is
    floor((t + 8) / 16): 8 more than a codec without overlap.
    """

    def __init__(self, fused: bool) -> None:
        super().__init__()
        self.frame, self.fused = nn.Conv1d(WIDTH, 24, 1), fused

    def forward(self, x: Tensor) -> Tensor:
        frames, steps = self.frame(x), x.shape[2]
        if self.fused:
            size = (1, HOP * (steps - 1) + 24)
            y = functional.fold(frames, size, (1, 24), stride=(1, HOP))[:, :, 0]
        else:
            first, second = frames[:, :HOP], frames[:, HOP:]
            y = functional.pad(first.transpose(1, 2).flatten(1), (0, 8))
            late = functional.pad(second, (0, 0, 0, HOP - 8)).transpose(1, 2).flatten(1)
            y = (y + functional.pad(late, (HOP, -(HOP - 8))))[:, None]
        return y[:, :, 8 : 8 + HOP * steps]


def cases() -> Iterator[Case]:
    for count in (1, 5, 16):
        for way, change in (("dropped", dropped), ("shifted", shifted), ("rolled", rolled)):
            if way == "rolled" and count == 16:
                continue  # the end of the clip comes to its start, and so it does for any length
            for audited, target in AUDITED.items():
                yield Case(
                    f"the first {count} samples {way}, {audited}",
                    lambda c=change, n=count, t=target: t(Codec(down(HOP), After(c(n))), HOP),
                    HOP + count,
                )
    for count in (4, 15):
        yield Case(
            f"{count} samples of silence before all others",
            lambda n=count: AUDITED["divided"](Codec(down(HOP), After(delayed(n))), HOP),
            HOP - count,
        )
    for kernel in (17, 40):
        for audited, target in AUDITED.items():
            yield Case(
                f"an encoder without padding and a kernel of {kernel}, {audited}",
                # Step i sees the samples 16 i to 16 i + kernel - 1.
                lambda k=kernel, t=target: t(Codec(nn.Conv1d(1, WIDTH, k, HOP), up(HOP)), HOP),
                kernel,
            )
    for fused in (True, False):
        yield Case(
            f"overlap and add, {'fused' if fused else 'by hand'}",
            lambda f=fused: AUDITED["divided"](Codec(down(HOP), Fold(f)), HOP),
            HOP + 8,
        )
