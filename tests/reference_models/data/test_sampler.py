"""The order of windows, by counting."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_models.data import sampler as module
from reference_models.data.sampler import EpochSampler

SAMPLER = EpochSampler(
    lengths=np.random.default_rng(0).integers(101, 900, 30),
    window_samples=100,
    hop_samples=50,
    epoch_utterances=12,
    batch_size=4,
    seed=1,
    rank=0,
    world_size=1,
    training=True,
)


def flat(batches):
    return [window for batch in batches for window in batch]


def utterances(sampler, epoch):
    """The utterances of an epoch over all ranks; with a batch of 1 no window is left out."""
    ranks = [replace(sampler, rank=r, batch_size=1) for r in range(sampler.world_size)]
    return [{w.utterance for w in flat(rank.batches(epoch))} for rank in ranks]


@given(
    everything=st.integers(1, 40),
    size=st.integers(1, 50),
    epoch=st.integers(0, 30),
    seed=st.integers(0, 5),
)
def test_no_utterance_comes_twice_in_an_epoch(everything, size, epoch, seed):
    lengths = np.full(everything, 101)  # one window each
    sampler = replace(SAMPLER, lengths=lengths, epoch_utterances=size, batch_size=1, seed=seed)
    found = [window.utterance for window in flat(sampler.batches(epoch))]
    assert len(found) == len(set(found)) == min(size, everything)


@given(everything=st.integers(2, 20), size=st.integers(1, 19), seed=st.integers(0, 3))
def test_the_walk_has_every_utterance_before_it_starts_again(everything, size, seed):
    """After n epochs of ``size`` that fill m passes exactly, each came m times."""
    size = min(size, everything)
    sampler = replace(
        SAMPLER, lengths=np.full(everything, 101), epoch_utterances=size, batch_size=1, seed=seed
    )
    counts = Counter(
        w.utterance for epoch in range(everything) for w in flat(sampler.batches(epoch))
    )
    assert counts == dict.fromkeys(range(everything), size)


def test_every_pass_puts_other_utterances_together():
    """Three epochs are a pass."""
    sampler = replace(SAMPLER, lengths=np.full(30, 101), epoch_utterances=10)
    assert len({frozenset(utterances(sampler, epoch)[0]) for epoch in (0, 3, 6)}) == 3


@pytest.mark.parametrize("world_size", [2, 3])
def test_ranks_share_an_epoch_without_repeats(world_size):
    sampler = replace(SAMPLER, world_size=world_size, lengths=np.full(30, 101))
    for epoch in range(4):
        parts = utterances(sampler, epoch)
        assert sum(map(len, parts)) == len(set().union(*parts)) == 12
        assert set().union(*parts) == set().union(
            *utterances(replace(sampler, world_size=1), epoch)
        )


def test_ranks_have_as_many_batches_and_all_are_full():
    samplers = [replace(SAMPLER, world_size=3, rank=rank) for rank in range(3)]
    for epoch in range(5):
        batches = [sampler.batches(epoch) for sampler in samplers]
        assert len({len(of_rank) for of_rank in batches}) == 1 and batches[0]
        assert all(len(batch) == 4 for of_rank in batches for batch in of_rank)
        assert {sampler.batch_count(epoch) for sampler in samplers} == {len(batches[0])}


def test_windows_overlap_by_half_and_none_is_lost():
    """N = floor((L - W) / S) + 1 starts, a hop apart, from an offset of at most (L - W) mod S."""
    sampler = replace(SAMPLER, batch_size=1)
    offsets = set()
    for epoch in range(40):
        starts = {}
        for window in flat(sampler.batches(epoch)):
            starts.setdefault(window.utterance, []).append(window.start)
        for utterance, found in starts.items():
            length = int(SAMPLER.lengths[utterance])
            first = min(found)
            assert sorted(found) == [first + 50 * i for i in range((length - 100) // 50 + 1)]
            assert 0 <= first <= (length - 100) % 50 and max(found) + 100 <= length
            offsets.add(first / max((length - 100) % 50, 1))
    assert {0.0, 1.0} <= offsets  # both ends of the range are drawn


def test_validation_has_everything_in_order_from_zero():
    sampler = replace(SAMPLER, training=False, epoch_utterances=3)
    batches = sampler.batches(0)
    expected = [
        (u, start)
        for u, length in enumerate(SAMPLER.lengths)
        for start in range(0, length - 100 + 1, 50)
    ]
    assert flat(batches) == expected
    assert [len(batch) for batch in batches[:-1]] == [4] * (len(batches) - 1)
    assert len(batches) == sampler.batch_count(0) == sampler.batch_count(9)
    assert batches == sampler.batches(9)


def test_validation_ranks_share_everything():
    samplers = [replace(SAMPLER, training=False, world_size=2, rank=rank) for rank in range(2)]
    both = [set(flat(sampler.batches(0))) for sampler in samplers]
    assert both[0] | both[1] == set(flat(replace(SAMPLER, training=False).batches(0)))
    assert not both[0] & both[1]


def test_seed_epoch_and_nothing_else_decide():
    assert SAMPLER.batches(3) == replace(SAMPLER).batches(3)
    assert SAMPLER.batches(3) != SAMPLER.batches(4)
    assert SAMPLER.batches(3) != replace(SAMPLER, seed=2).batches(3)


def test_no_two_purposes_share_random_numbers():
    streams = [module.generator(1, purpose, 0).random(4).tolist() for purpose in module.RandomUse]
    assert len({number for stream in streams for number in stream}) == 4 * len(module.RandomUse)


def test_offsets_change_from_epoch_to_epoch():
    sampler = replace(SAMPLER, epoch_utterances=30, batch_size=1)
    epochs = [flat(sampler.batches(epoch)) for epoch in range(5)]
    first = {min(w.start for w in windows if w.utterance == 0) for windows in epochs}
    assert len(first) > 2


def test_the_shuffle_changes_from_epoch_to_epoch_and_from_rank_to_rank():
    """Utterances of 20 windows with no room for an offset, one for each of two ranks."""
    sampler = replace(SAMPLER, lengths=np.full(2, 1050), batch_size=1, world_size=2)
    orders = {
        tuple(w.start for w in flat(replace(sampler, rank=rank).batches(epoch)))
        for rank in range(2)
        for epoch in range(3)
    }
    assert len(orders) == 6 and {tuple(sorted(o)) for o in orders} == {tuple(range(0, 1000, 50))}


def test_windows_are_shuffled_in_pools(monkeypatch):
    """A pool ends with the utterance that fills it, and does not mix with others."""
    monkeypatch.setattr(module, "POOL_WINDOWS", 30)
    sampler = replace(SAMPLER, batch_size=1)
    windows = flat(sampler.batches(0))
    order = list(dict.fromkeys(w.utterance for w in windows))
    places = {u: [i for i, w in enumerate(windows) if w.utterance == u] for u in order}
    assert any(np.diff(where).max(initial=0) > 1 for where in places.values())  # mixed
    position = 0
    pools = 0
    while position < len(windows):  # the shortest stretch of at least 30 that splits no utterance
        end = position + 30
        while end < len(windows) and any(p[0] < end <= p[-1] for p in places.values()):
            end += 1
        assert end - position <= 30 + 16  # 16 windows has the longest utterance
        position, pools = end, pools + 1
    assert pools >= 2
