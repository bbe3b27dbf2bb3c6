"""Steps of the signal path: layers and composites, with their paths, widths and rates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from lrac_audit.design.parts import Conv

Side = Literal["transmit", "receive", "undivided"]
"""``undivided`` runs on both sides, or was measured without knowing where they are divided."""
Stage = Literal["encoder", "rvq", "decoder", "undivided"]


@dataclass(frozen=True, slots=True)
class SkipConv(Conv):
    """The convolution in a learnable skip path."""

    kernel: int = 1


SKIP = SkipConv()


@dataclass(frozen=True, slots=True)
class LstmStack:
    """LSTM layers one after another, with a skip around all of them."""

    layers: int


@dataclass(frozen=True, slots=True)
class LstmLayer:
    """One unidirectional LSTM layer, as wide as its input."""


@dataclass(frozen=True, slots=True)
class Sum:
    """The sum of a branch and the skip path around it."""

    look_ahead_steps: int | None = 0
    """Steps that the skip path is held back, while the branch waits for its look-ahead; None where
    no number bounds them."""


@dataclass(frozen=True, slots=True)
class Branch:
    """One of the branches of parallel layers, each of which begins where all of them do."""


class Step(NamedTuple):
    """One layer of the signal path, or a composite of layers."""

    path: str
    """Path of its module in a model, such as ``encoder.blocks.0.down``; unique in a design."""
    part: Any
    """The part of the design, or a :class:`SkipConv`, :class:`LstmStack`, :class:`LstmLayer` or
    :class:`Sum`. Its class is the kind of the layer."""
    side: Side
    stage: Stage
    channels_in: int
    channels_out: int
    samples_per_step: int
    """Audio samples between two steps, on the faster side of a layer that changes the rate."""
    runs_per_frame: int
    """Steps per frame, on the slower side of a layer that changes the rate."""
    inner: tuple[Step, ...] | None = None
    """The steps of a composite, in their order; None for a layer."""

    @property
    def field(self) -> str:
        """The field of the design, such as ``encoder.blocks[0].down``."""
        return field_of(self.path)


def layers(step: Step) -> list[Step]:
    """Return the layers of ``step`` in their order: itself, or all that a composite is made of."""
    found: list[Step] = []
    _collect(step, found)
    return found


def _collect(step: Step, found: list[Step]) -> None:
    if step.inner is None:
        found.append(step)
    else:
        for inner in step.inner:
            _collect(inner, found)


def field_of(path: str) -> str:
    """Return the field that stands at ``path``: ``blocks[0].down`` for ``blocks.0.down``.

    The layers of a coder's LSTM have one field, their number.
    """
    first, *names = path.split(".")
    if names[:1] == ["lstm"]:
        return f"{first}.lstm_layers"
    return first + "".join(f"[{name}]" if name.isdigit() else f".{name}" for name in names)
