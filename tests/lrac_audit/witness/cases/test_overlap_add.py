"""Depthwise transposed convolutions cost their taps, however their products are added up.

Every sample of C channels meets the K taps of its channel, and the products are added where they
overlap: C K multiply-accumulates a sample. Frames that a window multiplied are added the same way,
but each of their values meets one value of the window: a factor for each position, as in
``docs/counting.md``, and no multiply-accumulate.
"""

import pytest
import torch
from torch.nn import functional

from tests.lrac_audit.witness.cases.counting import Learned, macs_per_step
from tests.sweeps import slow_in_sweep

C, K, STEP = 3, 4, 2
WINDOW = torch.hann_window(K)


def length_of(steps):
    return (steps - 1) * STEP + K


def places(steps):
    """``[T, K]``: where the products of each sample are added."""
    return torch.arange(steps)[:, None] * STEP + torch.arange(K)


def outer(m, x):
    """``[1, C, T, K]``: every sample times every tap."""
    return x[..., None] * m.w[:, None]


def folded(products):
    """Add ``[1, C, T, K]`` by ``fold``."""
    return fold(products.transpose(2, 3).reshape(1, products.shape[1] * K, -1))


def fold(columns):
    steps = columns.shape[-1]
    return functional.fold(columns, (1, length_of(steps)), (1, K), stride=(1, STEP))


def empty(steps):
    return torch.zeros(1, C, length_of(steps))


def indexed(products):
    steps = products.shape[2]
    return empty(steps).index_add(2, places(steps).flatten(), products.flatten(2))


def scattered(products):
    steps = products.shape[2]
    at = places(steps).flatten().expand(1, C, -1)
    return empty(steps).scatter_add(2, at, products.flatten(2))


def reduced(products):
    steps = products.shape[2]
    at = places(steps).flatten().expand(1, C, -1)
    return empty(steps).scatter_reduce(2, at, products.flatten(2), "sum")


def scattered_in_place(products):
    steps = products.shape[2]
    at = places(steps).flatten().expand(1, C, -1)
    return empty(steps).scatter_(2, at, products.flatten(2), reduce="add")


def put(products):
    steps = products.shape[2]
    y = torch.zeros(length_of(steps), C)
    y.index_put_((places(steps).flatten(),), products.flatten(2)[0].mT, accumulate=True)
    return y


def put_flat(products):
    steps = products.shape[2]
    rows = torch.arange(C)[:, None, None] * length_of(steps)
    return empty(steps).put_((rows + places(steps)).flatten(), products.flatten(), accumulate=True)


def loop_over_time(products):
    y = empty(products.shape[2])
    for step in range(products.shape[2]):
        y[..., step * STEP : step * STEP + K] += products[:, :, step]
    return y


ADDED = {
    "fold": folded,
    "index_add": indexed,
    "scatter_add": scattered,
    "scatter_reduce": reduced,
    "scatter": scattered_in_place,
    "index_put": put,
    "put": put_flat,
}


def samples_one_by_one(m, x):
    y = empty(x.shape[-1])
    for step in range(x.shape[-1]):
        y[..., step * STEP : step * STEP + K] += x[..., step : step + 1] * m.w
    return y


def new_samples_one_by_one(m, x):
    y = empty(x.shape[-1])
    for step in range(x.shape[-1]):
        y[..., step * STEP : step * STEP + K] += torch.tanh(x[..., step : step + 1]) * m.w
    return y


def padded_samples(m, x):
    steps = x.shape[-1]
    taps = (x[..., at : at + 1] * m.w for at in range(steps))
    return sum(
        functional.pad(each, (at * STEP, (steps - 1 - at) * STEP)) for at, each in enumerate(taps)
    )


def taps_by_index(m, x):
    y, at = empty(x.shape[-1]), torch.arange(x.shape[-1]) * STEP
    for tap in range(K):
        y[..., at + tap] += x * m.w[:, tap, None]
    return y


def taps_by_index_add(m, x):
    y, at = empty(x.shape[-1]), torch.arange(x.shape[-1]) * STEP
    for tap in range(K):
        y.index_add_(2, at + tap, x * m.w[:, tap, None])
    return y


def taps_by_scatter_add(m, x):
    y, at = empty(x.shape[-1]), (torch.arange(x.shape[-1]) * STEP).expand(1, C, -1)
    for tap in range(K):
        y = y.scatter_add(2, at + tap, x * m.w[:, tap, None])
    return y


