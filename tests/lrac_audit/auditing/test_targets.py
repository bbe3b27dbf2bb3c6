"""What an audit asks of those who measure, with measurers that write down what they are asked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import lrac_audit.witness
from lrac_audit import InputError, audit
from lrac_audit.auditing import audit as audit_module
from lrac_audit.auditing.audit import active_layers
from lrac_audit.auditing.isolated import launch
from lrac_audit.auditing.isolated.process_limits import ProcessLimits
from lrac_audit.auditing.printed_figure import parse_figure
from lrac_audit.auditing.targets import measured_source, rates_for
from lrac_audit.design.formats import DesignFile, LimitEdits, LoadedDesign, load_design
from lrac_audit.ledger.agreement import Agreement, Finding
from lrac_audit.limits.limit_set import LIMIT_SETS
from lrac_audit.presets import preset_path
from lrac_audit.witness import extensions
from lrac_audit.witness.stated_rates import AS_DECLARED, StatedRates
from tests.lrac_audit.auditing.test_document import LEDGER, audited

TRACK1 = load_design("track1").design
AGREEMENT = Agreement((), ("a remark",))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The calls of two measurers and of a verifier, in their order."""
    calls: list[Any] = []

    def measure_python(*arguments: object) -> Any:
        calls.append(("python", *arguments))
        return LEDGER, AGREEMENT

    def measure_object(*arguments: object) -> Any:
        calls.append(("object", *arguments))
        return LEDGER, AGREEMENT

    def find_verifier(name: str) -> Any:
        def verify(*arguments: object) -> Agreement:
            calls.append((name, *arguments))
            return AGREEMENT

        return verify

    measurers = SimpleNamespace(measure_python=measure_python, measure_object=measure_object)
    monkeypatch.setattr(lrac_audit.witness, "measured_codec", measurers, raising=False)
    monkeypatch.setattr(extensions, "find_verifier", find_verifier)
    return calls


def progress(text: str) -> None:
    """Told of each step."""


def test_a_factory_is_measured(asked: list[Any]) -> None:
    found = audit("python:a:b", bitrate_kbps=6, arguments={"channels": 32}, progress=progress)
    assert asked == [("python", "python:a:b", {"channels": 32}, 6, progress, AS_DECLARED)]
    assert (found.ledger, found.agreement, found.design) == (LEDGER, AGREEMENT, None)
    assert found.target.source == "python:a:b"
    assert found.limits_are_default
    assert found.verdict.limits.name == "lrac-2025-track1"
    assert not audit("python:a:b", limits="lrac-2025-track2").limits_are_default


def test_a_model_is_measured(asked: list[Any]) -> None:
    model = SimpleNamespace()
    found = audit(model, bitrate_kbps=6, progress=progress)  # type: ignore[arg-type]
    assert asked == [("object", model, 6, progress, AS_DECLARED)]
    assert found.target.source == "a SimpleNamespace"
    assert measured_source(model) == found.target
    assert measured_source("python:a:b").source == "python:a:b"


def test_rates_that_the_user_states_reach_the_measurer(asked: list[Any]) -> None:
    audit("python:a:b", sample_rate_hz=16_000, hop_samples=320)
    audit(SimpleNamespace(), hop_samples=320)  # type: ignore[arg-type]
    assert [call[-1] for call in asked] == [StatedRates(16_000, 320), StatedRates(None, 320)]


