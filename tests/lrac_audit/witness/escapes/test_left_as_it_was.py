"""A user's model is after an audit as it was before: every cache, hook, flag and setting."""

from __future__ import annotations

import functools
import random
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import ClassVar

import numpy as np
import pytest
import torch
from torch import nn

from lrac_audit.errors import InputError
from lrac_audit.witness.isolation import running_model, tensors_restored
from lrac_audit.witness.measured_codec import measure_object

GLOBAL_CACHE: dict[int, torch.Tensor] = {}
NOTES: list[str] = []


@functools.lru_cache
def window(steps, device):
    return torch.ones(steps, device=device)


@dataclass
class Memory:
    kept: torch.Tensor | None = None
    by_length: dict = field(default_factory=dict)


class Slotted:
    __slots__ = ("kept",)

    def __init__(self):
        self.kept = None


class Codec(nn.Module):
    """A convolution, and a hook into what a forward may change."""

    sample_rate, hop_length = 1000, 4
    class_cache: ClassVar[dict] = {}
    class_tensor = None

    def __init__(self, change):
        super().__init__()
        self.conv = nn.Conv1d(1, 1, 3, padding=1)
        self.register_buffer("mean", torch.zeros(1))
        self.change = change
        self.cached = None
        self.nested = {"outer": [{}]}
        self.memory, self.slotted, self.space = Memory(), Slotted(), SimpleNamespace(kept=None)
        self.array = np.zeros(2)
        self.listed = []

    def forward(self, audio):
        self.change(self, audio)
        return self.conv(audio)


def _attribute(codec, x):
    codec.cached = x.mean() if codec.cached is None else codec.cached + x.mean()


def _nested(codec, x):
    codec.nested["outer"][0][x.shape[-1]] = x * 2


def _dataclass(codec, x):
    codec.memory.kept = x
    codec.memory.by_length[x.shape[-1]] = x


def _slots(codec, x):
    codec.slotted.kept, codec.space.kept = x, x


def _of_class(codec, x):
    Codec.class_cache["x"] = x
    Codec.class_tensor = x
    Codec.another = x


def _global(codec, x):
    GLOBAL_CACHE[x.shape[-1]] = x
    NOTES.append("ran")


def _buffer(codec, x):
    codec.mean += 1


def _parameter(codec, x):
    codec.conv.weight.data.mul_(2)


def _new_parameter(codec, x):
    codec.conv.bias = nn.Parameter(torch.ones(1, device=x.device))


def _hook(codec, x):
    codec.conv.register_forward_hook(lambda *_: None)


def _mode(codec, x):
    codec.train(not codec.training)
    codec.conv.weight.requires_grad_(False)


def _settings(codec, x):
    torch.set_grad_enabled(True)
    random.random()
    np.random.rand()
    torch.rand(1)


def _array(codec, x):
    codec.array += 1
    codec.listed.append(1)


def _new_module(codec, x):
    codec.extra = nn.Linear(1, 1).to(x.device)


def _precision(codec, x):
    codec.conv.to(x.dtype)


def _cached_function(codec, x):
    codec.conv.weight + window(3, x.device).to(codec.conv.weight.dtype)


CHANGES = [value for name, value in list(globals().items()) if name[0] == "_" and callable(value)]


def summary(value, seen=()):
    """Everything reachable as plain data, tensors by identity and values."""
    if isinstance(value, torch.Tensor):
        flags = str(value.dtype), str(value.device), value.requires_grad
        return (id(value), *flags, value.detach().tolist())
    if id(value) in seen:
        return "again"
    seen = (*seen, id(value))
    if isinstance(value, dict):
        return {key: summary(item, seen) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [summary(item, seen) for item in value]
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, Slotted):
        return summary(value.kept, seen)
    if isinstance(value, nn.Module | Memory | SimpleNamespace):
        return summary(vars(value), seen)
    return value if isinstance(value, int | float | str | bool) else type(value)


def settings():
    return (
        torch.is_grad_enabled(),
        torch.get_default_dtype(),
        torch.get_num_threads(),
        torch.get_rng_state().tolist(),
        random.getstate(),
        np.random.get_state()[1].tolist(),
    )


@pytest.fixture(autouse=True)
def nothing_cached():
    """What a function of the user has cached is emptied: it cannot be told apart."""
    window.cache_clear()


def everything(codec):
    return (
        summary(codec),
        summary(dict(vars(Codec))),
        summary([GLOBAL_CACHE, NOTES]),
        settings(),
        window.cache_info().currsize,
    )


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_everything_is_as_it_was_and_the_model_still_runs(change):
    codec = Codec(change).eval()
    before = everything(codec)
    measure_object(codec, None)
    assert everything(codec) == before
    assert codec(torch.zeros(1, 1, 8)).dtype == torch.float32


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_everything_is_as_it_was_after_an_error(change):
    def change_and_fail(codec, x):
        change(codec, x)
        raise ValueError("in the middle")

    codec = Codec(change_and_fail).eval()
    before = everything(codec)
    with pytest.raises(InputError, match="in the middle"):
        measure_object(codec, None)
    assert everything(codec) == before


@pytest.mark.parametrize("runs", [1, 3, 5])
def test_everything_is_as_it_was_after_an_interruption(runs):
    count = iter(range(runs))

    def interrupt(codec, x):
        for change in (_attribute, _nested, _buffer, _hook, _mode, _global):
            change(codec, x)
        if next(count, None) is None:
            raise KeyboardInterrupt

    codec = Codec(interrupt).eval()
    before = everything(codec)
    with pytest.raises(KeyboardInterrupt):
        measure_object(codec, None)
    assert everything(codec) == before


@pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated")
def test_tensors_of_a_scripted_module_are_as_they_were():
    codec = torch.jit.script(nn.Sequential(nn.Conv1d(1, 1, 3), nn.BatchNorm1d(1)))
    before = {name: (id(x), x.tolist()) for name, x in codec.state_dict(keep_vars=True).items()}
    with tensors_restored(codec):
        codec.to(torch.float64)
        codec(torch.ones(1, 1, 8, dtype=torch.float64))
    after = {name: (id(x), x.tolist()) for name, x in codec.state_dict(keep_vars=True).items()}
    assert after == before
    assert {x.dtype for x in codec.parameters()} == {torch.float32}


def test_a_closed_over_variable_is_as_it_was():
    state = {}
    last = None

    def change(codec, x):
        nonlocal last
        state["x"] = last = x

    measure_object(Codec(change).eval(), None)
    assert (state, last) == ({}, None)


def test_a_model_runs_on_one_thread_and_the_user_gets_his_threads_back():
    torch.set_num_threads(2)
    with running_model("x"):
        during = torch.get_num_threads()
    assert (during, torch.get_num_threads()) == (1, 2)