def two_halves(m, x):
    """K = 2 STEP: the first half of each sample's products, and the second one step later."""
    first, second = (half.flatten(2) for half in outer(m, x).split(STEP, -1))
    return functional.pad(first, (0, STEP)) + functional.pad(second, (STEP, 0))


TRANSPOSED = {
    "convolution": lambda m, x: functional.conv_transpose1d(x, m.w[:, None], stride=STEP, groups=C),
    **{name: lambda m, x, add=add: add(outer(m, x)) for name, add in ADDED.items()},
    "columns": lambda m, x: fold((x[:, :, None] * m.w[..., None]).flatten(1, 2)),
    "columns, then a gain": lambda m, x: fold(
        ((x[:, :, None] * m.w[..., None]) * m.g[:, None, None]).flatten(1, 2)
    ),
    "repeated samples": lambda m, x: fold(x.repeat_interleave(K, 1) * m.w.reshape(-1, 1)),
    "expanded samples": lambda m, x: fold(
        x[:, :, None].expand(-1, -1, K, -1).reshape(1, C * K, -1) * m.w.reshape(-1, 1)
    ),
    "einsum": lambda m, x: folded(torch.einsum("bct,ck->bctk", x, m.w)),
    "samples one by one": samples_one_by_one,
    "new samples one by one": new_samples_one_by_one,
    "padded samples": padded_samples,
    "taps by index": taps_by_index,
    "taps by index_add": taps_by_index_add,
    "taps by scatter_add": taps_by_scatter_add,
    "two halves": two_halves,
}


@pytest.mark.parametrize("writing", TRANSPOSED)
def test_every_sample_meets_every_tap_of_its_channel(writing):
    learned = Learned(w=(C, K), g=(C,))
    assert macs_per_step(learned, TRANSPOSED[writing], C) == C * K


def samples_with_a_tail(m, x):
    """What a sample adds to later steps is kept until the next sample is there."""
    tail, heads = torch.zeros(1, K - STEP), []
    for sample in x[:, 0].unbind(-1):
        products = sample[:, None] * m.w[0]
        heads.append(products[:, :STEP] + tail)
        tail = products[:, STEP:]
    return torch.cat(heads, -1)


def samples_written_anew(m, x):
    out = torch.zeros(1, 1, length_of(x.shape[-1]))
    for at, sample in enumerate(x.split(1, -1)):
        part = slice(at * STEP, at * STEP + K)
        out[..., part] = out[..., part] + sample * m.w[0]
    return out


def samples_added_in_place(m, x):
    out = torch.zeros(length_of(x.shape[-1]))
    for at in range(x.shape[-1]):
        out[at * STEP : at * STEP + K].add_(x[0, 0, at] * m.w[0])
    return out