def test_a_factory_is_measured_in_a_process_of_its_own(
    asked: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def measure_isolated(*arguments: object, **options: object) -> Any:
        asked.append((*arguments, options))
        return LEDGER, AGREEMENT

    monkeypatch.setattr(launch, "measure_isolated", measure_isolated)
    limits = ProcessLimits(time_s=5)
    options: Any = {"arguments": {"x": 1}, "progress": progress, "hop_samples": 320}
    found = audit("python:a:b", bitrate_kbps=6, isolated=limits, **options)
    stated = {"stated": StatedRates(None, 320), "progress": progress}
    assert asked == [("python:a:b", {"x": 1}, 6, limits, stated)]
    assert (found.ledger, found.agreement) == (LEDGER, AGREEMENT)
    with pytest.raises(InputError) as caught:
        audit(SimpleNamespace(), isolated=limits)  # type: ignore[arg-type]
    assert str(caught.value) == (
        "options: isolated: given a SimpleNamespace; allowed: a python: target: an object is in "
        "this process already"
    )


def test_a_design_says_its_rates_itself() -> None:
    with pytest.raises(InputError) as caught:
        audit(TRACK1, arguments={"a": 1, "b": 2}, sample_rate_hz=16_000, hop_samples=320)
    only = "allowed: only for a python: target"
    assert str(caught.value).splitlines() == [
        f"options: --arg: given a, b; {only}",
        f"options: --sample-rate: given 16000; {only} or an ONNX graph",
        f"options: --hop: given 320; {only} or an ONNX graph",
    ]


def test_rates_concern_only_what_is_measured() -> None:
    stated = StatedRates(16_000, 320)
    assert rates_for("python:a:b", ["track1", "python:a:b"], stated) is stated
    assert rates_for("track1", ["track1", "python:a:b"], stated) is AS_DECLARED
    assert rates_for("track1", ["track1"], stated) is stated  # which refuses them


def test_a_measured_codec_has_no_other_forms(asked: list[Any]) -> None:
    found = audit("python:a:b")
    assert found.variants is None
    assert found.absorption is None
    assert found.other_modes == []


def test_a_doubt_of_a_measured_codec_reaches_the_verdict(
    asked: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    finding = Finding("fvcore", "module", "decoder.up", "macs_per_frame", 1, 2)
    measure = lambda *arguments: (LEDGER, Agreement((finding,)))  # noqa: E731
    monkeypatch.setattr(audit_module, "measure", measure)
    assert audit("python:a:b").verdict.doubts == (str(finding),)
    assert audit("python:a:b").verdict.status == "incomplete"


def test_a_design_is_verified_where_that_is_asked(asked: list[Any]) -> None:
    assert audit(TRACK1, progress=progress).agreement is None
    assert asked == []
    found = audit(TRACK1, verify=True, progress=progress)
    assert asked == [("design", TRACK1, found.ledger, progress)]
    assert found.agreement is AGREEMENT
    assert found.design is TRACK1
    assert found.ledger == audit(TRACK1).ledger


def test_remedies_weigh_the_absorbed_form_only_of_a_projected_design() -> None:
    over = audit("track2", rvq="projected")
    (receive,) = [check for check in over.verdict.checks if check.status == "fail"]
    assert any(remedy.rvq for remedy in over.remedies(receive))
    measured = replace(over, target=measured_source("python:a:b"))
    assert not any(remedy.is_change for remedy in measured.remedies(receive))
    absorbed = audit("track2", limits=replace(over.verdict.limits, receive_mflops=590))
    (check,) = [check for check in absorbed.verdict.checks if check.status == "fail"]
    assert absorbed.remedies(check)
    assert not any(remedy.rvq for remedy in absorbed.remedies(check))


def test_a_check_that_passes_needs_no_remedy() -> None:
    found = audited()
    passed = [check for check in found.verdict.checks if check.status == "pass"]
    assert [found.remedies(check) for check in passed] == [[], []]


def test_a_bitrate_that_no_mode_has() -> None:
    assert active_layers(TRACK1, None) == 6
    assert active_layers(TRACK1, 1) == 1
    with pytest.raises(InputError) as caught:
        active_layers(TRACK1, 3)
    assert str(caught.value.problems[0]) == (
        "bitrate: given 3 kbps; allowed: a mode of the design: 1, 6 kbps"
    )


def file(limits: str | None, edits: LimitEdits) -> Any:
    return DesignFile(LoadedDesign(replace(TRACK1, limits=limits), "my sheet"), edits)


def refusal(monkeypatch: pytest.MonkeyPatch, limits: str | None, edits: LimitEdits) -> str:
    monkeypatch.setattr(audit_module, "read_target", lambda *arguments: file(limits, edits))
    with pytest.raises(InputError) as caught:
        audit("sheet.xlsx")
    return str(caught.value)


def test_an_unknown_limit_set_is_reported_by_its_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    edits = LimitEdits({}, {"limits": "Inputs!B30"})
    found = refusal(monkeypatch, "track9", edits)
    assert found.startswith(
        "my sheet: Inputs!B30: given 'track9'; allowed: one of lrac-2025-track1"
    )
    assert refusal(monkeypatch, "track9", LimitEdits()).startswith(
        "my sheet: limits: given 'track9'"
    )


def test_an_unknown_limit_set_is_reported_by_its_line(tmp_path: Path) -> None:
    path, text = tmp_path / "mine.yaml", preset_path("track1").read_text(encoding="utf-8")
    path.write_text(text.replace("limits: lrac-2025-track1", "limits: lrac-2025-track3"))
    line = path.read_text().splitlines().index("limits: lrac-2025-track3") + 1
    with pytest.raises(InputError) as caught:
        audit(path)
    assert str(caught.value) == (
        f"{path}:{line}: limits: given 'lrac-2025-track3'; "
        f"allowed: one of {', '.join(LIMIT_SETS)}; "
        "did you mean lrac-2025-track2 or lrac-2025-track1?"
    )


def test_a_limit_that_a_sheet_sets_is_reported_by_its_cell(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    edits = LimitEdits({"convention": "flops"}, {"convention": "Inputs!B31"})
    found = refusal(monkeypatch, "lrac-2025-track1", edits)
    assert found.startswith("my sheet: Inputs!B31: given 'flops'; allowed: one of lrac-2025")


def test_limits_that_a_sheet_sets_replace_those_of_the_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    edits = LimitEdits({"overall_mflops": 650, "total_latency_ms": None}, {})
    monkeypatch.setattr(audit_module, "read_target", lambda *arguments: file(None, edits))
    found = audit("sheet.xlsx")
    limits = found.verdict.limits
    assert (limits.overall_mflops, limits.total_latency_ms, limits.receive_mflops) == (
        650,
        None,
        300,
    )
    assert found.limits_are_default
    named = audit("sheet.xlsx", limits="lrac-2025-track2").verdict.limits
    assert named.overall_mflops == 2600


@pytest.mark.parametrize("given", ["1,000", 5])
def test_what_is_no_printed_figure_is_shown(given: Any) -> None:
    allowed = "a plain decimal number as it was printed, such as 563.3"
    with pytest.raises(InputError) as caught:
        parse_figure(given, "--published")
    assert str(caught.value) == f"options: --published: given {given!r}; allowed: {allowed}"
    with pytest.raises(InputError, match=r"^table\.yaml: --published"):
        parse_figure(given, "--published", "table.yaml")


def test_a_figure_stands_for_all_values_that_print_as_it() -> None:
    figure = parse_figure("17.05", "figure")
    assert figure.text == "17.05"
    assert (figure.lowest * 1000, figure.highest * 1000) == (17_045, 17_055)
    assert figure.agrees_with(figure.lowest) and figure.agrees_with(figure.highest)
    assert not figure.agrees_with(figure.lowest - figure.half_unit / 1000)


def test_a_path_is_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        audit(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("make", "given"),
    [
        (Path.mkdir, "a folder"),
        (lambda path: path.write_bytes(b"\xff\xfe\x00"), "binary data"),
        (lambda path: path.write_bytes(bytes(1 << 21)), "more than 1048576 bytes"),
    ],
)
def test_what_is_no_target_is_told_every_kind_of_target(tmp_path: Path, make, given: str) -> None:
    path = tmp_path / "weights.pth"
    make(path)
    with pytest.raises(InputError, match=given) as refused:
        audit(path)
    for kind in ("YAML", "train.yaml", ".xlsx", ".onnx", "python:package.module:factory"):
        assert kind in str(refused.value)


def test_a_mistyped_form_is_answered_with_the_one_meant() -> None:
    with pytest.raises(InputError) as caught:
        audit("track1", rvq="absorb")
    assert str(caught.value) == (
        "options: rvq: given 'absorb'; allowed: one of absorbed, projected; did you mean absorbed?"
    )
