"""Look-ahead of convolutions, shifts and filters, also where an effect is hard to see.

A filter that sees r later samples adds r to the 16 of the hop.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional

from tests.lrac_audit.witness.latency.cases.case import (
    AUDITED,
    WIDTH,
    Case,
    Codec,
    Search,
    down,
    up,
)

HOP = 16
Filter = Callable[[int], nn.Module]


class Centred(nn.Module):
    """A convolution that sees ``right`` samples on either side."""

    def __init__(self, right: int, scale: float = 1.0) -> None:
        super().__init__()
        self.conv = nn.Conv1d(1, 1, 2 * right + 1, padding=right)
        self.conv.weight.data *= scale

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x)


class Later(nn.Module):
    """The signal, and a ten-thousandth of what comes ``right`` samples later."""

    def __init__(self, right: int) -> None:
        super().__init__()
        self.right = right

    def forward(self, x: Tensor) -> Tensor:
        return x + 1e-4 * functional.pad(x[:, :, self.right :], (0, self.right))


class Shifted(nn.Module):
    """The same by products of shifted copies."""

    def __init__(self, right: int) -> None:
        super().__init__()
        self.taps = nn.Parameter(torch.randn(right + 1))

    def forward(self, x: Tensor) -> Tensor:
        right = len(self.taps) - 1
        padded = functional.pad(x, (0, right))
        shifts = (tap * padded[:, :, i : i + x.shape[2]] for i, tap in enumerate(self.taps))
        return sum(shifts, torch.zeros(()))


class Unfolded(Shifted):
    """The same by windows."""

    def forward(self, x: Tensor) -> Tensor:
        windows = functional.pad(x, (0, len(self.taps) - 1)).unfold(2, len(self.taps), 1)
        return (windows * self.taps).sum(3)


def by_band(x: Tensor, later: int) -> Tensor:
    """Return sums of each step and the ``later`` ones after it, by a matrix over the clip."""
    band = torch.ones(x.shape[2], x.shape[2], dtype=x.dtype).tril().triu(-later)
    return x @ band


class Recurrent(nn.Module):
    """A causal recurrence with as many samples of look-ahead before it."""

    def __init__(self, right: int) -> None:
        super().__init__()
        self.right, self.gru = right, nn.GRU(1, 1, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        later = functional.pad(x[:, :, self.right :], (0, self.right))
        return self.gru(later.transpose(1, 2))[0].transpose(1, 2)


FILTERS: dict[str, Filter] = {
    "centred": Centred,
    "shifted": Shifted,
    "unfolded": Unfolded,
    "recurrent": Recurrent,
}


def faint(right: int) -> nn.Module:
    """Five filters whose outer taps are so small that a change of the audio is lost in rounding."""
    layers = [Centred(right // 5) for _ in range(5)]
    for layer in layers:
        layer.conv.weight.data[..., 1 + right // 5 :] = 1e-5
    return nn.Sequential(*layers)


class Rare(nn.Module):
    """Looks ahead where the signal is loud."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.where(x.abs() > 0.9, functional.pad(x[:, :, 7:], (0, 7)), x)


def cases() -> Iterator[Case]:
    for right in (1, 7):
        for way, make in FILTERS.items():
            for audited, target in AUDITED.items():
                for between in (None, Search):
                    yield Case(
                        f"{right} samples ahead, {way}, {audited}{', searched' if between else ''}",
                        lambda m=make, r=right, t=target, b=between: t(
                            Codec(nn.Sequential(m(r), down(HOP)), up(HOP), b and b()), HOP
                        ),
                        HOP + right,
                        proved=None if between else True,
                    )
    for audited, target in AUDITED.items():
        yield Case(
            f"7 samples ahead behind weights of 1e-4 and a search, {audited}",
            lambda t=target: t(Codec(nn.Sequential(Later(7), down(HOP)), up(HOP), Search()), HOP),
            HOP + 7,
            proved=None,
        )
    yield Case(
        "10 samples ahead behind faint weights",
        lambda: AUDITED["divided"](Codec(nn.Sequential(faint(10), down(HOP)), up(HOP)), HOP),
        HOP + 10,
    )
    yield Case(
        "7 samples ahead where the signal is loud, which noise at this level is not",
        lambda: AUDITED["divided"](Codec(nn.Sequential(Rare(), down(HOP)), up(HOP)), HOP),
        HOP + 7,
        proved=False,
    )
    for later in (1, 3):
        yield Case(
            f"{later} steps ahead in the latent",
            lambda n=later: AUDITED["divided"](
                Codec(down(HOP), up(HOP), nn.Conv1d(WIDTH, WIDTH, 2 * n + 1, padding=n)), HOP
            ),
            HOP + later * HOP,
        )
        yield Case(
            f"{later} steps ahead in the latent by a band matrix",
            lambda n=later: AUDITED["divided"](
                Codec(down(HOP), up(HOP), lambda x: by_band(x, n)), HOP
            ),
            HOP + later * HOP,
        )
    yield Case(
        "a stride that sees the first sample of the hop alone",
        lambda: AUDITED["divided"](Codec(nn.Conv1d(1, WIDTH, 1, HOP), up(HOP)), HOP),
        1,
    )