def panned_frames(m, x):
    """Frames that two channels have with different gains meet one factor for each position."""
    out = torch.zeros(1, C, length_of(x.shape[-1] // STEP - 1))
    for at, frame in enumerate(frames_of(x).unbind(2)):
        out[..., at * STEP : at * STEP + K] += m.g[:, None] * frame[:, :1]
    return out


@pytest.mark.parametrize(
    "write", [samples_with_a_tail, samples_written_anew, samples_added_in_place]
)
def test_samples_of_one_channel_that_are_added_one_by_one(write):
    # Every sample meets the K taps of a kernel.
    assert macs_per_step(Learned(w=(C, K)), write, 1) == K


def test_gains_of_channels_fan_out_to_none_of_the_values_that_are_added():
    assert macs_per_step(Learned(g=(C,)), panned_frames, 1, STEP) == 0


@pytest.mark.parametrize("add", ADDED)
def test_taps_that_the_signal_makes(add):
    """Each channel's samples meet K taps, which a tanh of other channels makes."""
    assert macs_per_step(Learned(), lambda _, x: ADDED[add](of_signals(x)), C) == C * K


def of_signals(x):
    taps = torch.tanh(x.flip(1))[..., None] - torch.arange(K)  # no product
    return x[..., None] * taps


def frames_of(x):
    """``[1, C, N, K]``: frames with values of their own, which overlap."""
    return torch.tanh(x.unfold(-1, K, STEP))


FACTORS = {
    "none": lambda m, frames: frames,
    "window": lambda m, frames: frames * WINDOW,
    "learned window for each channel": lambda m, frames: frames * m.w[:, None],
    "gain for each channel": lambda m, frames: frames * m.g[:, None, None],
}


@pytest.mark.parametrize("add", [*ADDED, "loop"])
@pytest.mark.parametrize("factor", FACTORS)
def test_windows_and_gains_of_frames_are_no_taps(factor, add):
    learned = Learned(w=(C, K), g=(C,))
    adding = {**ADDED, "loop": loop_over_time}[add]
    writing = FACTORS[factor]
    assert macs_per_step(learned, lambda m, x: adding(writing(m, frames_of(x))), C, STEP) == 0


def added_one_by_one(frames, count, scaled, write):
    """Frames, each scaled by itself, are added where they overlap."""
    out = torch.zeros(1, C, (count - 1) * STEP + K)
    for at in range(count):
        part = slice(at * STEP, at * STEP + K)
        write(out, part, scaled(frames(at)))
    return out


def write_anew(out, part, frame):
    out[..., part] = out[..., part] + frame


GAINS = {
    "half": lambda m, frame: frame / 2,
    "gain": lambda m, frame: frame * 0.7,
    "gain for each channel": lambda m, frame: frame * m.g[:, None],
    "window and gain": lambda m, frame: frame * WINDOW * 0.7,
}
SCALED_SLOWLY = [("anew", "gain for each channel"), ("in place", "half"), ("anew", "gain")]
WRITES = {
    "in place": lambda out, part, frame: out[..., part].add_(frame),
    "anew": write_anew,
}


@pytest.mark.parametrize(
    ("write", "gain"),
    slow_in_sweep(
        [("in place", "window and gain"), *SCALED_SLOWLY],
        *SCALED_SLOWLY,
    ),
)
def test_frames_that_are_scaled_one_by_one_are_not_filtered(gain, write):
    def run(m, x):
        frames = torch.tanh(x.unfold(-1, K, STEP)).contiguous()
        return added_one_by_one(
            lambda at: frames[:, :, at], frames.shape[2], lambda f: GAINS[gain](m, f), WRITES[write]
        )

    assert macs_per_step(Learned(g=(C,)), run, C, STEP) == 0


def average_by_steps(m, x):
    y = torch.zeros_like(x)
    for at in range(2, x.shape[-1]):
        for tap in range(3):
            y[..., at] += x[..., at - tap] / 3
    return y


def average_by_beginnings(m, x):
    y = torch.zeros_like(x)
    for tap in range(3):
        y[..., tap:] += x[..., : x.shape[-1] - tap] / 3
    return y


def average_by_middles(m, x):
    y, steps = torch.zeros_like(x), x.shape[-1] - 2
    for tap in range(3):
        y[..., 1:-1] += 0.25 * x[..., tap : tap + steps]
    return y


def average_of_channels(m, x):
    y, steps = torch.zeros_like(x), x.shape[-1] - 2
    for tap in range(3):
        y[..., 2:] += m.g[:, None] * x[..., tap : tap + steps]
    return y


AVERAGES = {
    "step by step": average_by_steps,
    "from beginnings": average_by_beginnings,
    "into the middle": average_by_middles,
    "one factor for each channel": average_of_channels,
}


@pytest.mark.parametrize("writing", slow_in_sweep(AVERAGES, "step by step"))
def test_a_filter_of_equal_taps_is_one_where_it_is_written_into_slices(writing):
    # Each of C channels meets 3 taps.
    assert macs_per_step(Learned(g=(C,)), AVERAGES[writing], C) == 3 * C


@pytest.mark.parametrize("add", ["index_add", "scatter_add"])
def test_weighed_channels_added_in_groups(add):
    """Each of 4 channels has a weight, and two of them make one: a sparse product."""
    groups = torch.tensor([0, 1, 0, 1])

    def run(m, x):
        weighed = x * m.g[:, None]
        y = torch.zeros(1, 2, x.shape[-1])
        if add == "index_add":
            return y.index_add(1, groups, weighed)
        return y.scatter_add(1, groups[:, None].expand(1, 4, x.shape[-1]), weighed)

    assert macs_per_step(Learned(g=(4,)), run, 4) == 4
