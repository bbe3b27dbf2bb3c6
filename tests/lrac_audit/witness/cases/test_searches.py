"""A codebook search costs codewords times width, however the nearest one is found.

Written out, ``|x - e|^2 = |x|^2 - 2 x.e + |e|^2``, whose only part that is computed for each
codeword is the product: K codewords of width d cost K d multiply-accumulates a frame.
"""

import pytest
import torch
from torch import nn
from torch.nn import functional

from tests.lrac_audit.witness.trace.tracing import macs, searched, traced
from tests.sweeps import slow_in_sweep, thinned

CODEWORDS, WIDTH = 16, 8


class Quantizer(nn.Module):
    """A codebook behind a projection of the latent."""

    def __init__(self):
        super().__init__()
        self.register_buffer("codebook", torch.randn(CODEWORDS, WIDTH))
        self.register_buffer("table", torch.randn(CODEWORDS, 3))
        self.project = nn.Conv1d(WIDTH, WIDTH, 1)


def nearest_so_far(x, codebook):
    best, found = torch.full((len(x),), torch.inf), torch.zeros(len(x), dtype=torch.long)
    for at, codeword in enumerate(codebook):
        distance = ((x - codeword) ** 2).sum(-1)
        nearer = distance < best
        best, found = torch.where(nearer, distance, best), torch.where(nearer, at, found)
    return found


def written_into_columns(x, codebook):
    distances = torch.empty(len(x), len(codebook))
    for at, codeword in enumerate(codebook):
        distances[:, at] = ((x - codeword) ** 2).sum(-1)
    return distances.argmin(1)


def looped_over_the_width(x, codebook):
    distances = 0
    for at in range(WIDTH):
        distances = distances + (x[:, at, None] - codebook[:, at]) ** 2
    return distances.argmin(1)


def products_over_the_width(x, codebook):
    scores = -0.5 * codebook.pow(2).sum(1)
    for at in range(WIDTH):
        scores = scores + x[:, at, None] * codebook[:, at]
    return scores.argmax(1)


def energies_and_products(x, codebook):
    energy = (x * x).sum(-1)
    return torch.stack([energy - 2 * (x @ e) + (e * e).sum() for e in codebook]).argmin(0)


def spread(x, codebook):
    return x[:, None] - codebook


