"""The operations on the page RVQ: those that every layer of the quantizer repeats."""

from __future__ import annotations

from typing import NamedTuple

from lrac_audit.design.kind_registry import KindRegistry
from lrac_audit.design.parts import Quantizer
from lrac_audit.ledger.row import Row, RvqForm, Side
from lrac_audit.report.workbook.figures import Figures

_PROJECTION = "projections*latent*codeword"


class RvqOperation(NamedTuple):
    """One operation of every layer: its rows in the ledger, and its formulas."""

    key: str
    """The last part of its rows' names in the ledger."""
    side: Side
    channels_in: str
    channels_out: str
    macs: str
    other_cost: str
    """Formula of the cost besides MACs, in the convention's prices."""
    mac_price: str
    stored: tuple[str, str]
    """Formulas of the values that one layer stores, absorbed and projected."""
    note: str
    projected_only: bool = False
    not_first: bool = False
    """Whether the first layer does without it."""


_IN = f"{_PROJECTION}+projections*codeword"
_OUT = f"{_PROJECTION}+projections*latent"
QUANTIZER_OPERATIONS: KindRegistry[tuple[RvqOperation, ...]] = KindRegistry("operations in a sheet")
"""The operations of each layer of a kind of quantizer, in the order of the page RVQ."""
QUANTIZER_OPERATIONS.add(Quantizer)(
    (
        RvqOperation(
            *("project_in", "transmit", "latent", "codeword", _PROJECTION),
            *("projections*codeword*price_bias", "price_linear", (_IN, _IN)),
            "from the latent to the width of a codeword",
        ),
        RvqOperation(
            *("search", "transmit", "codeword", "codewords", "codewords*codeword"),
            *(
                "codewords*price_search_norm+codewords*price_search_compare",
                "price_codebook_search",
            ),
            ("codewords*codeword", "codewords*codeword"),
            "the nearest codeword: argmin |e|^2 - 2 x.e, the codeword energies being constants",
        ),
        RvqOperation(
            *("lookup", "transmit", "1", 'IF(rvq_form="absorbed",latent,codeword)', "0"),
            *("price_lookup", "0", ("projections*codewords*latent", "0")),
            "what was chosen; absorbed, from the table with the output projection folded in",
        ),
        RvqOperation(
            *("project_out", "transmit", "codeword", "latent", _PROJECTION),
            *("projections*latent*price_bias", "price_linear", ("0", _OUT)),
            "back to the latent; absorbed, it lies in the table",
            projected_only=True,
        ),
        RvqOperation(
            *("subtract", "transmit", "latent", "latent", "0", "latent*price_residual_add", "0"),
            ("0", "0"),
            "the residual for the next layer",
        ),
        RvqOperation(
            *("lookup", "receive", "1", 'IF(rvq_form="absorbed",latent,codeword)', "0"),
            *("price_lookup", "0", ("codewords*latent", "codewords*codeword")),
            "a row of the table, or a codeword",
        ),
        RvqOperation(
            *("project_out", "receive", "codeword", "latent", _PROJECTION),
            *("projections*latent*price_bias", "price_linear", ("0", _OUT)),
            "as on the transmit side; no published table lists it, and it can break a limit",
            projected_only=True,
        ),
        RvqOperation(
            *("add", "receive", "latent", "latent", "0", "latent*price_residual_add", "0"),
            ("0", "0"),
            "the sum over the layers",
            not_first=True,
        ),
    )
)


def operations_of(figures: Figures) -> tuple[RvqOperation, ...]:
    """Return the operations of every layer of the design's quantizer.

    Raises:
        InputError: the quantizer is of a kind that the sheet does not know.
    """
    return QUANTIZER_OPERATIONS.of("quantizer", figures.design.quantizer)


def rows_of(figures: Figures, operation: RvqOperation, form: RvqForm) -> list[Row]:
    """Return the rows of the ledger that an operation stands for, with all layers on."""
    ledger = figures.counted(form, figures.design.quantizer.layers).ledger
    return [
        row
        for row in ledger.rows
        if row.stage == "rvq"
        and row.side == operation.side
        and row.name.endswith(f".{operation.key}")
    ]
