"""Rows of the quantizer of Track 2: latent 320, codewords 24 wide, 1,024 of them."""

from __future__ import annotations

import pytest

from lrac_audit import audit
from lrac_audit.ledger.row import RvqForm

IN, SEARCH = ("linear", 320, 24, 320 * 24), ("search", 24, 1024, 24 * 1024)
OUT, TABLE = ("linear", 24, 320, 24 * 320), ("lookup", 1, 320, 0)
ADD = ("add", 320, 320, 0)
LAYERS: dict[tuple[RvqForm, str], list[tuple[str, tuple[str, int, int, int]]]] = {
    ("projected", "transmit"): [
        ("project_in", IN),
        ("search", SEARCH),
        ("lookup", ("lookup", 1, 24, 0)),
        ("project_out", OUT),
        ("subtract", ADD),
    ],
    ("projected", "receive"): [("lookup", ("lookup", 1, 24, 0)), ("project_out", OUT)],
    ("absorbed", "transmit"): [
        ("project_in", IN),
        ("search", SEARCH),
        ("lookup", TABLE),
        ("subtract", ADD),
    ],
    ("absorbed", "receive"): [("lookup", TABLE)],
}
"""Operation, channels in and out, and products of each row of a layer that is on."""


@pytest.mark.parametrize(("form", "side"), LAYERS)
def test_rows_of_layers_that_are_on_and_off(form: RvqForm, side: str) -> None:
    """At 1 kbps one of six layers is on; the first layer adds to nothing on the receive side."""
    found = audit("track2", rvq=form, bitrate_kbps=1).ledger.rows
    for layer in range(6):
        rows = [r for r in found if r.side == side and f".layers.{layer}." in r.name]
        expected = list(LAYERS[form, side])
        if side == "receive" and layer:
            expected.append(("add", ADD))
        assert [row.name.rpartition(".")[2] for row in rows] == [name for name, _ in expected]
        for row, (_, (op, before, after, products)) in zip(rows, expected, strict=True):
            geometry = row.geometry
            assert (row.op, geometry.channels_in, geometry.channels_out) == (op, before, after)
            assert row.macs_per_frame == (products if layer == 0 else 0)
            assert row.runs_per_frame == (1 if layer == 0 else 0)
            assert bool(row.work) == (layer == 0)
            assert row.note == ("" if layer == 0 else "a layer that this mode leaves off")