SEARCHES = {
    "cdist": lambda x, e: torch.cdist(x, e).argmin(1),
    "cdist, negated": lambda x, e: (-torch.cdist(x, e)).max(-1).indices,
    "squares": lambda x, e: (spread(x, e) ** 2).sum(2).argmin(1),
    "square": lambda x, e: spread(x, e).square().mean(2).argmin(1),
    "multiplied with itself": lambda x, e: (spread(x, e) * spread(x, e)).sum(-1).argmin(1),
    "negated": lambda x, e: (-(spread(x, e) ** 2)).sum(2).argmax(1),
    "codebook less latent": lambda x, e: (e - x[:, None]).pow(2).sum(2).argmin(1),
    "scaled": lambda x, e: (0.5 * spread(x, e) ** 2).sum(2).argmin(1),
    "root": lambda x, e: (spread(x, e) ** 2).sum(2).sqrt().argmin(1),
    "norm": lambda x, e: spread(x, e).norm(dim=-1).argmin(1),
    "vector norm": lambda x, e: torch.linalg.vector_norm(spread(x, e), dim=-1).argmin(1),
    "absolute differences": lambda x, e: spread(x, e).abs().sum(-1).argmin(1),
    "pairwise distance": lambda x, e: functional.pairwise_distance(x[:, None], e).argmin(1),
    "mean squared error": lambda x, e: (
        functional.mse_loss(
            x[:, None].expand(-1, CODEWORDS, -1), e.expand(len(x), -1, -1), reduction="none"
        )
        .mean(-1)
        .argmin(1)
    ),
    "repeated": lambda x, e: (
        ((x[:, None].repeat(1, CODEWORDS, 1) - e[None].repeat(len(x), 1, 1)) ** 2).sum(2).argmin(1)
    ),
    "expanded and copied": lambda x, e: (
        (x[:, None].expand(-1, CODEWORDS, -1).contiguous() - e.expand(len(x), -1, -1).contiguous())
        .pow(2)
        .sum(2)
        .argmin(1)
    ),
    "tiled": lambda x, e: (
        ((x.repeat_interleave(CODEWORDS, 0) - e.repeat(len(x), 1)) ** 2)
        .sum(1)
        .view(-1, CODEWORDS)
        .argmin(1)
    ),
    "products": lambda x, e: (
        x.pow(2).sum(1, keepdim=True) - 2 * x @ e.t() + e.pow(2).sum(1)
    ).argmin(1),
    "largest product": lambda x, e: (x[:, None] * e).sum(2).argmax(1),
    "einsum": lambda x, e: torch.einsum("td,kd->tk", x, e).argmax(1),
    "inner": lambda x, e: torch.inner(x, e).argmax(1),
    "tensordot": lambda x, e: torch.tensordot(x, e, dims=([1], [1])).argmax(1),
    "vecdot": lambda x, e: torch.linalg.vecdot(x[:, None], e).argmax(1),
    "convolution": lambda x, e: functional.conv1d(x.t()[None], e[..., None])[0].argmax(0),
    "cosine": lambda x, e: functional.cosine_similarity(x[:, None], e, dim=-1).argmax(1),
    "normalised": lambda x, e: (functional.normalize(x) @ functional.normalize(e).t()).argmax(1),
    "topk": lambda x, e: (spread(x, e) ** 2).sum(2).topk(1, largest=False).indices[:, 0],
    "sorted": lambda x, e: (spread(x, e) ** 2).sum(2).sort(-1).indices[:, 0],
    "argsorted": lambda x, e: (spread(x, e) ** 2).sum(2).argsort(-1)[:, 0],
    "in parts": lambda x, e: torch.cat(
        [((x[:, None] - part) ** 2).sum(2) for part in e.chunk(4)], 1
    ).argmin(1),
    "loop": lambda x, e: torch.stack([((x - word) ** 2).sum(-1) for word in e]).argmin(0),
    "loop of norms": lambda x, e: torch.stack([(x - word).norm(dim=-1) for word in e]).argmin(0),
    "loop of losses": lambda x, e: torch.stack(
        [functional.mse_loss(x, w.expand_as(x), reduction="none").mean(-1) for w in e], 1
    ).argmin(1),
    "loop of frames and losses": lambda x, e: torch.stack(
        [torch.stack([functional.mse_loss(frame, word) for word in e]).argmin() for frame in x]
    ),
    "loop of dots": lambda x, e: torch.stack([(x * word).sum(-1) for word in e]).argmax(0),
    "energies and products": energies_and_products,
    "nearest so far": nearest_so_far,
    "written into columns": written_into_columns,
    "looped over the width": looped_over_the_width,
    "products over the width": products_over_the_width,
}
SLOW = "loop of frames and losses"
FORM = pytest.mark.parametrize("form", slow_in_sweep(SEARCHES, SLOW))
A_THIRD = pytest.mark.parametrize("form", thinned([x for x in SEARCHES if x != SLOW], 3))


def kinds(rows):
    """Multiply-accumulates of searches, and of everything."""
    return sum(row.work.get("codebook_search", 0) for row in rows), macs(rows)


@FORM
def test_search_in_the_quantizer(form):
    quantizer = Quantizer()
    rows = searched(quantizer, lambda z: SEARCHES[form](z[0].t(), quantizer.codebook), WIDTH)
    assert kinds(rows) == (CODEWORDS * WIDTH, CODEWORDS * WIDTH)


@A_THIRD
def test_search_behind_a_projection(form):
    quantizer = Quantizer()

    def search(latent):
        return SEARCHES[form](quantizer.project(latent)[0].t(), quantizer.codebook)

    found, total = kinds(searched(quantizer, search, WIDTH))
    assert (found, total - found) == (CODEWORDS * WIDTH, WIDTH * WIDTH)


LOOKUPS = {
    "embedding": lambda m, codes: functional.embedding(codes, m.codebook),
    "index": lambda m, codes: m.codebook[codes],
    "index_select": lambda m, codes: m.codebook.index_select(0, codes),
    "gather": lambda m, codes: m.codebook.gather(0, codes[:, None].expand(-1, WIDTH)),
    "table of another width": lambda m, codes: functional.embedding(codes, m.table),
}


