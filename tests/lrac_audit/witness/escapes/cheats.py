"""Codecs that do less where they are counted: on tensors without values, under a mode."""

from __future__ import annotations

import inspect

import torch
from torch.nn import functional


def _heavy(x):
    return functional.conv1d(x, torch.full((1, 1, 7), 0.1, device=x.device), padding=3)


def asks_is_meta(codec, x):
    return x if x.is_meta else _heavy(x)


def asks_the_device(codec, x):
    return x if x.device.type == "meta" else _heavy(x)


def asks_the_name_of_the_device(codec, x):
    return x if "meta" in str(x.device) else _heavy(x)


def asks_a_weight(codec, x):
    return x if codec.first.weight.is_meta else _heavy(x)


def asks_the_default_device(codec, x):
    return x if torch.empty(1).is_meta else _heavy(x)


def asks_for_an_error(codec, x):
    try:
        x.untyped_storage().tolist()
    except (NotImplementedError, RuntimeError, TypeError):
        return x
    return _heavy(x)


def asks_for_a_number(codec, x):
    try:
        x.abs().max().item()
    except (NotImplementedError, RuntimeError):
        return x
    return _heavy(x)


def asks_for_an_array(codec, x):
    try:
        x.numpy()
    except (NotImplementedError, RuntimeError, TypeError):
        return x
    return _heavy(x)


def asks_the_address(codec, x):
    return x if x.data_ptr() == 0 else _heavy(x)


def does_other_work(codec, x):
    return codec.second(x) if x.is_meta else _heavy(x)


def does_more_work_without_values(codec, x):
    return _heavy(x) if x.is_meta else x


CASES = [
    work
    for work in list(globals().values())
    if inspect.isfunction(work) and work.__module__ == __name__ and work.__name__[0] != "_"
]
