"""Filters cost their taps, whether as a convolution, as frames times taps or as a loop."""

import functools
import operator
from itertools import product, starmap

import pytest
import torch
from torch import nn
from torch.nn import functional

from tests.lrac_audit.witness.cases.counting import Learned, crossed, macs_per_step
from tests.sweeps import slow_in_sweep, thinned


def shifted(x, kernel):
    """The inputs of each tap, all as long."""
    steps = x.shape[-1] - kernel + 1
    return [x[..., tap : tap + steps] for tap in range(kernel)]


def by_loop(m, x):
    y = 0
    for tap, delayed in enumerate(shifted(x, m.taps.numel())):
        y = y + m.taps[tap] * delayed
    return y


def by_sum(m, x):
    return sum(tap * delayed for tap, delayed in zip(m.taps, shifted(x, len(m.taps)), strict=True))


def by_writing_into_slices(m, x):
    y = torch.zeros_like(x)
    for tap in range(m.taps.numel()):
        y[..., tap:] += m.taps[tap] * x[..., : x.shape[-1] - tap]
    return y


def by_addcmul(m, x):
    delayed = shifted(x, m.taps.numel())
    y = torch.zeros(delayed[0].shape)
    for tap, each in enumerate(delayed):
        y = torch.addcmul(y, each, m.taps[tap])
    return y


def by_writing_into_a_table(m, x):
    delayed = shifted(x, m.taps.numel())
    table = torch.empty(*delayed[0].shape, len(delayed))
    for tap, each in enumerate(delayed):
        table[..., tap] = m.taps[tap] * each
    return table.sum(-1)


def by_transposed_slices(m, x):
    x = x.transpose(1, 2).contiguous()  # [1, T, C]
    steps = x.shape[1] - m.taps.numel() + 1
    return sum(m.taps[tap] * x[:, tap : tap + steps] for tap in range(m.taps.numel()))


ONE_KERNEL_FOR_ALL = {
    "convolution": lambda m, x: functional.conv1d(x.transpose(0, 1), m.taps[None, None]),
    "loop": by_loop,
    "sum of a generator": by_sum,
    "written into slices": by_writing_into_slices,
    "addcmul": by_addcmul,
    "written into a table": by_writing_into_a_table,
    "transposed slices": by_transposed_slices,
    "rolled": lambda m, x: sum(w * torch.roll(x, at, -1) for at, w in enumerate(m.taps)),
    "padded": lambda m, x: sum(
        functional.pad(x, (at, 0))[..., : x.shape[-1]] * w for at, w in enumerate(m.taps)
    ),
    "delayed by cat": lambda m, x: sum(
        w * torch.cat([torch.zeros(1, x.shape[1], at), x[..., : x.shape[-1] - at]], -1)
        for at, w in enumerate(m.taps)
    ),
    "stacked": lambda m, x: torch.stack(
        [w * each for w, each in zip(m.taps, shifted(x, len(m.taps)), strict=True)]
    ).sum(0),
    "stacked, then scaled": lambda m, x: (torch.stack(shifted(x, len(m.taps)), -1) * m.taps).sum(
        -1
    ),
    "concatenated": lambda m, x: torch.cat(
        [(w * each)[..., None] for w, each in zip(m.taps, shifted(x, len(m.taps)), strict=True)], -1
    ).sum(-1),
    "frames": lambda m, x: (x.unfold(2, len(m.taps), 1) * m.taps).sum(-1),
    "copied frames": lambda m, x: (x.unfold(2, len(m.taps), 1).contiguous() * m.taps).sum(-1),
    "frames by as_strided": lambda m, x: (
        x.contiguous().as_strided(
            (*x.shape[:2], x.shape[2] - len(m.taps) + 1, len(m.taps)), (*x.stride()[:2], 1, 1)
        )
        * m.taps
    ).sum(-1),
    "frames as a product": lambda m, x: x.unfold(2, len(m.taps), 1) @ m.taps,
    "frames by indices": lambda m, x: (
        x[..., torch.arange(x.shape[2] - len(m.taps) + 1)[:, None] + torch.arange(len(m.taps))]
        * m.taps
    ).sum(-1),
    "frames in place": lambda m, x: x.unfold(2, len(m.taps), 1).clone().mul_(m.taps).sum(-1),
    "functional unfold": lambda m, x: (
        functional.unfold(x[:, :, None], (1, len(m.taps))).view(1, x.shape[1], len(m.taps), -1)
        * m.taps[:, None]
    ).sum(2),
    "mean": lambda m, x: (x.unfold(2, len(m.taps), 1) * m.taps).mean(-1) * len(m.taps),
    "mapped": lambda m, x: torch.vmap(lambda frame: (frame * m.taps).sum())(
        x.unfold(2, len(m.taps), 1).flatten(0, 2)
    ),
}


