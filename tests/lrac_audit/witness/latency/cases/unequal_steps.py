"""Latents with several steps in a hop, some of which wait for others.

A step of P samples waits for its own samples. A codebook at stride s over such steps chooses one
code for s steps in a row, so the first of these waits for the last: P s samples. The largest stride
counts. What the hop is makes no difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from torch import Tensor, nn
from torch.nn import functional

from tests.lrac_audit.witness.latency.cases.case import AUDITED, Case, Codec, Search, down, up


class Scales(nn.Module):
    """Residual codebooks at several strides: coarse steps first, each holding for s fine steps."""

    def __init__(self, strides: Sequence[int], mean: Callable[[Tensor, int], Tensor]) -> None:
        super().__init__()
        self.strides, self.mean = strides, mean
        self.searches = nn.ModuleList(Search() for _ in strides)

    def forward(self, x: Tensor) -> Tensor:
        total = 0 * x
        for stride, search in zip(self.strides, self.searches, strict=True):
            coarse = search(self.mean(x - total, stride))
            total = total + coarse.repeat_interleave(stride, 2)
        return total


def pooled(x: Tensor, stride: int) -> Tensor:
    return functional.avg_pool1d(x, stride, stride)


def reshaped(x: Tensor, stride: int) -> Tensor:
    return x.reshape(*x.shape[:2], -1, stride).mean(3)


def sliced(x: Tensor, stride: int) -> Tensor:
    return sum((x[:, :, i::stride] for i in range(stride)), 0 * x[:, :, ::stride]) / stride


MEANS = {"pooled": pooled, "reshaped": reshaped, "sliced": sliced}


def cases() -> Iterator[Case]:
    for strides in ((1,), (2, 1), (4, 2, 1), (8, 1)):
        for way, mean in MEANS.items():
            for audited, target in AUDITED.items():
                yield Case(
                    f"codebooks at strides {strides}, {way}, {audited}",
                    lambda s=strides, m=mean, t=target: t(
                        Codec(down(16), up(16), Scales(s, m)), 16 * max(s)
                    ),
                    16 * max(strides),
                )
    for steps in (2, 4, 8):
        for audited, target in AUDITED.items():
            yield Case(
                f"{steps} steps in a hop of 64 and nothing else, {audited}",
                lambda n=steps, t=target: t(Codec(down(64 // n), up(64 // n)), 64),
                64 // steps,
            )
