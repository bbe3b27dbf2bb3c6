from __future__ import annotations

import pytest

from lrac_audit import InputError, audit
from lrac_audit.ledger.conventions import CONVENTIONS, fate_of, find_convention
from lrac_audit.ledger.row import Geometry, Ledger, Mode, Row
from lrac_audit.ledger.totals import Totals
from lrac_audit.limits import judge, load_limits
from tests.lrac_audit.ledger.test_operations import TOY


def row(**work: int) -> Row:
    return Row("x", "transmit", "encoder", "thing", Geometry(1, 1), 1, work)


@pytest.mark.parametrize(
    ("convention", "expected"),
    [
        # 10 MACs of a convolution, 3 of the search, 5 biases, 2 ELU, 1 tanh, 1 sigmoid, 4 lookups
        ("lrac-2025", 2 * 13),
        ("macs", 13),
        ("lrac-2025-no-search", 2 * 10),
        ("full", 2 * 13 + 5 + 2 + 1 + 1),
        ("wmops-estimate", 2 * 13 + 5 + 2 * 25 + 25 + 25 + 18),
    ],
)
def test_prices(convention: str, expected: int) -> None:
    work = {"conv": 10, "codebook_search": 3, "bias": 5, "elu": 2, "tanh": 1, "sigmoid": 1}
    assert CONVENTIONS[convention].price({**work, "lookup": 4}) == expected


def test_work_of_unknown_kind_adds_nothing_to_the_price() -> None:
    assert CONVENTIONS["lrac-2025"].price({"conv": 10, "warp": 3}) == 2 * 10


def test_search_of_the_baseline_is_what_no_search_leaves_out() -> None:
    # Track 1, 6 layers of 1024 codewords 12 wide at 100 frames/s, 2 per MAC: 14.7456 MFLOPS
    with_search, without = (
        audit("track1", convention=name).document()["complexity"]["overall"]["mflops"]
        for name in ("lrac-2025", "lrac-2025-no-search")
    )
    assert with_search - without == pytest.approx(14.7456, rel=1e-9)


def test_fates() -> None:
    convention = find_convention("lrac-2025")
    assert fate_of(row(conv=1, bias=1), convention).fate == "counted"
    assert fate_of(row(elu=1), convention) == (
        "ignored",
        "pointwise and exchangeable; the challenge counts multiply-accumulates only",
    )
    assert fate_of(row(warp=1), convention) == ("uncounted", "lrac-2025 has no price for warp")


def test_one_uncounted_operation_makes_the_verdict_incomplete() -> None:
    convention, limits = find_convention("lrac-2025"), load_limits("lrac-2025-track1")
    known = audit(TOY).ledger
    for rows, expected in (((), "pass"), ((row(warp=1),), "incomplete")):
        ledger = Ledger(
            name="x",
            sample_rate_hz=24000,
            hop_samples=240,
            mode=Mode("absorbed", 6, 6.0),
            bitrates_kbps=(1.0, 6.0),
            rows=(*known.rows, *rows),
        )
        assert judge(ledger, Totals(ledger), limits, convention).status == expected


def test_unknown_convention_names_the_known_ones() -> None:
    with pytest.raises(InputError, match=r"given 'flops'; allowed: one of lrac-2025, macs"):
        audit("track1", convention="flops")
