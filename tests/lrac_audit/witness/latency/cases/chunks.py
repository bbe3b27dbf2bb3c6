"""Attention, means and recurrences inside chunks of several frames.

With frames of P samples in chunks of C, the first sample of a chunk needs the last one: P C. This
is so whether the chunk is in the encoder, in the decoder or in both, since both have the same
chunks; and whether the hop is a frame or a chunk.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import torch
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

FRAME, CHUNK = 8, 4


def hidden(steps: int, chunk: int) -> Tensor:
    """Which keys a query does not see: those of later chunks."""
    chunks = torch.arange(steps) // chunk
    return chunks[None, :] > chunks[:, None]


class Attention(nn.Module):
    """Attention over this chunk and those before."""

    def __init__(self, mix: Callable[[Tensor, Tensor, Tensor, Tensor], Tensor], chunk: int) -> None:
        super().__init__()
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.mix, self.chunk = mix, chunk

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = self.qkv(x.transpose(1, 2)).chunk(3, 2)
        mixed: Tensor = self.mix(q, k, v, hidden(x.shape[2], self.chunk))
        return x + mixed.transpose(1, 2)


def filled(q: Tensor, k: Tensor, v: Tensor, hide: Tensor) -> Tensor:
    scores = q @ k.transpose(1, 2) / math.sqrt(WIDTH)
    return scores.masked_fill(hide, -math.inf).softmax(2) @ v


def added(q: Tensor, k: Tensor, v: Tensor, hide: Tensor) -> Tensor:
    scores = torch.einsum("bqd,bkd->bqk", q, k) + hide * -1e9
    return torch.einsum("bqk,bkd->bqd", scores.softmax(2), v)


def fused(q: Tensor, k: Tensor, v: Tensor, hide: Tensor) -> Tensor:
    return functional.scaled_dot_product_attention(q, k, v, attn_mask=~hide)


def multiplied(q: Tensor, k: Tensor, v: Tensor, hide: Tensor) -> Tensor:
    weights = (q @ k.transpose(1, 2)).exp() * ~hide
    return weights @ v / weights.sum(2, keepdim=True)


MIXES = {"filled": filled, "added": added, "fused": fused, "multiplied": multiplied}


def mean_by_reshaping(x: Tensor, chunk: int) -> Tensor:
    parts = x.reshape(*x.shape[:2], -1, chunk)
    return (x.reshape(parts.shape) - parts.mean(3, keepdim=True)).reshape(x.shape)


def mean_by_unfolding(x: Tensor, chunk: int) -> Tensor:
    return x - x.unfold(2, chunk, chunk).mean(3).repeat_interleave(chunk, 2)


def mean_in_a_loop(x: Tensor, chunk: int) -> Tensor:
    parts = [part - part.mean(2, keepdim=True) for part in x.split(chunk, 2)]
    return torch.cat(parts, 2)


MEANS = {
    "reshaped": mean_by_reshaping,
    "unfolded": mean_by_unfolding,
    "in a loop": mean_in_a_loop,
}


class InChunks(nn.Module):
    """Both directions of a recurrence inside each chunk."""

    def __init__(self, chunk: int) -> None:
        super().__init__()
        self.gru = nn.GRU(WIDTH, WIDTH // 2, batch_first=True, bidirectional=True)
        self.chunk = chunk

    def forward(self, x: Tensor) -> Tensor:
        parts = x.unfold(2, self.chunk, self.chunk).permute(0, 2, 3, 1)
        out, _ = self.gru(parts.flatten(0, 1))
        return out.reshape(len(x), -1, WIDTH).transpose(1, 2)


def cases() -> Iterator[Case]:
    for way, mix in MIXES.items():
        for hop_frames in (1, CHUNK):
            for audited, target in AUDITED.items():
                yield Case(
                    f"attention in chunks, {way}, hop of {hop_frames} frames, {audited}",
                    lambda m=mix, n=hop_frames, t=target: t(
                        Codec(
                            nn.Sequential(down(FRAME), Attention(m, CHUNK)),
                            nn.Sequential(Attention(m, CHUNK), up(FRAME)),
                        ),
                        n * FRAME,
                    ),
                    FRAME * CHUNK,
                )
    for chunk in (4, 25, 50):
        for way, mean in MEANS.items():
            yield Case(
                f"means of {chunk} frames, {way}",
                lambda m=mean, c=chunk: AUDITED["divided"](
                    Codec(down(FRAME), up(FRAME), lambda x: m(x, c)), FRAME
                ),
                FRAME * chunk,
            )
    for audited, target in AUDITED.items():
        yield Case(
            f"a bidirectional GRU in each chunk of 5 frames, {audited}",
            lambda t=target: t(Codec(down(FRAME), up(FRAME), InChunks(5)), FRAME),
            FRAME * 5,
        )
