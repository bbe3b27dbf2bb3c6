"""The design of the entrant is, in closed form, what its PyTorch codec is measured to be."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from lrac_audit import audit
from lrac_audit.auditing.audit import Audit
from lrac_audit.design.native.reader import read_design
from lrac_audit.design.yaml_source import parse_yaml
from lrac_audit.ledger.memory import device_values
from tests.conftest import ROOT, Result
from tests.entrant import torch_codec
from tests.sweeps import thinned

DESIGN = (ROOT / "tests" / "entrant" / "codec.yaml").read_text(encoding="utf-8")
FSQ = "{fsq: {levels: [8, 8, 8, 5, 5, 5]}}"
GROUPED_RVQ = "{grouped_rvq: {groups: 4, layers: 2, codebook_size: 128}}"


class Version(NamedTuple):
    """One of the two quantizers."""

    field: str
    """The field ``quantizer`` of the design."""
    factory: str
    """The function that makes the codec."""
    kbps: float
    """By hand: bits of a frame times 100 frames a second."""


VERSIONS = (
    # 8 * 8 * 8 * 5 * 5 * 5 = 64,000 values take 16 bits.
    Version(FSQ, "with_fsq", 1.6),
    # 4 groups of 2 indices of 7 bits.
    Version(GROUPED_RVQ, "with_grouped_rvq", 5.6),
)


def audited(version: Version) -> Audit:
    assert DESIGN.count(FSQ) == 1
    text = DESIGN.replace(FSQ, version.field)
    return audit(read_design(parse_yaml(text, "entrant"), "entrant"), rvq="projected")


def kinds(document: dict[str, Any]) -> Counter[tuple[str, str]]:
    """Return the multiply-accumulates of a frame by side and operation."""
    found: Counter[tuple[str, str]] = Counter()
    for row in document["layers"]:
        if row["macs_per_frame"]:
            found[row["side"], row["op"]] += row["macs_per_frame"]
    return found


each_version = pytest.mark.parametrize(
    "version", thinned(VERSIONS, 2), ids=lambda version: version.factory
)


@each_version
def test_the_design_is_the_codec(version: Version, run: Callable[..., Result]) -> None:
    """In work, delay and bitrate; the delay is proved from both sides."""
    found = run("audit", f"python:tests.entrant.torch_codec:{version.factory}", "-f", "json")
    assert found.code == 0
    measured, derived = json.loads(found.out), audited(version).document()
    assert measured["doubts"] == [] and measured["witnesses"]["agree"]
    for side in ("transmit", "receive", "overall"):
        work = "macs_per_frame"
        assert measured["complexity"][side][work] == derived["complexity"][side][work] > 0
    assert kinds(measured) == kinds(derived)
    delays = measured["latency"]
    assert delays["proved"]
    # A hop, and one frame that the decoder looks ahead.
    assert delays["total_samples"] == derived["latency"]["total_samples"] == 480
    assert measured["mode"]["bitrate_kbps"] == derived["mode"]["bitrate_kbps"] == version.kbps
    # Untrained, it uses some of its codewords or levels.
    assert 0 < measured["bitstream"]["observed_kbps"] <= version.kbps


@each_version
def test_the_design_stores_what_the_codec_does(version: Version) -> None:
    codec = getattr(torch_codec, version.factory)()
    stored = sum(value.numel() for value in codec.parameters())
    assert stored == device_values(audited(version).ledger)


@pytest.mark.sweep
@each_version
def test_the_design_is_verified(version: Version) -> None:
    """Its own model, too, which streams."""
    found = audit(audited(version).target.design, rvq="projected", verify=True)
    assert found.verdict.doubts == ()
