"""State that a model keeps in slots is put back, whatever else its class declares there."""

from __future__ import annotations

from torch import nn

from lrac_audit.witness.model_state import ModelState


class Counter:
    """Objects of attrs and dataclasses may have such slots: one is private, one holds no state."""

    __slots__ = ("__private", "__weakref__", "calls")

    def __init__(self) -> None:
        self.calls, self.__private = 0, 0

    def count(self) -> None:
        self.calls, self.__private = self.calls + 1, self.__private + 1

    def seen(self) -> tuple[int, int]:
        return self.calls, self.__private


def test_values_in_slots_are_put_back() -> None:
    module = nn.Module()
    module.counter = counter = Counter()
    state = ModelState(module)
    counter.count()
    state.restore()
    assert counter.seen() == (0, 0)
