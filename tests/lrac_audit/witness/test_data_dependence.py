"""Where the audio decides what runs, the dearest is reported, and that it does."""

from __future__ import annotations

import pytest

from lrac_audit import audit
from lrac_audit.witness.data_dependence import dearest_trace
from lrac_audit.witness.factory import as_target
from lrac_audit.witness.target import TargetMode
from tests.lrac_audit.witness.data_dependent import CASES, Case, LooksAhead, ReadsConstants, made
from tests.lrac_audit.witness.wire.codecs import CHANNELS, Bare, target_of
from tests.sweeps import thinned


@pytest.mark.parametrize("case", thinned(CASES, 8), ids=lambda case: case.name)
def test_the_dearest_path_is_counted(case: Case) -> None:
    found = dearest_trace(as_target(made(case), "x"), None)
    assert sum(row.macs_per_frame for row in found.trace.rows) == case.macs
    assert not [row.problem for row in found.trace.rows if row.problem]
    assert found.dependence is not None
    assert found.dependence.varies == case.varies
    assert found.dependence.places
    assert all("data_dependent.py:" in place for place in found.dependence.places)


def test_a_read_of_constants_steers_nothing() -> None:
    found = dearest_trace(as_target(ReadsConstants().eval(), "x"), None)
    assert found.dependence is None
    assert sum(row.macs_per_frame for row in found.trace.rows) == 64 + 2 * 16 + 64


def test_a_look_ahead_that_only_some_values_take_is_in_the_latency() -> None:
    """A hop of 8 samples to buffer, and two latent steps of 8 more to see."""
    result = audit(LooksAhead().eval())
    assert result.document()["latency"]["total_samples"] == 8 + 16


def test_the_report_and_the_document_say_that_cost_depends_on_data() -> None:
    result = audit(made(CASES[0]))
    found = result.document()["data_dependence"]
    assert found["varies"] and found["macs_per_frame"]["silence"] == 64
    assert found["macs_per_frame"][found["dearest"]] == 128
    from lrac_audit.report.audit_sentences import remarks

    said = " ".join(remarks(result))
    assert "Cost depends on data" in said and "from 64 to 128" in said


@pytest.mark.sweep  # it runs the codec on every kind of signal
def test_what_only_some_signals_send_is_in_the_bitstream() -> None:
    """4 codes of 4 bits where no part is loud, else one, 1,000 frames a second: 16 and 4 kbps."""
    model = Bare()

    def quantise(latent):
        codes = model.quantise(latent)
        return codes if latent.abs().max() < 3 else codes[:, :1]

    def dequantise(codes):
        return model.dequantise(codes.expand(-1, CHANNELS, -1))

    target = target_of(model, TargetMode(4.0, quantise, dequantise))
    checks = {check.id: check for check in audit(target).verdict.checks}
    assert checks["bitstream"].status == "fail"
    assert checks["bitstream"].value == pytest.approx(16, rel=0.1)