@A_THIRD
def test_search_in_a_codec_audited_whole(form):
    quantizer = Quantizer()

    def codec(audio):
        codes = SEARCHES[form](quantizer.project(audio)[0].t(), quantizer.codebook)
        return functional.embedding(codes, quantizer.codebook).t()[None]

    found, total = kinds(traced(quantizer, codec, WIDTH).rows)
    assert (found, total - found) == (CODEWORDS * WIDTH, WIDTH * WIDTH)


@pytest.mark.parametrize("form", ["cdist", "products", "loop", "largest product"])
@pytest.mark.parametrize("lookup", thinned(LOOKUPS, 2))
def test_what_is_looked_up_was_searched(lookup, form):
    quantizer = Quantizer()

    def codec(audio):
        return LOOKUPS[lookup](quantizer, SEARCHES[form](audio[0].t(), quantizer.codebook))

    assert kinds(traced(quantizer, codec, WIDTH).rows) == (CODEWORDS * WIDTH, CODEWORDS * WIDTH)


def test_one_hot_lookup_is_a_product_behind_a_search():
    quantizer = Quantizer()

    def codec(audio):
        codes = torch.cdist(audio[0].t(), quantizer.codebook).argmin(1)
        return (codes[:, None] == torch.arange(CODEWORDS)).float() @ quantizer.codebook

    rows = traced(quantizer, codec, WIDTH).rows
    assert kinds(rows) == (CODEWORDS * WIDTH, 2 * CODEWORDS * WIDTH)


def test_residual_layers_are_each_a_search():
    quantizer = Quantizer()

    def codec(audio):
        rest = audio[0].t()
        total = torch.zeros_like(rest)
        for _ in range(3):
            chosen = quantizer.codebook[
                ((rest[:, None] - quantizer.codebook) ** 2).sum(2).argmin(1)
            ]
            rest, total = rest - chosen, total + chosen
        return total

    assert kinds(traced(quantizer, codec, WIDTH).rows) == (3 * CODEWORDS * WIDTH,) * 2


LEAVES = {
    "squares": lambda x, leaves: ((x[:, None] - leaves) ** 2).sum(2).argmin(1),
    "norm": lambda x, leaves: (leaves - x[:, None]).norm(dim=2).argmin(1),
    "products": lambda x, leaves: torch.einsum("td,tkd->tk", x, leaves).argmax(1),
}


@pytest.mark.parametrize("form", LEAVES)
def test_leaves_of_a_tree_are_searched_where_the_branch_was_chosen(form):
    # 4 branches, then the 4 leaves of one of them, of 8 values each.
    quantizer = Quantizer()

    def search(latent):
        x, tree = latent[0].t(), quantizer.codebook.view(4, 4, WIDTH)
        branch = torch.cdist(x, tree.mean(1)).argmin(1)
        return 4 * branch + LEAVES[form](x, tree[branch])

    assert kinds(searched(quantizer, search, WIDTH)) == (8 * WIDTH, 8 * WIDTH)


def test_residual_of_a_codeword_has_an_energy_that_is_no_search():
    quantizer = Quantizer()

    def search(latent):
        x, words = latent[0].t(), quantizer.codebook
        rest = x - words[(x @ words.t()).argmax(1)]
        return (rest.pow(2).sum(1, keepdim=True) - 2 * rest @ words.t()).argmin(1)

    assert kinds(searched(quantizer, search, WIDTH)) == (2 * CODEWORDS * WIDTH,) * 2


def test_choice_of_an_expert_is_no_search():
    # Scores of 3 experts, then the matrix of the best one.
    gate, experts = nn.Linear(4, 3), nn.Parameter(torch.randn(3, 4, 4))
    root = nn.ModuleList([gate, nn.ParameterList([experts])])

    def codec(audio):
        x = audio.transpose(1, 2)
        return torch.einsum("btij,btj->bit", experts[gate(x).argmax(2)], x)

    assert kinds(traced(root, codec, 4).rows) == (0, 3 * 4 + 4 * 4)


NO_SEARCHES = {
    "largest channel": lambda y: y.max(1).values,
    "index of the largest channel": lambda y: y.argmax(1).float(),
    "pooled": lambda y: functional.max_pool1d(y.transpose(1, 2), 4),
    "clipped at the second largest": lambda y: torch.minimum(y, y.topk(2, 1).values[:, 1:]),
    "sorted": lambda y: y.sort(1).values,
    "larger of two": lambda y: torch.maximum(y[:, :8], y[:, 8:]),
}


