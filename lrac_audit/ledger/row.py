"""The row of a ledger, and the ledger itself. Every witness yields these, whatever it measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, NamedTuple

Side = Literal["transmit", "receive"]
Stage = Literal["encoder", "rvq", "decoder"]
RvqForm = Literal["absorbed", "projected"]

RVQ_FORMS: tuple[RvqForm, ...] = ("absorbed", "projected")


class Kind(StrEnum):
    """Kinds of elementary work, each of which a convention prices."""

    CONVOLUTION = "convolution"
    TRANSPOSED_CONVOLUTION = "transposed_convolution"
    LINEAR = "linear"
    CODEBOOK_SEARCH = "codebook_search"
    BIAS = "bias"
    RESIDUAL_ADD = "residual_add"
    SEARCH_NORM = "search_norm"
    SEARCH_COMPARE = "search_compare"
    GATE_ARITHMETIC = "gate_arithmetic"
    LOOKUP = "lookup"
    ELU = "elu"
    RELU = "relu"
    LEAKY_RELU = "leaky_relu"
    PRELU = "prelu"
    GELU = "gelu"
    SILU = "silu"
    TANH = "tanh"
    SIGMOID = "sigmoid"
    SNAKE = "snake"


MAC_KINDS = frozenset(
    {Kind.CONVOLUTION, Kind.TRANSPOSED_CONVOLUTION, Kind.LINEAR, Kind.CODEBOOK_SEARCH}
)
"""Kinds whose unit is one multiply-accumulate; the unit of every other kind is one operation."""


class Storage(StrEnum):
    """What the values that a row keeps in memory are."""

    WEIGHTS = "weights"
    PROJECTION_IN = "projection_in"
    PROJECTION_OUT = "projection_out"
    CODEBOOK = "codebook"
    TABLE = "table"
    """A codebook with its output projection folded in."""


class Geometry(NamedTuple):
    """The shape of a layer; 1 where a notion does not apply."""

    channels_in: int
    channels_out: int
    kernel: int = 1
    stride: int = 1
    dilation: int = 1
    groups: int = 1


@dataclass(frozen=True, slots=True)
class Row:
    """One operation of a codec, in the steady state of a stream.

    Work is counted per latent frame, in whole numbers, so that sums are exact; a rate per second
    is that times the frame rate.
    """

    name: str
    """Path of the module, such as ``encoder.blocks.0.down``; unique on its side."""
    side: Side
    stage: Stage
    op: str
    """``conv``, ``transposed_conv``, ``lstm``, ``linear``, ``search``, ``lookup``, ``add``,
    or the name of an activation."""
    geometry: Geometry
    runs_per_frame: int
    """How often the operation runs in one latent frame; of a transposed convolution, its inputs."""
    work: Mapping[str, int]
    """Elementary work per frame by :class:`Kind`; a kind outside it is one the tool does not know."""
    stored_values: int = 0
    """Learned or derived values that this side keeps for the operation."""
    storage: Storage = Storage.WEIGHTS
    past_samples: int | None = 0
    """Audio samples of past context that the operation adds; None when it is unbounded."""
    delay_samples: int = 0
    """Audio samples of look-ahead that the operation adds."""
    state_values: int = 0
    """Values kept from one frame to the next: left context, look-ahead included."""
    held_values: int = 0
    """Values that a skip path holds back while the branch beside it waits for its look-ahead."""
    note: str = ""
    """Why the row has no work, when it has none in this mode."""

    @property
    def macs_per_frame(self) -> int:
        """Multiply-accumulates per latent frame."""
        return sum(n for kind, n in self.work.items() if kind in MAC_KINDS)


class Mode(NamedTuple):
    """The form and bitrate in which a codec runs."""

    rvq: RvqForm
    active_layers: int
    bitrate_kbps: float


@dataclass(frozen=True, slots=True)
class Ledger:
    """Every operation of one codec in one mode."""

    name: str
    sample_rate_hz: int
    hop_samples: int
    mode: Mode
    bitrates_kbps: tuple[float, ...]
    """Bitrates of all the codec's modes, ascending."""
    rows: tuple[Row, ...]

    def per_second(self, per_frame: int) -> float:
        """A count per latent frame as a rate per second, rounded once."""
        return per_frame * self.sample_rate_hz / self.hop_samples

    def milliseconds(self, samples: int) -> float:
        """A number of audio samples as time, rounded once."""
        return samples * 1000 / self.sample_rate_hz