@pytest.mark.parametrize(
    ("writing", "channels", "kernel"), crossed(ONE_KERNEL_FOR_ALL, [(1, 3), (4, 5)])
)
def test_one_kernel_for_all_channels(writing, channels, kernel):
    # Each channel meets each tap once a step.
    learned = Learned(taps=(kernel,))
    assert macs_per_step(learned, ONE_KERNEL_FOR_ALL[writing], channels) == channels * kernel


def loop_of_channel_taps(m, x):
    y = 0
    for tap, each in enumerate(shifted(x, m.taps.shape[1])):
        y = y + m.taps[:, tap, None] * each
    return y


def channel_taps_last(m, x):
    x = x.transpose(1, 2)
    steps = x.shape[1] - m.taps.shape[1] + 1
    return sum(m.taps[:, tap] * x[:, tap : tap + steps] for tap in range(m.taps.shape[1]))


DEPTHWISE = {
    "convolution": lambda m, x: functional.conv1d(x, m.taps[:, None], groups=len(m.taps)),
    "loop": loop_of_channel_taps,
    "channels last": channel_taps_last,
    "frames": lambda m, x: (x.unfold(2, m.taps.shape[1], 1) * m.taps[:, None]).sum(-1),
    "repeated taps": lambda m, x: (
        x.unfold(2, m.taps.shape[1], 1)
        * m.taps[:, None].repeat(1, x.shape[2] - m.taps.shape[1] + 1, 1)
    ).sum(-1),
    "einsum": lambda m, x: torch.einsum("bctk,ck->bct", x.unfold(2, m.taps.shape[1], 1), m.taps),
}


@pytest.mark.parametrize(("writing", "channels", "kernel"), crossed(DEPTHWISE, [(3, 4), (6, 2)]))
def test_one_kernel_for_each_channel(writing, channels, kernel):
    learned = Learned(taps=(channels, kernel))
    assert macs_per_step(learned, DEPTHWISE[writing], channels) == channels * kernel


def dense_loop(m, x):
    y = 0
    for tap, each in enumerate(shifted(x, m.taps.shape[2])):
        y = y + m.taps[:, :, tap, None] * each[:, None]
    return y.sum(2)


DENSE = {
    "convolution": lambda m, x: functional.conv1d(x, m.taps),
    "two-dimensional convolution": lambda m, x: functional.conv2d(
        x[:, :, None], m.taps[:, :, None]
    ),
    "loop of products": lambda m, x: sum(
        m.taps[:, :, tap] @ each for tap, each in enumerate(shifted(x, m.taps.shape[2]))
    ),
    "loop, summed at the end": dense_loop,
    "loop, summed at once": lambda m, x: sum(
        (m.taps[:, :, tap, None] * each[:, None]).sum(2)
        for tap, each in enumerate(shifted(x, m.taps.shape[2]))
    ),
    "five axes": lambda m, x: (
        x.unfold(2, m.taps.shape[2], 1)[:, None] * m.taps[None, :, :, None]
    ).sum((2, 4)),
    "five axes, one by one": lambda m, x: (
        (x.unfold(2, m.taps.shape[2], 1)[:, None] * m.taps[None, :, :, None]).sum(4).sum(2)
    ),
    "flattened": lambda m, x: (
        (x.unfold(2, m.taps.shape[2], 1)[:, None] * m.taps[None, :, :, None])
        .transpose(3, 2)
        .flatten(3)
        .sum(-1)
    ),
    "einsum": lambda m, x: torch.einsum("bctk,ock->bot", x.unfold(2, m.taps.shape[2], 1), m.taps),
    "tensordot": lambda m, x: torch.tensordot(
        x.unfold(2, m.taps.shape[2], 1), m.taps, dims=([1, 3], [1, 2])
    ),
    "functional unfold": lambda m, x: (
        m.taps.flatten(1) @ functional.unfold(x[:, :, None], (1, m.taps.shape[2]))
    ),
}


