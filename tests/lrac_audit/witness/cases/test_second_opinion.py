"""fvcore agrees, or is short of exactly what it cannot see, or there is a doubt."""

import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.rnn import pack_padded_sequence

from lrac_audit.witness import fvcore
from lrac_audit.witness.cost import count_cost
from lrac_audit.witness.fvcore.equations import einsum_macs
from lrac_audit.witness.fvcore.ledger_comparison import compare_stages
from lrac_audit.witness.trace import measure
from tests.lrac_audit.witness.trace.tracing import as_frames, target_of
from tests.sweeps import thinned

WIDTH, OUT = 8, 12


def compared(root, run, change=lambda count: count, channels=WIDTH):
    """The finding on the one stage of a codec, with fvcore's count changed before."""
    target = target_of(root, run, channels)
    traced = measure(target, None)
    count = change(fvcore.measure(target, None, traced.period_hops))
    (finding,) = compare_stages(count_cost(target, "test").ledger, count, traced)
    return finding


def packed(layer):
    def run(x):
        frames = as_frames(x)
        return layer(pack_padded_sequence(frames, [x.shape[2]], batch_first=True))[0].data

    return run


LINEAR = nn.Linear(WIDTH, OUT, bias=False)
LSTM = nn.LSTM(WIDTH, OUT, batch_first=True)
SAME = nn.Conv1d(WIDTH, OUT, 3, padding="same")
COMPLEX = nn.Linear(WIDTH, OUT, bias=False, dtype=torch.complex64)
SEEN = {
    "packed lstm": (LSTM, packed(LSTM), 4 * OUT * (WIDTH + OUT)),
    "four axes times three": (
        LINEAR,
        lambda x: as_frames(x)[:, None].expand(1, 3, -1, WIDTH) @ LINEAR.weight.T.expand(3, -1, -1),
        3 * WIDTH * OUT,
    ),
    # [T, 8] with [8, 12], then with [12, 8].
    "einsum of three": (
        LINEAR,
        lambda x: torch.einsum("bct,oc,od->btd", x, LINEAR.weight, LINEAR.weight),
        2 * WIDTH * OUT,
    ),
    "einsum with an ellipsis": (
        LINEAR,
        lambda x: torch.einsum("...c,oc->...o", as_frames(x), LINEAR.weight),
        WIDTH * OUT,
    ),
    "complex linear": (COMPLEX, lambda x: COMPLEX(as_frames(x).to(torch.complex64)), 4 * 96),
    "complex product": (
        COMPLEX,
        lambda x: as_frames(x).to(torch.complex64) @ COMPLEX.weight.mT,
        4 * 96,
    ),
    "convolution padded by name": (SAME, SAME, 3 * WIDTH * OUT),
    "cdist": (LINEAR, lambda x: torch.cdist(as_frames(x), LINEAR.weight), WIDTH * OUT),
}


@pytest.mark.parametrize("name", thinned(list(SEEN), 2, first=1))
def test_operations_that_handlers_make_it_see(name):
    root, run, macs = SEEN[name]
    finding = compared(root, run)
    assert (finding.expected, finding.found) == (macs, macs)


def spread(x):
    return as_frames(x)[0, :, None], LINEAR.weight


UNSEEN = {
    "squares": lambda x: ((spread(x)[0] - spread(x)[1]) ** 2).sum(2),
    "products": lambda x: (spread(x)[0] * spread(x)[1]).sum(2),
    "norm": lambda x: (spread(x)[0] - spread(x)[1]).norm(dim=2),
}


@pytest.mark.parametrize("name", UNSEEN)
def test_products_that_it_does_not_see_are_what_it_is_short_of(name):
    finding = compared(LINEAR, UNSEEN[name])
    assert (finding.expected, finding.found) == (WIDTH * OUT, None)
    assert f"fvcore sees no products in these operators: {WIDTH * OUT}" in finding.explanation


