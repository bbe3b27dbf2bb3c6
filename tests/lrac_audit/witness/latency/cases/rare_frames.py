"""Codecs that look ahead in some frames only: the hop is not their period.

With a hop of 16, every n-th frame is replaced by the one two later: that frame waits for 3 hops.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor
from torch.nn import functional

from tests.lrac_audit.witness.latency.cases.case import AUDITED, Case, Codec, down, up

HOP, AHEAD = 16, 2


def later(x: Tensor) -> Tensor:
    return functional.pad(x, (0, AHEAD))[:, :, AHEAD:]


def by_where(x: Tensor, n: int) -> Tensor:
    return torch.where(torch.arange(x.shape[2]) % n == 0, later(x), x)


def by_writing(x: Tensor, n: int) -> Tensor:
    kept = x.clone()
    kept[:, :, ::n] = later(x)[:, :, ::n]
    return kept


def by_products(x: Tensor, n: int) -> Tensor:
    rare = (torch.arange(x.shape[2]) % n == 0).to(x.dtype)
    return rare * later(x) + (1 - rare) * x


def by_index(x: Tensor, n: int) -> Tensor:
    at = torch.arange(x.shape[2])
    at = torch.where(at % n == 0, at + AHEAD, at).clamp(max=x.shape[2] - 1)
    return x.index_select(2, at)


WAYS: dict[str, Callable[[Tensor, int], Tensor]] = {
    "where": by_where,
    "writing": by_writing,
    "products": by_products,
    "index": by_index,
}


def cases() -> Iterator[Case]:
    for n in (2, 7, 25, 100):
        for way, change in WAYS.items():
            target = AUDITED["whole" if way in ("where", "index") else "divided"]
            yield Case(
                f"every {n}. frame looks ahead, by {way}",
                lambda c=change, n=n, t=target: t(
                    Codec(down(HOP), up(HOP), lambda x: c(x, n)), HOP
                ),
                HOP * (1 + AHEAD),
            )