@pytest.mark.parametrize(
    ("writing", "channels_in", "channels_out", "kernel"), crossed(DENSE, [(4, 6, 5), (1, 8, 3)])
)
def test_all_channels_to_all(writing, channels_in, channels_out, kernel):
    learned = Learned(taps=(channels_out, channels_in, kernel))
    expected = channels_in * channels_out * kernel
    assert macs_per_step(learned, DENSE[writing], channels_in) == expected


def scattered(m, x):
    """Every input adds its taps to an output of twice its rate."""
    steps = 2 * x.shape[-1]
    y = torch.zeros(1, x.shape[1], steps + m.taps.numel())
    for tap in range(m.taps.numel()):
        y[..., tap : tap + steps : 2] += m.taps[tap] * x
    return y


TRANSPOSED = {
    "convolution": lambda m, x: functional.conv_transpose1d(
        x.transpose(0, 1), m.taps[None, None], stride=2
    ),
    "scattered": scattered,
}


@pytest.mark.parametrize("kernel", [3, 5])
@pytest.mark.parametrize("writing", TRANSPOSED)
def test_transposed(writing, kernel):
    # Each of three channels' inputs is multiplied with each tap.
    assert macs_per_step(Learned(taps=(kernel,)), TRANSPOSED[writing], 3) == 3 * kernel


NUMBERS = (0.25, 0.5, 0.125, 0.125)
FIXED_TAPS = {
    "convolution": lambda m, x: functional.conv1d(
        x.transpose(0, 1), torch.tensor(NUMBERS)[None, None]
    ),
    "numbers": lambda m, x: sum(w * e for w, e in zip(NUMBERS, shifted(x, 4), strict=True)),
    "numbers behind": lambda m, x: sum(e * w for w, e in zip(NUMBERS, shifted(x, 4), strict=True)),
}


def added_in_place(_, x):
    delayed = shifted(x, len(NUMBERS))
    y = x.new_zeros(delayed[0].shape)
    for number, each in zip(NUMBERS, delayed, strict=True):
        y.add_(each, alpha=number)
    return y


FIXED_TAPS["added in place"] = added_in_place


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("writing", FIXED_TAPS)
def test_taps_that_are_numbers(writing, channels):
    assert macs_per_step(nn.Identity(), FIXED_TAPS[writing], channels) == channels * len(NUMBERS)


def biquad(m, x):
    past = [torch.zeros(1, 1)] * 2
    y = [torch.zeros(1, 1)] * 2
    for sample in x.unbind(-1):
        fed = m.b[0] * sample + m.b[1] * past[-1] + m.b[2] * past[-2]
        y.append(fed - m.a[0] * y[-1] - m.a[1] * y[-2])
        past.append(sample)
    return torch.stack(y, -1)


def biquad_of_products(m, x):
    past = [torch.zeros(1, 1)] * 2
    y = [torch.zeros(1, 1)] * 2
    for sample in x.unbind(-1):
        inputs = torch.stack([sample, past[-1], past[-2]], -1)
        outputs = torch.stack([y[-1], y[-2]], -1)
        y.append((inputs * m.b).sum(-1) - (outputs * m.a).sum(-1))
        past.append(sample)
    return torch.stack(y, -1)


@pytest.mark.parametrize("writing", [biquad, biquad_of_products])
def test_recursive_filter(writing):
    # Three taps on the input and two on the output.
    assert macs_per_step(Learned(b=(3,), a=(2,)), writing, 1) == 3 + 2


def leaky_of_numbers(_, x):
    level, levels = torch.zeros(1, x.shape[1]), []
    for frame in x.unbind(-1):
        level = 0.9 * level + 0.1 * frame
        levels.append(level)
    return torch.stack(levels, -1)


