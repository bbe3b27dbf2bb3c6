from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from lrac_audit import __version__, audit
from lrac_audit.cli.main import COMMANDS
from tests.conftest import ROOT, Result

Run = Callable[..., Result]
NAMES = [command.name for command in COMMANDS]
SAMPLE = ROOT / "tests" / "data" / "espnet_sample.yaml"


def test_audit_reports_and_exits_0_whatever_the_verdict(run: Run) -> None:
    good, bad = run("audit", "track1"), run("audit", "track2", "--rvq", "projected")
    assert (good.code, bad.code) == (0, 0)
    assert good.out.endswith("verdict: pass\n")
    assert bad.out.endswith("verdict: fail\n")
    for words in ("encoder.blocks.3.down", "377.4720", "691.3536", "14,085 samples", "30"):
        assert words in good.out
    assert good.err == bad.err == ""


def test_the_gate_of_both_baselines(run: Run) -> None:
    assert run("check", "track1", "track2").code == 0
    failed = run("check", "track2", "--rvq", "projected")
    assert failed.code == 1
    assert re.search(r"track2 +receive_mflops +600 +603\.264 +-3\.264 +fail", failed.out)
    passed = run("check", "track1", "--rvq", "projected")
    assert passed.code == 0
    assert re.search(r"track1 +receive_mflops +300 +299\.136 +0\.864 +pass", passed.out)


def test_the_gate_says_why(run: Run) -> None:
    out = run("check", "track2", "--rvq", "projected").out
    assert "dearest, in MFLOPS: encoder.blocks.3.residual.0.convs.0 114.688" in out
    assert "absorb the output projections: receive_mflops" in out


def test_one_line_per_check_and_target(run: Run) -> None:
    lines = run("check", "track1", "track2").out.splitlines()
    assert sum(line.startswith("track1 ") for line in lines) == 5
    assert sum(line.startswith("track2 ") for line in lines) == 5