@pytest.mark.parametrize("choice", NO_SEARCHES)
def test_choice_in_a_codec_audited_whole_is_no_search(choice):
    layer = nn.Conv1d(4, CODEWORDS, 3)
    rows = traced(layer, lambda x: NO_SEARCHES[choice](layer(x)), 4).rows
    assert kinds(rows) == (0, 4 * CODEWORDS * 3)


@pytest.mark.parametrize("choice", ["largest channel", "sorted"])
def test_layer_behind_a_choice_of_as_many_channels_looks_nothing_up(choice):
    layer, behind = nn.Conv1d(4, CODEWORDS, 3), nn.Conv1d(1, CODEWORDS, 1)
    root = nn.ModuleList([layer, behind])

    def codec(x):
        return behind(NO_SEARCHES[choice](layer(x)).reshape(1, 1, -1))

    assert kinds(traced(root, codec, 4).rows)[0] == 0


def _with_tables(m, codes):
    return zip(codes, m.tables, strict=True)


SUMS_OF_CODEWORDS = {
    "sum": lambda m, codes: m.tables[torch.arange(3)[:, None], codes].sum(0),
    "embedding of offsets": lambda m, codes: functional.embedding(
        codes + 5 * torch.arange(3)[:, None], m.tables.flatten(0, 1)
    ).sum(0),
    "loop": lambda m, codes: sum(functional.embedding(c, t) for c, t in _with_tables(m, codes)),
    "stacked": lambda m, codes: torch.stack([t[c] for c, t in _with_tables(m, codes)]).sum(0),
    "mean": lambda m, codes: torch.stack([t[c] for c, t in _with_tables(m, codes)], -1).mean(-1),
}


@pytest.mark.parametrize("form", SUMS_OF_CODEWORDS)
def test_sum_of_codewords_is_no_product(form):
    root = nn.Module()
    root.register_buffer("tables", torch.randn(3, 5, WIDTH))

    def receive(x):
        return SUMS_OF_CODEWORDS[form](root, x[0].long() % 5)

    assert kinds(traced(root, receive, 3).rows) == (0, 0)


SCALAR = {
    "absolute": lambda x, levels: (x[..., None] - levels).abs().argmin(-1),
    "squared": lambda x, levels: ((x[..., None] - levels) ** 2).argmin(-1),
    "cdist": lambda x, levels: torch.cdist(x.reshape(-1, 1), levels[:, None]).argmin(1),
    "loop": lambda x, levels: torch.stack([(x - level).abs() for level in levels]).argmin(0),
}


@pytest.mark.parametrize("form", SCALAR)
def test_scalar_codebook(form):
    # Width 1: each of two values is compared with 5 levels.
    root = nn.Module()
    root.register_buffer("levels", torch.linspace(-1, 1, 5))
    rows = searched(root, lambda z: SCALAR[form](z, root.levels), 2)
    assert kinds(rows) == (2 * 5, 2 * 5)


class Predicting(nn.Module):
    """Codes what the last codewords do not predict of each latent, in a closed loop."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Conv1d(1, WIDTH, 4, stride=4)
        self.codebook = nn.Parameter(torch.randn(CODEWORDS, WIDTH))
        self.predictor = nn.Parameter(torch.rand(WIDTH) / 2)

    def forward(self, x):
        latents = self.encoder(x)
        last, codes = torch.zeros_like(self.predictor), []
        for latent in latents.unbind(2):
            predicted = self.predictor * last
            products = (latent - predicted) @ self.codebook.mT
            codes.append((self.codebook.square().sum(1) - 2 * products).argmin(1))
            last = predicted + self.codebook[codes[-1]]
        return torch.stack(codes, 1)


def test_prediction_from_chosen_codewords_is_made_in_every_frame():
    """A choice is a reduction, on which each frame builds; it is none of the whole clip.

    By hand: 4 taps to each latent channel, one search, and one factor for each channel that is
    predicted.
    """
    assert macs(traced(Predicting(), hop=4).rows) == 4 * WIDTH + CODEWORDS * WIDTH + WIDTH