def leaky_of_learned(m, x):
    kept, new = torch.sigmoid(m.taps[0]), torch.sigmoid(-m.taps[0])
    level, levels = torch.zeros(1, x.shape[1]), []
    for step in range(x.shape[-1]):
        level = kept * level + new * x[..., step]
        levels.append(level)
    return torch.stack(levels, -1)


def leaky_of_rows(m, x):
    """Frames are rows here, and the taps of each channel are made anew for each frame."""
    level, levels = 0, []
    for frame in x.transpose(1, 2).contiguous().unbind(1):
        kept = torch.sigmoid(m.taps).expand(x.shape[1])
        level = kept * level + (1 - kept) * frame
        levels.append(level)
    return torch.stack(levels, -1)


def leaky_in_place(_, x):
    level, levels = torch.zeros(1, x.shape[1], 1), []
    for frame in x.split(1, -1):
        level.mul_(0.9).add_(frame, alpha=0.1)
        levels.append(level.clone())
    return torch.cat(levels, -1)


def leaky_by_addcmul(m, x):
    kept = torch.cat([torch.sigmoid(m.taps), torch.sigmoid(-m.taps)])
    level, levels = torch.zeros(1, x.shape[1]), []
    for frame in x.unbind(-1):
        level = torch.addcmul(kept[1] * frame, kept[0], level)
        levels.append(level)
    return torch.stack(levels, -1)


LEAKY = [leaky_of_numbers, leaky_of_learned, leaky_of_rows, leaky_in_place, leaky_by_addcmul]


@pytest.mark.parametrize(
    ("writing", "channels"), thinned(starmap(pytest.param, product(LEAKY, [1, 4])), 3)
)
def test_recursive_filter_of_first_order(writing, channels):
    # One tap on the input and one on the output, for each channel.
    assert macs_per_step(Learned(taps=(1,)), writing, channels) == 2 * channels


def all_pole(taps):
    """Two past results, and the values of each step as they are."""

    def run(m, x):
        past = [torch.zeros(1, x.shape[1])] * 2
        for frame in x.unbind(-1):
            level = frame
            for tap, each in zip(taps(m), past[-2:], strict=True):
                level = level - tap * each
            past.append(level)
        return torch.stack(past[2:], -1)

    return run


def past_first(_, x):
    older = old = torch.zeros(1, x.shape[1])
    levels = []
    for frame in x.unbind(-1):
        older, old = old, 0.3 * older + 0.2 * old + frame
        levels.append(old)
    return torch.stack(levels, -1)


def smoothed(_, x):
    """What is smoothed is computed of each step by itself."""
    level, levels = torch.zeros(1, x.shape[1]), []
    for frame in x.unbind(-1):
        level = 0.9 * level + 0.1 * torch.tanh(frame)
        levels.append(level)
    return torch.stack(levels, -1)


def diagonal_states(m, x):
    state, states = torch.zeros(1, x.shape[1]), []
    for frame in x.unbind(-1):
        state = m.taps * state + m.new * frame.abs()
        states.append(state)
    return torch.stack(states, -1)


def ladder(m, x):
    """Two products in each of two stages: one for the value, and one for what is kept of it."""
    kept, levels = [torch.zeros(1, x.shape[1])] * 3, []
    for frame in x.unbind(-1):
        after: list = [None] * 3
        for stage in (1, 0):
            frame = frame - m.taps[stage] * kept[stage]
            after[stage + 1] = kept[stage] + m.taps[stage] * frame
        kept = [frame, *after[1:]]
        levels.append(frame)
    return torch.stack(levels, -1)


RECURSIVE = {
    "numbers": (all_pole(lambda _: (0.1, 0.2)), 2),
    "learned taps": (all_pole(lambda m: m.taps), 2),
    "past results first": (past_first, 2),
    "smoothed": (smoothed, 2),
    "diagonal states": (diagonal_states, 2),
    "ladder": (ladder, 4),
}


@pytest.mark.parametrize("writing", slow_in_sweep(RECURSIVE, "ladder", "numbers", "learned taps"))
def test_taps_on_past_results(writing):
    # One multiply-accumulate for each tap and channel.
    run, taps = RECURSIVE[writing]
    assert macs_per_step(Learned(taps=(2,), new=(2,)), run, 2) == 2 * taps


