"""Counting conventions: a convention is a price for each kind of elementary work.

Weights of ``wmops-estimate``: the standard basic operators of ITU-T G.191 (exponential and
hyperbolic tangent 25, division 18, square root 10).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, NamedTuple

from lrac_audit.design.activations import ACTIVATIONS
from lrac_audit.errors import InputError, Problem, one_of, shown
from lrac_audit.ledger.row import ALL_KINDS, MAC_KINDS, Kind, Row

Fate = Literal["counted", "ignored", "uncounted"]

_EXPONENTIAL, _DIVISION, _SQUARE_ROOT = 25, 18, 10
_BUTTERFLY = 10
"""Operations of a radix-2 butterfly: a complex product (4 products, 2 sums), 2 complex sums."""


@dataclass(frozen=True, slots=True)
class Convention:
    """A named price list. Prices are per unit of work; a MAC is one unit."""

    name: str
    version: int
    """Raised when a price changes."""
    flops_per_mac: int
    prices: Mapping[str, int]
    """Price of each kind; a kind without one is not known to the convention."""
    summary: str
    unit: str = "MFLOPS"
    """Unit of a million of its prices per second."""
    frame_unit: str = "kFLOP"
    """Unit of a thousand of its prices per frame."""

    def price(self, work: Mapping[str, int]) -> int:
        """Return the price of ``work``; kinds that the convention does not know add nothing."""
        return sum(self.prices.get(kind, 0) * count for kind, count in work.items())


class FateOf(NamedTuple):
    """The fate of an operation, and its reason."""

    fate: Fate
    reason: str


IGNORED_REASONS: Mapping[str, str] = MappingProxyType(
    {
        Kind.BIAS: "starts the accumulator that the MACs add to",
        Kind.RESIDUAL_ADD: "one add per value; the challenge counts multiply-accumulates only",
        Kind.SEARCH_NORM: "one add per codeword; codeword energies are constants",
        Kind.SEARCH_COMPARE: "one comparison per codeword",
        Kind.GATE_ARITHMETIC: "pointwise; the challenge counts multiply-accumulates only",
        Kind.LOOKUP: "a memory read, no arithmetic",
        Kind.BUTTERFLY: "a Fourier transform is no layer; "
        "the challenge counts multiply-accumulates only",
        Kind.POINTWISE: "pointwise; the challenge counts multiply-accumulates only",
        Kind.DIVISION: "pointwise; the challenge counts multiply-accumulates only",
        Kind.SQUARE_ROOT: "pointwise; the challenge counts multiply-accumulates only",
        Kind.TRANSCENDENTAL: "pointwise; the challenge counts multiply-accumulates only",
        Kind.REDUCE: "one add or comparison per value; "
        "the challenge counts multiply-accumulates only",
        Kind.CODEBOOK_SEARCH: "left out by this convention, as in some published tables",
    }
)
"""Reasons for pricing a kind at nothing; activations share :data:`ACTIVATION_REASON`."""

ACTIVATION_REASON = "pointwise and exchangeable; the challenge counts multiply-accumulates only"

_NOTHING = dict.fromkeys(ALL_KINDS, 0)
_MACS_AT_TWO = {**_NOTHING, **dict.fromkeys(MAC_KINDS, 2)}
_FULL = {
    **dict.fromkeys(ALL_KINDS, 1),
    **dict.fromkeys(MAC_KINDS, 2),
    Kind.LOOKUP: 0,
    Kind.BUTTERFLY: _BUTTERFLY,
}
_COSTLY = {
    Kind.DIVISION: _DIVISION,
    Kind.SQUARE_ROOT: _SQUARE_ROOT,
    Kind.TRANSCENDENTAL: _EXPONENTIAL,
    "elu": _EXPONENTIAL,
    "tanh": _EXPONENTIAL,
    "gelu": _EXPONENTIAL,
    "snake": _EXPONENTIAL,
    "sigmoid": _EXPONENTIAL + _DIVISION,
    "silu": _EXPONENTIAL + _DIVISION,
}

_ALL = (
    Convention(
        name="lrac-2025",
        version=1,
        flops_per_mac=2,
        prices=_MACS_AT_TWO,
        summary="2 per MAC of convolutions, transposed convolutions (at their input rate), linear "
        "maps and the codebook search; nothing else",
    ),
    Convention(
        name="macs",
        version=1,
        flops_per_mac=1,
        prices={**_NOTHING, **dict.fromkeys(MAC_KINDS, 1)},
        summary="the same operations at 1 per MAC",
        unit="MMAC/s",
        frame_unit="kMAC",
    ),
    Convention(
        name="lrac-2025-no-search",
        version=1,
        flops_per_mac=2,
        prices={**_MACS_AT_TWO, Kind.CODEBOOK_SEARCH: 0},
        summary="as lrac-2025 without the codebook search, which some published tables leave out",
    ),
    Convention(
        name="full",
        version=1,
        flops_per_mac=2,
        prices=_FULL,
        summary="as lrac-2025, plus 1 for each bias, residual add, activation, LSTM gate product, "
        "search norm, search comparison and other value computed, 10 for an FFT butterfly",
    ),
    Convention(
        name="wmops-estimate",
        version=1,
        flops_per_mac=2,
        prices={**_FULL, **_COSTLY},
        summary="as full, with the ITU-T G.191 operator weights for what is costly: exp and tanh "
        "25, division 18, square root 10. An estimate, and a high one: G.191 itself weighs a fused "
        "MAC at 1, not 2",
        unit="~WMOPS",
        frame_unit="~kWOP",
    ),
)

CONVENTIONS: Mapping[str, Convention] = MappingProxyType({c.name: c for c in _ALL})


def find_convention(name: str, field: str = "convention", source: str = "options") -> Convention:
    """Return the convention called ``name``.

    Raises:
        InputError: there is none.
    """
    if not isinstance(name, str) or name not in CONVENTIONS:
        problem = Problem(field, shown(name), one_of(CONVENTIONS, name))
        raise InputError(source, [problem])
    return CONVENTIONS[name]


def ignored_reason(kind: str) -> str:
    """Return the reason why a convention may price ``kind`` at nothing."""
    return ACTIVATION_REASON if kind in ACTIVATIONS else IGNORED_REASONS[kind]


def fate_of(row: Row, convention: Convention) -> FateOf:
    """Return the fate of ``row`` under ``convention``: counted, ignored on purpose, uncounted."""
    if row.problem:
        return FateOf("uncounted", row.problem)
    unknown = [kind for kind in row.work if kind not in convention.prices]
    if unknown:
        return FateOf("uncounted", f"{convention.name} has no price for {', '.join(unknown)}")
    if any(convention.prices[kind] for kind in row.work):
        return FateOf("counted", "")
    if not row.work:
        return FateOf("ignored", row.note)
    return FateOf("ignored", "; ".join(ignored_reason(kind) for kind in row.work))