@pytest.mark.parametrize("name", UNSEEN)
def test_beside_what_it_sees(name):
    finding = compared(LINEAR, lambda x: (UNSEEN[name](x), LINEAR(as_frames(x))))
    assert (finding.expected, finding.found) == (2 * WIDTH * OUT, WIDTH * OUT)
    assert finding.explanation


def off_by(macs):
    def change(count):
        found = {place: n + macs for place, n in count.macs_by_stage.items()}
        return fvcore.FvcoreCount(
            count.macs_by_module, found, count.unsupported, count.unbounded, count.clips
        )

    return change


@pytest.mark.parametrize("macs", [-1, 1, 10_000])
def test_any_other_difference_is_a_doubt(macs):
    run = UNSEEN["squares"]
    finding = compared(LINEAR, lambda x: (run(x), LINEAR(as_frames(x))), off_by(macs))
    assert not finding.agrees
    assert not finding.explanation


def test_an_operator_that_it_does_not_know_excuses_nothing():
    def run(x):
        return torch.special.i0(LINEAR(as_frames(x)))

    finding = compared(LINEAR, run, off_by(-5))
    assert not finding.agrees
    assert not finding.explanation


def in_window(x):
    frames = as_frames(x)
    steps = torch.arange(x.shape[2], device=x.device)
    behind = steps[:, None] - steps[None]
    allowed = (behind >= 0) & (behind < 5)
    weights = (frames @ frames.mT).masked_fill(~allowed, float("-inf")).softmax(2)
    return weights @ frames, LINEAR(frames)


def test_masks_explain_what_it_counts_without_them():
    finding = compared(LINEAR, in_window)
    assert finding.expected == 5 * 2 * WIDTH + WIDTH * OUT
    assert finding.found is None  # no steady cost
    assert finding.explanation == (
        "fvcore sees no masks, and counts what the trace counts without them"
    )


def test_masks_explain_nothing_else():
    def change(count):
        clips = {hops: {place: n + 1 for place, n in c.items()} for hops, c in count.clips.items()}
        return fvcore.FvcoreCount(
            count.macs_by_module, count.macs_by_stage, count.unsupported, count.unbounded, clips
        )

    finding = compared(LINEAR, in_window, change)
    assert not finding.agrees
    assert not finding.explanation


def test_work_in_padded_segments_is_seen_by_both():
    def run(x):
        return LINEAR(as_frames(functional.pad(x, (0, -x.shape[2] % 50))))

    finding = compared(LINEAR, run)
    assert (finding.expected, finding.found) == (WIDTH * OUT, WIDTH * OUT)


def test_a_period_that_the_trace_misses_is_no_steady_cost():
    """fvcore's clips are longer and shorter than a segment, whatever the trace has looked at."""

    def run(x):
        return LINEAR(as_frames(functional.pad(x, (0, -x.shape[2] % 50))))

    assert fvcore.measure(target_of(LINEAR, run, WIDTH), None, period_hops=1).unbounded


@pytest.mark.parametrize(
    ("equation", "shapes", "macs"),
    [
        ("ij,jk->ik", [(2, 3), (3, 5)], 2 * 3 * 5),
        ("ij,jk,kl->il", [(2, 3), (3, 5), (5, 7)], 2 * 3 * 5 + 2 * 5 * 7),
        ("bij,bjk->bik", [(4, 2, 3), (4, 3, 5)], 4 * 2 * 3 * 5),
        ("...ij,jk->...ik", [(4, 2, 3), (3, 5)], 4 * 2 * 3 * 5),
        ("ij,kj", [(2, 3), (5, 3)], 2 * 3 * 5),  # the result has the letters named once
        ("ija,jk->ik", [(2, 3, 9), (3, 5)], 2 * 3 * 5),  # a is summed up before
        ("ij->i", [(2, 3)], 0),
    ],
)
def test_products_of_an_einsum(equation, shapes, macs):
    assert einsum_macs(equation, shapes) == macs