def one_pole_in_place(m, x):
    y = 0.1 * x
    for at in range(1, x.shape[-1]):
        y[..., at] += 0.9 * y[..., at - 1]
    return y


def two_poles_in_place(m, x):
    y = x.clone()
    for at in range(2, x.shape[-1]):
        y[..., at] = y[..., at] + 0.9 * y[..., at - 1] - 0.3 * y[..., at - 2]
    return y


@pytest.mark.parametrize(
    "writing", slow_in_sweep([one_pole_in_place, two_poles_in_place], two_poles_in_place)
)
def test_recursive_filters_in_place(writing):
    # Each of 4 channels meets two factors: of the new and the past value, or of two past ones.
    assert macs_per_step(Learned(), writing, 4) == 2 * 4


def layers_of_each_frame(m, x):
    """Residuals with a scale, one frame after the other: what is added depends on the past one."""
    frames = []
    for frame in x.unbind(-1):
        for _ in range(3):
            frame = 0.8 * frame + 0.6 * torch.tanh(frame)
        frames.append(frame)
    return torch.stack(frames, -1)


def crossfaded_with_the_past(m, x):
    """The first half of each frame is faded in over the end of the one before."""
    fade, past, frames = torch.arange(2) / 2, torch.zeros(1, 1, 4), []
    for frame in x.split(4, -1):
        head = fade * frame[..., :2] + (1 - fade) * past[..., 2:]
        past = torch.cat([head, torch.tanh(frame[..., 2:])], -1)
        frames.append(past)
    return torch.cat(frames, -1)


@pytest.mark.parametrize(
    "writing",
    slow_in_sweep([crossfaded_with_the_past, layers_of_each_frame], layers_of_each_frame),
)
def test_scales_of_residuals_and_fades_of_past_results_are_no_taps(writing):
    assert macs_per_step(Learned(taps=(1,)), writing, 1, hop=4) == 0


def second_order(m, x):
    past = before = torch.zeros(1, x.shape[1])
    levels = []
    for frame in x.transpose(1, 2).contiguous().unbind(1):
        before, past = past, m.new * frame + m.past * past + m.before * before
        levels.append(past)
    return torch.stack(levels, -1)


@pytest.mark.sweep
def test_recursive_filter_for_each_channel():
    # One tap on the input and two on the output, for each of 4 channels.
    learned = Learned(new=(4,), past=(4,), before=(4,))
    assert macs_per_step(learned, second_order, 4) == 3 * 4


def kept_in_a_list(frames, taps, add=sum):
    """Each frame's sum of the taps times itself and the frames before it."""
    past = [torch.zeros_like(frames[0])] * len(taps)
    filtered = []
    for frame in frames:
        past = [frame, *past[:-1]]
        filtered.append(add(tap * each for tap, each in zip(taps, past, strict=True)))
    return torch.stack(filtered, -1)


def rows_of(x):
    return x.transpose(1, 2).contiguous()


ROWS = {
    "unbound": lambda m, x: kept_in_a_list(rows_of(x).unbind(1), m.taps),
    "indexed": lambda m, x: kept_in_a_list(
        [rows_of(x)[:, at] for at in range(x.shape[-1])], m.taps.unbind(0)
    ),
    "unbound along the last axis": lambda m, x: kept_in_a_list(x.unbind(-1), m.taps),
    "taps that are computed each": lambda m, x: kept_in_a_list(
        rows_of(x).unbind(1), [torch.tanh(tap) for tap in m.taps]
    ),
    "added from the first on": lambda m, x: kept_in_a_list(
        rows_of(x).unbind(1), m.taps, lambda terms: functools.reduce(operator.add, terms)
    ),
    "frames of one batch": lambda m, x: kept_in_a_list(rows_of(x)[0].unbind(0), m.taps),
}


@pytest.mark.parametrize(
    ("writing", "taps"), thinned(starmap(pytest.param, product(ROWS, [2, 5])), 3)
)
def test_filter_over_frames_that_are_rows(writing, taps):
    # Every value of a frame has its own taps: 4 of each.
    assert macs_per_step(Learned(taps=(taps, 4)), ROWS[writing], 4) == taps * 4
