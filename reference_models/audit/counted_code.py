"""The operations that the code in C of a codec counts while it runs, beside the ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from lrac_audit.design.parts import CodecDesign
from lrac_audit.ledger.conventions import CONVENTIONS
from lrac_audit.ledger.row import MAC_KINDS, Kind, Ledger
from lrac_audit.ledger.walk import walk
from reference_models.export.c.counting import OPERATIONS, counted_frame

ESTIMATE = CONVENTIONS["wmops-estimate"]
"""The convention whose weights basic operations have."""
KINDS: Mapping[str, str] = MappingProxyType(
    {
        "multiply_adds": Kind.LINEAR,
        "divisions": Kind.DIVISION,
        "square_roots": Kind.SQUARE_ROOT,
        "transcendentals": Kind.TRANSCENDENTAL,
    }
)
"""The kinds of work, priced by conventions, that basic operations are; all others are pointwise."""


def weight(operation: str) -> int:
    """Return the weight of a basic operation, as ``wmops-estimate`` has it."""
    return ESTIMATE.prices[KINDS.get(operation, Kind.POINTWISE)]


@dataclass(frozen=True)
class CountedWork:
    """Operations of a frame, counted in C, and work of the ledger beside them."""

    operations: Mapping[str, int]
    audited: Mapping[str, int]
    """Work by kind."""

    @property
    def macs(self) -> int:
        """Multiply-accumulates that were counted."""
        return self.operations["multiply_adds"]

    @property
    def audited_macs(self) -> int:
        """Multiply-accumulates by the ledger."""
        return sum(count for kind, count in self.audited.items() if kind in MAC_KINDS)

    @property
    def weighted(self) -> int:
        """Basic operations that were counted, times their weights."""
        return sum(weight(operation) * count for operation, count in self.operations.items())

    @property
    def audited_weighted(self) -> int:
        """The estimate of the same by the ledger."""
        return ESTIMATE.price(self.audited)


@dataclass(frozen=True)
class CountedCode:
    """A ledger, and what the code in C computes for each of its rows."""

    ledger: Ledger
    rows: Mapping[str, CountedWork]
    """By the name of a row behind that of its side, such as ``transmit encoder.input``."""

    def side(self, *sides: str) -> CountedWork:
        """Return the sum of the rows of ``sides``."""
        operations, audited = Counter[str](dict.fromkeys(OPERATIONS, 0)), Counter[str]()
        for name, row in self.rows.items():
            if name.partition(" ")[0] in sides:
                operations.update(row.operations)
                audited.update(row.audited)
        return CountedWork(operations, audited)

    @property
    def doubts(self) -> list[str]:
        """The rows whose multiply-accumulates are not those of the ledger, each in a sentence."""
        return [
            f"{name}: {row.macs:,} multiply-accumulates a frame, {row.audited_macs:,} by the audit"
            for name, row in self.rows.items()
            if row.macs != row.audited_macs
        ]


def counted_code(design: CodecDesign, layers: int) -> CountedCode:
    """Return what the code in C of ``design`` computes with so many ``layers`` of its quantizer.

    Raises:
        InputError: there is no C compiler, or the design has parts that have no code in C.
    """
    ledger, counts = walk(design, "absorbed", layers), counted_frame(design, layers)
    work = {f"{row.side} {row.name}": row.work for row in ledger.rows}
    nothing = dict.fromkeys(OPERATIONS, 0)
    return CountedCode(
        ledger,
        {
            name: CountedWork(counts.get(name, nothing), work.get(name, {}))
            for name in dict.fromkeys([*work, *counts])
        },
    )
