"""Reads that let nothing out: of constants, of weights, of shapes. All must be exact.

``second`` of the codec has 5 taps: 20 MACs per hop.
"""

from __future__ import annotations

import inspect

import numpy as np
import torch
from torch.nn.utils import rnn


def item_of_a_buffer(codec, x):
    return codec.second(x) * codec.length.item()


def int_of_a_buffer(codec, x):
    for _ in range(int(codec.length)):
        x = x + 1
    return codec.second(x)


def index_by_a_buffer(codec, x):
    return codec.second(x) * codec.taps[codec.length - 1]


def truth_of_a_buffer(codec, x):
    return codec.second(x) if codec.flag else x


def item_of_a_weight(codec, x):
    return codec.second(x) * codec.first.weight[0, 0, 0].item()


def largest_weight(codec, x):
    return codec.second(x) / (1 + float(codec.first.weight.abs().max()))


def list_of_a_buffer(codec, x):
    return codec.second(x) * sum(codec.taps.tolist())


def numpy_of_a_buffer(codec, x):
    return codec.second(x) * float(np.sum(codec.taps.numpy()))


def numpy_of_a_weight(codec, x):
    return codec.second(x) * float(np.asarray(codec.first.weight).max())


def item_of_a_shape(codec, x):
    return codec.second(x) * (torch.tensor(x.shape).prod().item() > 0)


def batch_sizes_of_a_packed_sequence(codec, x):
    frames = codec.second(x).transpose(1, 2)
    lengths = torch.full((len(frames),), frames.shape[1])
    packed = rnn.pack_padded_sequence(frames, lengths, batch_first=True, enforce_sorted=False)
    padded, _ = rnn.pad_packed_sequence(packed, batch_first=True)
    return padded.transpose(1, 2) * int(packed.batch_sizes[0])


def item_of_positions(codec, x):
    return codec.second(x) * (torch.arange(x.shape[-1]).max().item() >= 0)


def equal_buffers(codec, x):
    return codec.second(x) if torch.equal(codec.taps, codec.taps) else x


def close_buffers(codec, x):
    return codec.second(x) if torch.allclose(codec.taps, codec.taps) else x


def mask_of_constants(codec, x):
    steps = torch.arange(8)
    return codec.second(x) * len(steps[steps > 3])


def nonzero_of_constants(codec, x):
    return codec.second(x) * codec.taps.nonzero().shape[0]


def shape_and_flags(codec, x):
    assert x.dim() == 3 and x.is_floating_point() and not x.requires_grad
    assert x.shape[0] == 1 and len(x) == 1 and x.stride(-1) == 1
    return codec.second(x)


def written_shape(codec, x):
    assert f"{tuple(x.shape)}"
    return codec.second(x)


def printed_buffer(codec, x):
    assert repr(codec.taps)
    return codec.second(x)


def copied_buffer(codec, x):
    import copy

    return codec.second(x) * copy.deepcopy(codec.taps).sum()


def python_numbers(codec, x):
    return codec.second(x) * torch.tensor([0.5, 0.25]).sum()


def window_of_numpy(codec, x):
    return codec.second(x) * torch.from_numpy(np.hanning(3)).to(x).sum()


def window_of_a_pool(codec, x):
    return codec.second(x) * torch.as_tensor(np.hanning(3)).to(x).sum()


CASES = [
    work
    for work in list(globals().values())
    if inspect.isfunction(work) and work.__module__ == __name__ and work.__name__[0] != "_"
]
