"""A codec that quantizes nothing has no bitrate, and passes no limit on one."""

from __future__ import annotations

import pytest
import torch

from lrac_audit import audit
from lrac_audit.design.native import read_design, write_design
from lrac_audit.design.yaml_source import parse_yaml
from lrac_audit.errors import InputError
from lrac_audit.ledger import walk
from reference_models.bitstream.header import index_sizes
from reference_models.nn.build import build_untrained
from tests.disagreement import disagreeing
from tests.reference_models.nn.quantizer_designs import design_of, streamed

NONE = design_of("none")


def test_it_costs_nothing_and_has_no_mode():
    ledger = walk(NONE, "absorbed", 0)
    assert [row for row in ledger.rows if row.stage == "rvq"] == []
    assert ledger.mode == (None, None, None)
    assert ledger.bitrates_kbps == ()
    assert read_design(parse_yaml(write_design(NONE), "a"), "a") == NONE


def test_a_limit_on_bitrates_makes_the_audit_incomplete():
    found = audit(NONE, limits="lrac-2025-track1")
    statuses = {check.id: check.status for check in found.verdict.checks}
    assert statuses.pop("bitrates_kbps") == "incomplete"
    assert set(statuses.values()) == {"pass"}
    assert found.verdict.status == "incomplete"


@pytest.mark.parametrize("form", ["absorbed", "projected"])
def test_every_witness_agrees(form):
    found = audit(NONE, rvq=form, verify=True)
    assert not found.verdict.doubts
    assert found.agreement.findings and not disagreeing(found.agreement)


def test_a_stream_gives_what_the_whole_gives():
    codec = build_untrained(NONE, 1).double()
    audio = torch.randn(1, 1, 2400).double()
    codes = codec.encode(audio)
    assert codes.shape == (16, 1, 10)
    sent, heard = streamed(codec, audio)
    assert torch.allclose(sent, codes, rtol=0, atol=1e-12)
    assert torch.allclose(heard, codec.decode(codes), rtol=0, atol=1e-12)
    trained = codec.train()(audio)
    assert torch.allclose(trained.audio, codec.decode(codes), rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (lambda: audit(NONE, bitrate_kbps=1), "bitrate: given 1 kbps; allowed: no --bitrate"),
        (lambda: index_sizes(NONE, 0), r"quantizer\.none: given no indices, which a \.lrac"),
    ],
)
def test_one_message_says_what_it_cannot_do(use, message):
    with pytest.raises(InputError, match=message) as refused:
        use()
    assert len(refused.value.problems) == 1
