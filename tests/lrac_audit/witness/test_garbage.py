"""Garbage collection is put off for a while, and then as it was."""

from __future__ import annotations

import gc

import pytest
import torch

from lrac_audit.witness.factory import as_target, load_python
from lrac_audit.witness.garbage import (
    long_lived_made,
    no_garbage_collected,
    only_new_garbage_collected,
)
from lrac_audit.witness.measured_codec import measure_python
from tests.lrac_audit.witness.targets import toys

TOYS = "python:tests.lrac_audit.witness.targets.toys"


def test_nothing_is_collected_in_the_block_and_what_was_on_is_on_again():
    with no_garbage_collected():
        during = gc.isenabled()
    assert (during, gc.isenabled()) == (False, True)


def test_what_was_off_stays_off():
    gc.disable()
    try:
        with no_garbage_collected():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


@pytest.fixture
def nothing_frozen():
    """The tests freeze what their imports made, to be faster; here they do so afterwards."""
    gc.unfreeze()
    yield
    gc.freeze()


def test_older_objects_are_left_out_in_the_block_alone(nothing_frozen):
    with only_new_garbage_collected():
        during = gc.get_freeze_count()
    assert during > 1000
    assert gc.get_freeze_count() == 0


def test_what_is_made_in_the_block_is_old_afterwards(nothing_frozen):
    with long_lived_made():
        assert not gc.isenabled()
        made = [[] for _ in range(10)]
    assert gc.isenabled() and gc.get_freeze_count() == 0
    oldest = {id(each) for each in gc.get_objects(generation=2)}
    assert all(id(each) in oldest for each in made)


def test_what_somebody_has_frozen_stays_frozen():
    gc.freeze()
    try:
        frozen = gc.get_freeze_count()
        with only_new_garbage_collected():
            pass
        assert gc.get_freeze_count() == frozen
    finally:
        gc.unfreeze()


def test_an_audit_leaves_the_collector_as_it_was():
    measure_python(f"{TOYS}:tiny", {}, None)
    assert (gc.isenabled(), gc.get_freeze_count()) == (True, 0)


def test_a_factory_runs_on_one_thread_and_the_user_gets_the_threads_back(monkeypatch):
    seen = []

    def make():
        seen.append((torch.get_num_threads(), gc.isenabled()))
        return toys.tiny()

    monkeypatch.setattr(toys, "make", make, raising=False)
    torch.set_num_threads(2)
    load_python(f"{TOYS}:make", {})
    assert seen == [(1, False)]
    assert (torch.get_num_threads(), gc.isenabled()) == (2, True)


def test_an_adapter_runs_on_one_thread(monkeypatch):
    seen = []

    def recognised(*_):
        seen.append(torch.get_num_threads())
        return toys.tiny()

    monkeypatch.setattr("lrac_audit.witness.factory.recognise", recognised)
    torch.set_num_threads(2)
    as_target(torch.nn.Identity(), "x")
    assert seen == [1]
    assert torch.get_num_threads() == 2
