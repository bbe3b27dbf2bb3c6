"""Products that are summed are multiply-accumulates, one a value, however they are written."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from tests.lrac_audit.witness.cases.counting import Learned, crossed, macs_per_step

SIZES = [(4, 6), (5, 3)]


def looped_over_channels(m, x):
    y = 0
    for channel in range(x.shape[1]):
        y = y + m.w[:, channel, None] * x[:, channel : channel + 1]
    return y


def looped_over_frames(m, x):
    frames = [(m.w * x[:, None, :, step]).sum(-1) for step in range(x.shape[-1])]
    return torch.stack(frames, -1)


def written_into_rows(m, x):
    y = torch.empty(1, len(m.w), x.shape[-1])
    for row in range(len(m.w)):
        y[:, row] = (m.w[row, :, None] * x).sum(1)
    return y


def by_scalars(m, x):
    rows = [sum(w * x[:, at] for at, w in enumerate(row)) for row in m.w]
    return torch.stack(rows, 1)


MAPS = {
    "linear": lambda m, x: functional.linear(x.mT, m.w),
    "matmul": lambda m, x: m.w @ x,
    "matmul of four axes": lambda m, x: x[:, None].mT @ m.w.t(),
    "einsum": lambda m, x: torch.einsum("bct,oc->bot", x, m.w),
    "einsum with ellipsis": lambda m, x: torch.einsum("...t,ot->...o", x.mT, m.w),
    "inner": lambda m, x: torch.inner(x.mT, m.w),
    "tensordot": lambda m, x: torch.tensordot(x.mT, m.w, dims=([2], [1])),
    "vecdot": lambda m, x: torch.linalg.vecdot(x.mT[:, :, None], m.w),
    "baddbmm": lambda m, x: torch.baddbmm(torch.zeros(1, 1, 1), m.w[None], x),
    "product, then sum": lambda m, x: (x.mT[:, :, None] * m.w).sum(-1),
    "product, then mean": lambda m, x: (x.mT[:, :, None] * m.w).mean(-1),
    "product behind": lambda m, x: (m.w * x.mT[:, :, None]).sum(-1),
    "multiplied by the method": lambda m, x: x.mT[:, :, None].mul(m.w).sum(dim=-1, keepdim=True),
    "channels first": lambda m, x: (m.w[..., None] * x[:, None]).sum(2),
    "repeated": lambda m, x: (
        x[:, None].repeat(1, len(m.w), 1, 1) * m.w[..., None].repeat(1, 1, x.shape[-1])
    ).sum(2),
    "expanded and copied": lambda m, x: (
        x[:, None].expand(-1, len(m.w), -1, -1).contiguous()
        * m.w[..., None].expand(-1, -1, x.shape[-1]).contiguous()
    ).sum(2),
    "interleaved": lambda m, x: (x.repeat_interleave(len(m.w), 0) * m.w[..., None]).sum(1),
    "stacked copies": lambda m, x: (torch.stack([x] * len(m.w), 1) * m.w[..., None]).sum(2),
    "scaled on the way": lambda m, x: 2 * -(x.mT[:, :, None] * m.w / 3).sum(-1),
    "bias before the sum": lambda m, x: (x.mT[:, :, None] * m.w + m.w[:, :1]).sum(-1),
    "reshaped before the sum": lambda m, x: (
        (x.mT[:, :, None] * m.w).reshape(-1, m.w.numel()).view(-1, *m.w.shape).sum(2)
    ),
    "in half precision and back": lambda m, x: (x.mT[:, :, None] * m.w).half().float().sum(-1),
    "last of a running sum": lambda m, x: (x.mT[:, :, None] * m.w).cumsum(-1)[..., -1],
    "into a given tensor": lambda m, x: torch.mul(
        x.mT[:, :, None], m.w, out=x.new_empty(1, x.shape[-1], *m.w.shape)
    ).sum(-1),
    "pooled": lambda m, x: functional.avg_pool1d(
        (x.mT[:, :, None] * m.w).flatten(1, 2), m.w.shape[1]
    ),
    "mapped": lambda m, x: torch.vmap(lambda frame: m.w @ frame)(x[0].t()),
    "mapped product": lambda m, x: torch.vmap(lambda f: (m.w * f).sum(-1))(x[0].t()),
    "convolution": lambda m, x: functional.conv1d(x, m.w[..., None]),
    "looped over channels": looped_over_channels,
    "looped over frames": looped_over_frames,
    "written into rows": written_into_rows,
    "by scalars": by_scalars,
    "divided by constants": lambda m, x: (x.mT[:, :, None] / m.w).sum(-1),
}


@pytest.mark.parametrize(("writing", "width_in", "width_out"), crossed(MAPS, SIZES))
def test_linear_map(writing, width_in, width_out):
    learned = Learned(w=(width_out, width_in))
    assert macs_per_step(learned, MAPS[writing], width_in) == width_in * width_out


DOTS = {
    "dot": lambda m, x: torch.stack([torch.dot(frame, m.w) for frame in x[0].t()]),
    "matmul": lambda m, x: x.mT @ m.w,
    "mv": lambda m, x: torch.mv(x[0].t(), m.w),
    "vecdot": lambda m, x: torch.linalg.vecdot(x.mT, m.w),
    "product, then sum": lambda m, x: (x * m.w[:, None]).sum(1),
    "product, then mean": lambda m, x: (x.mT * m.w).mean(-1),
    "buffer of ones": lambda m, x: (x * m.ones[:, None]).sum(1),
}


@pytest.mark.parametrize(("writing", "width"), crossed(DOTS, [(4,), (7,)]))
def test_dot_product_with_learned_values(writing, width):
    learned = Learned(w=(width,))
    learned.register_buffer("ones", torch.ones(width))
    assert macs_per_step(learned, DOTS[writing], width) == width


def sine(x):
    """Another signal."""
    return torch.sin(x.flip(1))


def looped_dot(_, x):
    y = sine(x)
    return sum(x[:, at] * y[:, at] for at in range(x.shape[1]))


def stacked_dot(_, x):
    y = sine(x)
    return torch.stack([x[:, at] * y[:, at] for at in range(x.shape[1])]).sum(0)


SIGNALS = {
    "looped over channels": looped_dot,
    "stacked channels": stacked_dot,
    "vecdot": lambda m, x: torch.linalg.vecdot(x, sine(x), dim=1),
    "product, then sum": lambda m, x: (x * sine(x)).sum(1),
    "einsum": lambda m, x: torch.einsum("bct,bct->bt", x, sine(x)),
    "dots": lambda m, x: torch.stack(
        [torch.dot(a, b) for a, b in zip(x[0].t(), sine(x)[0].t(), strict=True)]
    ),
    "batched products": lambda m, x: x.mT[:, :, None] @ sine(x).mT[..., None],
    "shifted against itself": lambda m, x: (x[..., 1:] * x[..., :-1]).sum(1),
}


@pytest.mark.parametrize(("writing", "width"), crossed(SIGNALS, [(4,), (6,)]))
def test_product_of_two_signals(writing, width):
    assert macs_per_step(nn.Identity(), SIGNALS[writing], width) == width


def attention_of(x, scores, mix):
    """Attention within hops of 4 steps: queries, keys and values are the steps themselves."""
    frames = x.mT.reshape(-1, 4, x.shape[1])
    return mix(torch.softmax(scores(frames, frames + 1), -1), frames - 1)


def looped_scores(queries, keys):
    return sum(queries[:, :, None, at] * keys[:, None, :, at] for at in range(queries.shape[-1]))


ATTENTION = {
    "loop over the width": lambda m, x: attention_of(x, looped_scores, lambda a, v: a @ v),
    "matmul": lambda m, x: attention_of(x, lambda q, k: q @ k.mT, lambda a, v: a @ v),
    "einsum": lambda m, x: attention_of(
        x,
        lambda q, k: torch.einsum("bqd,bkd->bqk", q, k),
        lambda a, v: torch.einsum("bqk,bkd->bqd", a, v),
    ),
    "products, then sums": lambda m, x: attention_of(
        x,
        lambda q, k: (q[:, :, None] * k[:, None]).sum(-1),
        lambda a, v: (a[..., None] * v[:, None]).sum(2),
    ),
}


@pytest.mark.parametrize(("writing", "width"), crossed(ATTENTION, [(5,), (8,)]))
def test_attention(writing, width):
    # Four queries meet four keys twice: for the scores, and for the mix of the values.
    assert macs_per_step(nn.Identity(), ATTENTION[writing], width, hop=4) == 2 * 4 * 4 * width


TRIPLES = {
    "bilinear layer": lambda m, x: functional.bilinear(x.mT, sine(x).mT, m.w),
    "two products": lambda m, x: torch.einsum(
        "boit,bit->bot", torch.einsum("oij,bjt->boit", m.w, sine(x)), x
    ),
}


@pytest.mark.parametrize(("writing", "width"), crossed(TRIPLES, [(3,), (4,)]))
def test_bilinear_map(writing, width):
    # For each of 2 outputs: the matrix times one signal, and the result times the other.
    learned = Learned(w=(2, width, width))
    assert macs_per_step(learned, TRIPLES[writing], width) == 2 * (width * width + width)