def test_exit_code_3_where_evidence_is_incomplete(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lrac_audit.ledger import conventions

    known = conventions.CONVENTIONS["lrac-2025"]
    ignorant = conventions.Convention(
        known.name, 1, 2, {k: v for k, v in known.prices.items() if k != "elu"}, "no ELU"
    )
    monkeypatch.setattr(conventions, "CONVENTIONS", {"lrac-2025": ignorant})
    monkeypatch.setattr("lrac_audit.limits.verdict.CONVENTIONS", {"lrac-2025": ignorant})
    found = run("check", "track1")
    assert found.code == 3
    assert "not known: encoder.blocks.0.activation: lrac-2025 has no price for elu" in found.out
    assert run("audit", "track1").code == 0


def test_paper_finds_exactly_two_differences(run: Run) -> None:
    found = run("paper")
    assert found.code == 0
    different = [line for line in found.out.splitlines() if line.endswith("different")]
    assert [re.split(r" {2,}", line) for line in different[:2]] == [
        ["decoder, MFLOPS", "563.3", "594.048", "different"],
        ["overall, absorbed, MFLOPS", "2546.2", "2,576.9472", "different"],
    ]
    assert found.out.endswith("19 cells, 17 equal, 2 different\n")
    cells = [c for t in json.loads(run("paper", "-f", "json").out)["tables"] for c in t["cells"]]
    assert sum(cell["status"] == "different" for cell in cells) == 2


def test_reconcile_finds_the_one_layer(run: Run) -> None:
    arguments = ("reconcile", "track2", "--stage", "decoder", "--published", "563.3")
    found = run(*arguments)
    assert found.code == 0
    assert re.search(r"decoder\.blocks\.0\.up +left out +-30\.7200 +563\.3280", found.out)
    document = json.loads(run(*arguments, "--format", "json").out)
    assert [single["layer"] for single in document["single_layer"]] == ["decoder.blocks.0.up"]
    assert document["single_layer"][0]["mflops"] == pytest.approx(-30.72)


@pytest.mark.parametrize("source", ["track1", "track2", SAMPLE])
def test_a_converted_design_audits_identically(run: Run, tmp_path: Path, source: object) -> None:
    destination = tmp_path / "own design.yaml"
    assert run("convert", source, destination) == (0, "", "")
    for rvq in ("absorbed", "projected"):
        one, other = (
            json.loads(run("audit", target, "--rvq", rvq, "-f", "json").out)
            for target in (source, destination)
        )
        assert one["design"].pop("source") != other["design"].pop("source")
        assert one == other


def test_convert_keeps_existing_files(run: Run, tmp_path: Path) -> None:
    destination = tmp_path / "mine.yaml"
    destination.write_text("precious")
    refused = run("convert", "track1", destination)
    assert (refused.code, destination.read_text()) == (2, "precious")
    assert "--force" in refused.err
    assert run("convert", "track1", destination, "--force").code == 0
    assert destination.read_text().startswith("lrac_audit_design: 1\n")


def test_convert_lists_what_it_leaves_out(run: Run, tmp_path: Path) -> None:
    found = run("convert", SAMPLE, tmp_path / "out.yaml", "--verbose")
    assert "ignored: training only: the trained codec runs the same: " in found.err
    assert "optim, max_epoch" in found.err


def test_verbose_audit_lists_what_is_ignored_and_why(run: Run) -> None:
    out = run("audit", SAMPLE, "-v").out
    assert "codec_conf.encoder_params.pad_mode" in out
    assert "lookup (8): a memory read, no arithmetic" in out


def test_json_is_the_document_of_the_python_interface(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "audit.json"
    assert run("audit", "track1", "--format", "json", "--output", path) == (0, "", "")
    document = json.loads(path.read_text())
    assert document == audit("track1").document()
    assert list(document) == [
        "schema_version",
        "convention",
        "design",
        "mode",
        "complexity",
        "latency",
        "receptive_field",
        "memory",
        "limits",
        "bitstream",
        "data_dependence",
        "verdict",
        "doubts",
        "other_conventions",
        "witnesses",
        "layers",
    ]
    assert (document["doubts"], document["witnesses"]) == ([], None)
    assert document["other_conventions"] == {"full": "fail", "wmops-estimate": "fail"}


def test_csv_holds_every_row(run: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(run("audit", "track1", "-f", "csv").out)))
    assert len(rows) == len(audit("track1").ledger.rows)
    assert sum(float(row["mflops"]) for row in rows) == pytest.approx(691.3536)


def test_dataframe_holds_every_row() -> None:
    frame = audit("track2").dataframe()
    assert frame.groupby("stage")["mflops"].sum().to_dict() == pytest.approx(
        {"encoder": 1944.192, "rvq": 38.7072, "decoder": 594.048}
    )


def test_markdown_of_an_audit_and_of_a_gate(run: Run) -> None:
    whole, gate = run("audit", "track1", "-f", "markdown"), run("check", "track1", "-f", "markdown")
    assert "| overall | 345.6768 | 691.3536 | 30 |" in whole.out
    assert "| overall, MFLOPS | 700 | 691.3536 | 8.6464 | pass |" in gate.out


def test_per_frame_costs_are_those_per_second_over_the_frame_rate(run: Run) -> None:
    out = run("audit", "track1", "--per-frame").out
    # 691.3536 MFLOPS at 100 frames/s
    assert re.search(r"overall +3,456\.7680 +6,913\.5360 +30", out)
    assert re.search(r"decoder\.output +8>1 k21 +240 +80\.6400", out)


def test_a_lower_mode_and_another_convention(run: Run) -> None:
    low = json.loads(run("audit", "track1", "--bitrate", "1", "-f", "json").out)
    assert low["mode"] == {
        "rvq": "absorbed",
        "active_layers": 1,
        "bitrate_kbps": 1.0,
        # a codebook of 1024 codewords
        "information_bits_per_frame": 10.0,
        "packed_bits_per_frame": 10,
    }
    out = run("audit", "track1", "--convention", "macs").out
    assert "counted by macs, version 1: MACs, not FLOPs" in out
    assert "MMAC/s" in out
    assert "MFLOPS" not in out


def test_several_formats_at_once(run: Run, tmp_path: Path) -> None:
    junit, document = tmp_path / "a.xml", tmp_path / "a.json"
    arguments = ("-f", "github", "-f", f"junit={junit}", "-f", f"json={document}")
    found = run("check", "track1", "track2", "--rvq", "projected", *arguments)
    assert found.code == 1
    assert found.out.startswith("::error title=track2::receive_mflops fail: 603.264 MFLOPS, ")
    suites = ElementTree.parse(junit).getroot()
    assert [(s.get("name"), s.get("failures"), s.get("tests")) for s in suites] == [
        ("track1", "0", "5"),
        ("track2", "1", "5"),
    ]
    parsed = json.loads(document.read_text())
    assert (parsed["exit_code"], [t["verdict"] for t in parsed["targets"]]) == (1, ["pass", "fail"])


def test_step_summary_is_appended(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "summary.md"
    path.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(path))
    run("check", "track1")
    assert path.read_text().startswith("before\n## LRAC 2025 Track 1 baseline: pass\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path))
    unwritable = run("check", "track1")
    assert unwritable.code == 0
    assert "warning: GITHUB_STEP_SUMMARY" in unwritable.err


@pytest.mark.parametrize("track", ["track1", "track2"])
@pytest.mark.parametrize(
    "arguments",
    [
        ("audit", "TRACK"),
        ("audit", "TRACK", "--rvq", "projected", "--per-frame"),
        ("audit", "TRACK", "--convention", "wmops-estimate"),
        ("audit", "TRACK", "--convention", "full", "--rvq", "projected", "--per-frame"),
        ("check", "TRACK", "--rvq", "projected"),
        ("paper",),
        ("limits",),
        ("conventions",),
        ("reconcile", "TRACK", "--stage", "overall", "--published", "2546.2"),
    ],
)
def test_every_table_fits_80_columns(run: Run, track: str, arguments: tuple[str, ...]) -> None:
    found = run(*(word.replace("TRACK", track) for word in arguments))
    assert found.out
    longest = max(found.out.splitlines(), key=len)
    assert len(longest) <= 80, longest


@pytest.mark.parametrize("command", NAMES)
def test_every_command_explains_itself(run: Run, command: str) -> None:
    found = run(command, "--help")
    assert found.code == 0
    assert found.out.startswith(f"Usage: lrac-audit {command}")


def test_version_and_help(run: Run) -> None:
    assert run("--version") == (0, f"lrac-audit {__version__}\n", "")
    assert all(f"\n  {command}  " in run("--help").out for command in NAMES)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("audit", "nowhere.yaml"), "nowhere.yaml: given no such file; allowed: a file, a folder"),
        (("audit", "track1", "--limits", "none"), "no such limit set: 'none'; allowed: a file"),
        (("audit", "track1", "--rvq", "x"), "rvq: given 'x'; allowed: one of absorbed, projected"),
        (
            ("audit", "track1", "--bitrate", "3"),
            "given 3 kbps; allowed: a mode of the design: 1, 6",
        ),
        (("audit", "track1", "--bitrate", "nan"), "given nan kbps"),
        (("audit", "track1", "--bitrate", "x"), "--bitrate: given 'x'; allowed: a valid number"),
        (("audit", "track1", "--convention", "x"), "given 'x'; allowed: one of lrac-2025, macs"),
        (("audit", "track1", "-f", "xml"), "--format: given 'xml'; allowed: one of table, json"),
        (("audit", "track1", "-f", "json="), "--format: given 'json='"),
        (("audit", "track1", "-f", "json", "-f", "csv", "-o", "x"), "for 2 formats"),
        (("audit", "track1", "-o", "no/such/folder/x"), "No such file or directory"),
        (("audit",), "Missing argument 'TARGET'"),
        (("check",), "TARGET: given none, and no configuration in this folder or above it; allo"),
        (("reconcile", "track1", "--stage", "x", "--published", "1"), "--stage: given 'x'"),
        (("reconcile", "track1", "--stage", "decoder", "--published", "-1"), "given '-1'"),
        (("dance",), "No such command 'dance'"),
    ],
)
def test_bad_usage_is_exit_code_2(run: Run, arguments: tuple[str, ...], message: str) -> None:
    found = run(*arguments)
    assert (found.code, found.out) == (2, "")
    assert message in found.err
    assert "Traceback" not in found.err


def test_interruption_is_no_verdict(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_arguments: object, **_options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("pathlib.Path.write_text", interrupt)
    found = run("check", "track1", "-f", "json", "-o", tmp_path / "out.json")
    assert (found.code, found.out, found.err.strip()) == (130, "", "interrupted")
    assert list(tmp_path.iterdir()) == []


def test_all_bad_targets_are_reported(run: Run, tmp_path: Path) -> None:
    empty = tmp_path / "empty.yaml"
    empty.touch()
    output = tmp_path / "out.json"
    found = run("check", "track1", empty, "nowhere", "-f", f"json={output}")
    assert (found.code, found.out) == (2, "")
    assert len(found.err.splitlines()) == 2
    document = json.loads(output.read_text(encoding="utf-8"))
    assert [target["verdict"] for target in document["targets"]] == ["pass"]
    assert [error["source"] for error in document["errors"]] == [str(empty), "nowhere"]


def test_a_failed_write_leaves_the_old_file(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "inside").touch()
    found = run("audit", "track1", "-o", folder)
    assert found.code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]
