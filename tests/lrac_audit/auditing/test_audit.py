"""An audit from Python: what it takes, and what it derives beside its ledger."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from lrac_audit import InputError, audit
from lrac_audit.auditing.targets import arguments_for, is_measured
from lrac_audit.limits import load_limits
from lrac_audit.presets import preset_path
from tests.conftest import ROOT

TRACK1 = audit("track1").design
ARGUMENTS = {"channels": 32}


def test_absorption_trades_operations_for_memory() -> None:
    """Track 2: six layers, latent 320, codewords 24 wide, 1,024 of them, 100 frames a second.

    A projection out takes 24 x 320 products: 2 x 6 x 7,680 x 100 = 9.216 MFLOPS, on both sides. It
    holds 24 x 320 weights and 320 biases, 46,080 + 1,920 in all. The tables that take its place
    hold 6 x 1,024 x 320 values on each side; the receiver then drops its codebooks, 6 x 1,024 x 24.
    """
    trade = audit("track2").absorption
    assert trade is not None
    assert trade.transmit_mflops_saved == pytest.approx(9.216, rel=1e-12)
    assert trade.receive_mflops_saved == pytest.approx(9.216, rel=1e-12)
    tables, projections, codebooks = 6 * 1024 * 320, 48_000, 6 * 1024 * 24
    assert trade.transmit_values_added == tables - projections
    assert trade.receive_values_added == tables - projections - codebooks
    assert audit("track2", rvq="projected").absorption == trade


def test_a_codec_without_projections_has_nothing_to_absorb() -> None:
    assert TRACK1 is not None
    plain = replace(TRACK1, quantizer=replace(TRACK1.quantizer, codebook_dim=None))
    assert audit(plain).absorption is None


def test_absorption_is_of_the_mode_that_is_audited() -> None:
    """One of six layers saves a sixth of the operations; the memory of all six stays."""
    one, six = audit("track2", bitrate_kbps=1).absorption, audit("track2").absorption
    assert one is not None and six is not None
    assert one.transmit_mflops_saved == pytest.approx(9.216 / 6, rel=1e-12)
    assert one.receive_mflops_saved == pytest.approx(9.216 / 6, rel=1e-12)
    assert one.transmit_values_added == six.transmit_values_added


@pytest.mark.parametrize(
    ("kbps", "other_kbps", "overall"),
    # Track 1 absorbed: encoder 377.472, decoder 296.832, and 2.8416 for each layer of the quantizer
    [(6, 1, 377.472 + 296.832 + 2.8416), (1, 6, 377.472 + 296.832 + 6 * 2.8416)],
)
def test_the_other_modes_of_a_design(kbps: float, other_kbps: float, overall: float) -> None:
    found = audit("track1", bitrate_kbps=kbps)
    (other,) = found.other_modes
    assert other.ledger.mode.bitrate_kbps == other_kbps
    assert other.mflops("overall", found.convention) == pytest.approx(overall, rel=1e-12)
    assert other.ledger.mode.rvq == "absorbed"


def test_limits_are_the_callers_or_the_designs_or_the_strictest() -> None:
    assert TRACK1 is not None
    unnamed = replace(TRACK1, limits=None)
    cases: list[tuple[Any, Any, str, bool]] = [
        (TRACK1, None, "lrac-2025-track1", False),
        (replace(TRACK1, limits="lrac-2025-track2"), None, "lrac-2025-track2", False),
        (TRACK1, "lrac-2025-track2", "lrac-2025-track2", False),
        (TRACK1, load_limits("lrac-2025-track2"), "lrac-2025-track2", False),
        (unnamed, None, "lrac-2025-track1", True),
        (unnamed, "lrac-2025-track1", "lrac-2025-track1", False),
    ]
    for design, limits, name, is_default in cases:
        found = audit(design, limits=limits)
        assert (found.verdict.limits.name, found.limits_are_default) == (name, is_default)


def test_a_design_names_no_file_of_limits(tmp_path: Path) -> None:
    assert TRACK1 is not None
    (tmp_path / "limits.yaml").write_text("name: x\nconvention: macs\noverall_mflops: 1\n")
    design = replace(TRACK1, limits=str(tmp_path / "limits.yaml"))
    with pytest.raises(InputError, match="allowed: one of lrac-2025-track1, lrac-2025-track2"):
        audit(design)


def test_the_convention_is_that_of_the_limits_unless_another_is_named() -> None:
    limits = replace(load_limits("lrac-2025-track1"), convention="macs", overall_mflops=350)
    found = audit("track1", limits=limits)
    assert found.convention.name == "macs"
    assert found.verdict.checks[0].value == pytest.approx(345.6768, rel=1e-12)
    restated = audit("track1", limits=limits, convention="lrac-2025").verdict.checks[0]
    assert (restated.limit, restated.value) == (700, pytest.approx(691.3536, rel=1e-12))


def test_remedies_are_for_what_is_broken() -> None:
    found = audit("track2", rvq="projected")
    remedies = {check.id: found.remedies(check) for check in found.verdict.checks}
    assert [name for name, advice in remedies.items() if advice] == ["receive_mflops"]
    first = remedies["receive_mflops"][0].text
    assert first.startswith("absorb the output projections: receive_mflops 594.048")
    over = audit("track2", limits=replace(found.verdict.limits, receive_mflops=590))
    advice = {check.id: over.remedies(check) for check in over.verdict.checks}["receive_mflops"]
    assert advice and not any("absorb" in remedy.text for remedy in advice)


@pytest.mark.parametrize(
    ("target", "measured"),
    [
        ("track1", False),
        ("python:a.b:make", True),
        (Path("python:a.b"), False),
        (TRACK1, False),
        ("lrac_audit_design: 1\nname: x", False),
        ({"lrac_audit_design": 1}, False),
        (object(), True),
    ],
)
def test_what_is_measured(target: object, measured: bool) -> None:
    assert is_measured(target) is measured


@pytest.mark.parametrize(
    ("target", "targets", "expected"),
    [
        ("python:a:b", ["track1", "python:a:b"], ARGUMENTS),
        ("track1", ["track1", "python:a:b"], {}),
        ("track1", ["track1", "track2"], ARGUMENTS),  # which refuses them
    ],
)
def test_arguments_go_to_the_factory(
    target: str, targets: list[str], expected: dict[str, int]
) -> None:
    assert arguments_for(target, targets, ARGUMENTS) == expected


def test_a_design_takes_no_arguments() -> None:
    match = "options: --arg: given channels; allowed: only for a python: target"
    with pytest.raises(InputError, match=match):
        audit("track1", arguments=ARGUMENTS)


def test_an_unknown_form_is_refused() -> None:
    with pytest.raises(
        InputError, match="rvq: given 'folded'; allowed: one of absorbed, projected"
    ):
        audit("track1", rvq="folded")


def test_the_frame_of_layers_sums_to_the_totals() -> None:
    frame = audit("track2", rvq="projected").dataframe()
    by_side = frame.groupby("side")["mflops"].sum()
    assert by_side["receive"] == pytest.approx(603.264, rel=1e-12)
    assert by_side.sum() == pytest.approx(2595.3792, rel=1e-12)


def test_the_source_is_what_was_given() -> None:
    assert audit("track1").target.source == "track1"
    assert audit(TRACK1).target.source == "a CodecDesign"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "path", [preset_path("track2"), ROOT / "tests" / "data" / "espnet_sample.yaml"]
)
def test_a_design_and_a_recipe_may_be_text_or_data(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    of_file = audit(path)
    for data, source in ((text, "YAML text"), (yaml.safe_load(text), "a dict")):
        found = audit(data)
        assert found.ledger.rows == of_file.ledger.rows
        assert found.verdict.checks == of_file.verdict.checks
        assert found.target.source == source


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "a dict: given content with neither key"),
        (
            "lrac_audit_design: 1\nname: 3",
            "YAML text:2: name: given 3; allowed: 1 to 200 printable",
        ),
        ("a: [\n", "YAML text:2: column 1: given invalid YAML: expected"),
    ],
)
def test_problems_of_text_and_data(data: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        audit(data)
    assert message in str(caught.value)
