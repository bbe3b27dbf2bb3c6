"""Ledgers and their rows, which the walk over a design and every witness yield alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple, get_args

from lrac_audit.design.activations import ACTIVATIONS
from lrac_audit.design.steps import Side as Side
from lrac_audit.design.steps import Stage as Stage
from lrac_audit.ledger.bitstream import Bitstream
from lrac_audit.ledger.data_dependence import DataDependence

RvqForm = Literal["absorbed", "projected"]

RVQ_FORMS: tuple[RvqForm, ...] = get_args(RvqForm)


class Kind:
    """Kinds of elementary work, each of which a convention prices.

    Plain strings in a namespace: they are the keys of every work table, and a member of an
    ``enum`` hashes several times slower.
    """

    CONV: Final = "conv"
    TRANSPOSED_CONV: Final = "transposed_conv"
    LINEAR: Final = "linear"
    CODEBOOK_SEARCH: Final = "codebook_search"
    BIAS: Final = "bias"
    RESIDUAL_ADD: Final = "residual_add"
    SEARCH_NORM: Final = "search_norm"
    SEARCH_COMPARE: Final = "search_compare"
    GATE_ARITHMETIC: Final = "gate_arithmetic"
    LOOKUP: Final = "lookup"
    BUTTERFLY: Final = "butterfly"
    POINTWISE: Final = "pointwise"
    DIVISION: Final = "division"
    SQUARE_ROOT: Final = "square_root"
    TRANSCENDENTAL: Final = "transcendental"
    REDUCE: Final = "reduce"


MAC_KINDS = frozenset({Kind.CONV, Kind.TRANSPOSED_CONV, Kind.LINEAR, Kind.CODEBOOK_SEARCH})
"""Kinds whose unit is one multiply-accumulate; the unit of every other kind is one operation."""

ALL_KINDS = (*(v for k, v in vars(Kind).items() if k.isupper()), *ACTIVATIONS)
"""Every kind the tool knows. A pointwise activation is a kind of its own, under its name."""


Storage = Literal["weights", "projection_in", "projection_out", "codebook", "table"]
"""The kind of values that a row keeps in memory. A ``table`` is a codebook with its output
projection folded in."""

STORAGES: tuple[Storage, ...] = get_args(Storage)


class Geometry(NamedTuple):
    """The shape of a layer; 1 where a figure does not apply."""

    channels_in: int
    channels_out: int
    kernel: int = 1
    stride: int = 1
    dilation: int = 1
    groups: int = 1


class Row(NamedTuple):
    """One operation of a codec, in the steady state of a stream.

    Work is counted per latent frame, in whole numbers, so that sums are exact; a rate per second
    is that times the frame rate. (A named tuple, since a frozen dataclass of this size takes
    three times as long to make, and an audit makes hundreds.)
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
    """Runs in one latent frame, counted at the input of a transposed convolution."""
    work: Mapping[str, int]
    """Elementary work per frame by kind; one outside :data:`ALL_KINDS` is not known to the tool."""
    stored_values: int = 0
    """Learned or derived values that this side keeps for the operation."""
    shared_values: int = 0
    """Those of the stored values that the other side stores too."""
    storage: Storage = "weights"
    past_samples: int | None = 0
    """Audio samples of past context that the operation adds; None when it is unbounded."""
    delay_samples: int | None = 0
    """Audio samples of look-ahead that the operation adds; None when no number bounds it."""
    state_values: int | None = 0
    """Values kept from one frame to the next: left context, look-ahead included; None when that
    was not measured, or when no number bounds it."""
    held_values: int | None = 0
    """Values that a skip path holds back while the branch beside it waits for its look-ahead;
    None when that was not measured, or when no number bounds it."""
    note: str = ""
    """Why the row has no work, when it has none in this mode."""
    problem: str = ""
    """Why the cost per second is not known; the operation is then uncounted."""
    in_place: bool = False
    """Whether the output may take the place of an input that nothing else needs."""
    own_values: int = 0
    """Values that the operation needs while it runs, besides its inputs, output and state."""

    @property
    def macs_per_frame(self) -> int:
        """Multiply-accumulates per latent frame."""
        return sum(n for kind, n in self.work.items() if kind in MAC_KINDS)


class Mode(NamedTuple):
    """The form and bitrate in which a codec runs; None where the codec has no such choice."""

    rvq: RvqForm | None
    active_layers: int | None
    bitrate_kbps: float | None


@dataclass(frozen=True, slots=True)
class Ledger:
    """Every operation of one codec in one mode."""

    name: str
    sample_rate_hz: int
    hop_samples: int
    mode: Mode
    bitrates_kbps: tuple[float, ...]
    """Bitrates of all the codec's modes, ascending; empty where they are not known."""
    rows: tuple[Row, ...]
    layers_kbps: tuple[float, ...] = ()
    """Bitrate with the first 1, 2 and so on layers of a design's quantizer on; else empty."""
    measured: bool = False
    """Whether the rows were measured by witnesses rather than derived from a design."""
    step_samples: int | None = None
    """Audio samples that the sender collects for one latent step; None where that is one hop."""
    shown_latency_samples: int | None = None
    """The total delay that changes of the input have shown, a lower bound of a measured codec's;
    None where it was not looked for or nothing was shown."""
    bitstream: Bitstream | None = None
    """What a measured codec hands from side to side; None where that was not observed."""
    data_dependence: DataDependence | None = None
    """How the cost of a measured codec depends on the signal; None where it cannot."""
    live_values: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """By side, the values that live in a frame while each operation runs, by name of its row; of
    no side where the rows were not derived from a design."""

    @property
    def is_divided(self) -> bool:
        """Whether the codec's two sides are known."""
        return all(row.side != "undivided" for row in self.rows)

    def per_second(self, per_frame: int) -> float:
        """Return ``per_frame``, a count per latent frame, as a rate per second, rounded once."""
        return per_frame * self.sample_rate_hz / self.hop_samples

    def millions_per_second(self, per_frame: int) -> float:
        """Return ``per_frame``, a count per latent frame, in millions per second, rounded once."""
        return per_frame * self.sample_rate_hz / (self.hop_samples * 1_000_000)

    def milliseconds(self, samples: int) -> float:
        """Return the duration of ``samples`` audio samples in milliseconds, rounded once."""
        return samples * 1000 / self.sample_rate_hz

    def milliseconds_or_none(self, samples: int | None) -> float | None:
        """Return the same for a number that may be None, which stays None."""
        return None if samples is None else self.milliseconds(samples)
