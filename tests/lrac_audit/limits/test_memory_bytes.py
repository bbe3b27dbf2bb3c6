"""Limits on memory in bytes: of a device and of each side, at a stated type."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lrac_audit import audit
from lrac_audit.errors import InputError
from lrac_audit.ledger.row import Ledger
from lrac_audit.ledger.totals import Totals
from lrac_audit.limits import Check, LimitSet
from lrac_audit.limits.verdict import judge
from tests.lrac_audit.ledger.test_scratch import design

SMALL_LEDGER = audit(design()).ledger
"""Absorbed, so that of its 2 x 4 codewords both sides store tables of 6 values."""
VALUES = {
    # Encoder: 16, 52, 10 + 63 and 126 weights and biases. Projections in, codebooks and tables of
    # 6 x 2 + 2, 4 x 2 and 4 x 6 values for each of two layers.
    "transmit_stored_bytes": (16 + 52 + 10 + 63 + 126) + 2 * (14 + 8 + 24),
    # Decoder: convolution, GRU, transposed convolution, residual with skip, last convolution.
    "receive_stored_bytes": (42 + (99 + 72) + 50 + (14 + 6) + 3) + 2 * 24,
    "stored_bytes": 267 + 92 + 286,  # the tables are shared
    "transmit_state_bytes": 2 * 1 + 2 * 4 + 4 * 4,  # (kernel - stride) values of each channel
    "receive_state_bytes": 2 * 3 + 4 * 2 + 2 * 2 + 1 * 2,  # the last is held by the skip path
    "state_bytes": 26 + 20,
    "transmit_scratch_bytes": 48,
    "receive_scratch_bytes": 24,
    "scratch_bytes": 48,  # of the larger side
}


def checked(ledger: Ledger, **bounds: Any) -> tuple[Check, ...]:
    limits = LimitSet(name="own", convention="lrac-2025", **bounds)
    return judge(ledger, Totals(ledger), limits, audit(design()).convention).checks


@pytest.mark.parametrize("bound", VALUES)
@pytest.mark.parametrize(("dtype", "size"), [("float32", 4), ("float16", 2), ("int8", 1)])
def test_each_limit_on_its_edge(bound: str, dtype: str, size: int) -> None:
    kind = "stored_dtype" if "stored" in bound else "signal_dtype"
    value = size * VALUES[bound]
    (within,) = checked(SMALL_LEDGER, **{bound: value, kind: dtype})
    assert within == Check(bound, value, value, 0, "pass", "bytes")
    (over,) = checked(SMALL_LEDGER, **{bound: value - 1, kind: dtype})
    assert (over.margin, over.status) == (-1, "fail")


def test_each_type_is_for_its_own_values() -> None:
    kept, stored = checked(SMALL_LEDGER, state_bytes=1000, stored_bytes=5000, stored_dtype="int8")[
        ::-1
    ]
    assert (kept.id, kept.value) == ("state_bytes", 46 * 4)
    assert (stored.id, stored.value) == ("stored_bytes", 645)


def test_what_is_not_known_is_incomplete() -> None:
    """A measured codec has no design, its state was not measured, and it may be undivided."""
    rows = tuple(row._replace(state_values=None) for row in SMALL_LEDGER.rows)
    measured = replace(SMALL_LEDGER, live_values={}, rows=rows, measured=True)
    for bound in ("state_bytes", "scratch_bytes", "receive_scratch_bytes"):
        assert checked(measured, **{bound: 10**6}) == (
            Check(bound, 10**6, None, None, "incomplete", "bytes"),
        )
    rows = tuple(row._replace(side="undivided", stage="undivided") for row in rows)
    (check,) = checked(replace(measured, rows=rows), receive_stored_bytes=10**6)
    assert (check.value, check.status) == (None, "incomplete")


def test_a_state_without_a_bound_fails() -> None:
    """That of a design with a layer that waits for the end of the clip."""
    waiting = SMALL_LEDGER.rows[0]._replace(state_values=None)
    ledger = replace(SMALL_LEDGER, rows=(waiting, *SMALL_LEDGER.rows[1:]))
    expected = Check("state_bytes", 10**6, None, None, "fail", "bytes")
    assert checked(ledger, state_bytes=10**6) == (expected,)


@pytest.mark.parametrize(
    ("bound", "limit", "text"),
    [
        # 645 values are stored, at one byte each; 612.75 is 95 % of that.
        ("stored_bytes", 612.75, "store 5.0 % less; decoder.layers.1.gru alone stores 171 values"),
        (
            "transmit_state_bytes",
            13,
            "keep 50.0 % less; encoder.layers.2.parallel.branches.1.0.conv alone keeps 16 values",
        ),
        (
            "scratch_bytes",
            20,
            "make the signals smaller: 20 values fit, 48 at "
            "encoder.layers.1.residual.layers.1.conv and 24 at decoder.layers.3.residual.skip "
            "live at once",
        ),
        (
            "scratch_bytes",
            24,
            "make the signals smaller: 24 values fit, 48 at "
            "encoder.layers.1.residual.layers.1.conv live at once",
        ),
        (
            "receive_scratch_bytes",
            20,
            "make the signals smaller: 20 values fit, 24 at decoder.layers.3.residual.skip "
            "live at once",
        ),
    ],
)
def test_advice_on_a_broken_limit(bound: str, limit: float, text: str) -> None:
    types = {"stored_dtype": "int8", "signal_dtype": "int8"}
    limits: Any = {**types, bound: limit}
    found = audit(design(), limits=LimitSet(name="own", convention="lrac-2025", **limits))
    assert [each.text for each in found.shortfalls(found.verdict.checks[0])] == [text]


def test_a_type_must_be_known() -> None:
    allowed = "one of float32, float16, int8"
    given = "^own: signal_dtype: given 'bfloat16'"
    with pytest.raises(InputError, match=f"{given}; allowed: {allowed}"):
        LimitSet(name="own", convention="macs", scratch_bytes=1, signal_dtype="bfloat16")


def test_a_type_alone_is_no_limit() -> None:
    with pytest.raises(InputError, match="given no limit; allowed: at least one"):
        LimitSet(name="own", convention="macs", signal_dtype="int8")
