"""Edit cells, recalculate, read: the sheet, the audit of the sheet and that of a YAML agree."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from lrac_audit.auditing.audit import audit
from lrac_audit.design.formats import load_design
from lrac_audit.design.parts import CodecDesign
from lrac_audit.errors import InputError
from lrac_audit.ledger.latency import context, latency
from tests.conftest import Result
from tests.lrac_audit.report.workbook.conftest import Baseline
from tests.lrac_audit.report.workbook.office import convert, needs_office
from tests.lrac_audit.report.workbook.sheets import (
    Edit,
    audits,
    edit_sheet,
    edit_yaml,
    summary,
    write_baseline,
)
from tests.sweeps import some_or_many

EDITS_EACH = 3
in_office = pytest.param("office", marks=[needs_office, pytest.mark.sweep])
"""LibreOffice takes seconds for these sheets; some random ones it recalculates in every run."""
CHECK_LINES = {
    "overall_mflops": "Overall",
    "receive_mflops": "Receive side",
    "total_latency_ms": "Total latency",
    "sample_rate_hz": "Sample rate",
}
CHOSEN = {
    "kernel": [Edit("decoder.blocks.0.residual.1.convs.0", "kernel", 9)],
    "dilation": [Edit("encoder.blocks.1.residual.2.convs.0", "dilation", 5)],
    "causality": [Edit("encoder.blocks.0.residual.0.convs.0", "causal", False)],
    "strides": [
        Edit("encoder.blocks.0.down", "stride", 4),
        Edit("encoder.blocks.1.down", "stride", 3),
        Edit("decoder.blocks.2.up", "stride", 2),
        Edit("decoder.blocks.0.up", "kernel", 12),
        Edit("decoder.blocks.0.up", "stride", 10),
        Edit("decoder.blocks.2.up", "kernel", 5),
        Edit("decoder.blocks.1.up", "stride", 3),
    ],
    "quantizer": [Edit("", "quantizer.layers", 9), Edit("", "quantizer.codebook_size", 600)],
    "rate": [Edit("", "sample_rate_hz", 16000)],
}
REFUSED = {
    "one stride": [Edit("encoder.blocks.0.down", "stride", 2)],
    "groups": [Edit("decoder.blocks.1.residual.0.convs.0", "groups", 5)],
    "trim": [Edit("decoder.blocks.2.up", "trim", 1)],
    "short kernel": [Edit("encoder.blocks.3.down", "kernel", 4)],
    "rate as text": [Edit("", "sample_rate_hz", "24000")],
    "half a codeword": [Edit("", "quantizer.codebook_size", 1024.5)],
    "one codeword": [Edit("", "quantizer.codebook_size", 1)],
    "no width": [Edit("", "quantizer.codebook_dim", 0)],
}
EDITS = CHOSEN | REFUSED
REFUSED_CELLS = {
    "one stride": "Decoder!F5:F",
    "groups": "Decoder!H",
    "trim": "Decoder!J",
    "short kernel": "Encoder!E",
    "rate as text": "Inputs!B6",
    "half a codeword": "Inputs!B17",
    "one codeword": "Inputs!B17",
    "no width": "Inputs!B18",
}


class Edited(NamedTuple):
    """A sheet that was edited and recalculated, and a YAML with the same edits."""

    lines: dict[str, list[Any]]
    """What the page Summary comes to."""
    sheet: Path
    yaml: Path


def is_valid(design: CodecDesign, edits: list[Edit], path: Path) -> bool:
    try:
        load_design(edit_yaml(design, path, edits))
    except InputError:
        return False
    return True


def random_edits(design: CodecDesign, choose: random.Random, path: Path) -> list[Edit]:
    """Edits of different cells that leave the design valid."""
    rows = [row for row in audit(design).ledger.rows if row.op in ("conv", "transposed_conv")]
    edits: list[Edit] = []
    while len(edits) < EDITS_EACH:
        row = choose.choice(rows)
        values = {"kernel": choose.randint(1, 12)}
        if row.op == "conv":
            values |= {"dilation": choose.randint(1, 30), "causal": choose.random() < 0.5}
            values["groups"] = choose.choice([1, 2, 4])
        else:
            values["trim"] = choose.randint(0, 2)
        if row.name.endswith((".down", ".up", "r.input")):
            values["channels"] = 8 * choose.randint(1, 20)
        if row.name.endswith(".convs.0"):
            values["compress"] = choose.choice([1, 2, 4])
        field = choose.choice(list(values))
        edit = Edit(row.name, field, values[field])
        fresh = all((e.layer, e.field) != (row.name, field) for e in edits)
        if fresh and is_valid(design, [*edits, edit], path):
            edits.append(edit)
    return edits


@pytest.fixture(scope="module", params=["pycel", in_office])
def edited(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, baseline: Baseline
) -> Callable[[str], Edited]:
    """The sheet of Track 1 with the chosen edits of a name, recalculated by each engine."""
    folder = tmp_path_factory.mktemp("edited")
    if request.param == "pycel":
        return lambda name: by_pycel(EDITS[name], name, folder, baseline)
    wanted = {f"track1 {name}": edits for name, edits in EDITS.items()}
    found = by_office(wanted, folder)
    return lambda name: found[f"track1 {name}"]


def by_pycel(edits: list[Edit], name: str, folder: Path, baseline: Baseline) -> Edited:
    """Edit the sheet of Track 1: cells of a calculated one, and the file for the auditor."""
    lines = baseline("track1").summary_after(*edits)
    return Edited(lines, *edited_files("track1", edits, folder, name))


def by_office(wanted: dict[str, list[Edit]], folder: Path) -> dict[str, Edited]:
    """Edit sheets, each named by its track and its edits, in one run of LibreOffice."""
    out = folder / "out"
    out.mkdir()
    files = [edited_files(name.split()[0], edits, folder, name) for name, edits in wanted.items()]
    saved = convert([sheet for sheet, _ in files], out)
    return {
        name: Edited(summary(sheet), sheet, yaml)
        for name, sheet, (_, yaml) in zip(wanted, saved, files, strict=True)
    }


def edited_files(track: str, edits: list[Edit], folder: Path, name: str) -> tuple[Path, Path]:
    """The sheet of a baseline and its YAML with the same edits."""
    source = write_baseline(folder / "source.xlsx", track)
    return (
        edit_sheet(source, folder / f"{name}.xlsx", edits),
        edit_yaml(load_design(track).design, folder / f"{name}.yaml", edits),
    )


def check_agreement(found: Edited) -> list[str]:
    """Compare the three ways; the verdicts in both forms."""
    lines, sheet, yaml = found.lines, audits(found.sheet), audits(found.yaml)
    for column, form in enumerate(("absorbed", "projected"), 1):
        ledger, wanted = sheet[form].ledger, yaml[form]
        assert ledger == wanted.ledger
        for title, part in (
            ("Encoder", "encoder"),
            ("RVQ, transmit", "rvq_transmit"),
            ("Decoder", "decoder"),
            ("Receive side", "receive"),
            ("Overall", "overall"),
        ):
            mflops = wanted.document()["complexity"][part]["mflops"]
            assert lines[title][column] == pytest.approx(mflops, rel=1e-9), (form, title)
        total_ms = ledger.milliseconds(latency(ledger).total_samples)
        assert lines["Total latency"][column] == pytest.approx(total_ms, rel=1e-9)
        for check in wanted.verdict.checks:
            if check.id in CHECK_LINES:
                assert lines[CHECK_LINES[check.id]][column + 5] == check.status, check
        assert lines["Verdict"][column + 5] == wanted.verdict.status
    seen = context(audit(found.yaml).ledger)
    assert lines["Receptive field of a latent frame"][1] == seen.encoder_samples
    assert lines["Latent frames an output sample looks back"][1] == seen.decoder_past_frames
    return [lines["Verdict"][6], lines["Verdict"][7]]


@pytest.mark.parametrize("name", CHOSEN)
def test_an_edit_of_cells_is_an_edit_of_the_design(
    name: str, edited: Callable[[str], Edited]
) -> None:
    check_agreement(edited(name))


def test_the_edits_change_what_they_should(edited: Callable[[str], Edited], tmp_path: Path) -> None:
    base = summary(write_baseline(tmp_path / "track1.xlsx", "track1"))
    kernel = edited("kernel").lines
    # four more taps of 64 x 64 channels at 500 Hz, 2 FLOPs a MAC
    gain = 4 * 64 * 64 * 500 * 2 / 1e6
    assert kernel["Decoder"][1] == pytest.approx(base["Decoder"][1] + gain, rel=1e-9)
    dilation = edited("dilation").lines
    assert dilation["Encoder"][1] == base["Encoder"][1]
    field = "Receptive field of a latent frame"
    assert dilation[field][1] == base[field][1] - (27 - 5) * 4 * 3
    causality = edited("causality").lines
    # half of the padding 4 * 3 at 24 kHz
    assert causality["Total latency"][1] == pytest.approx(30 + 6 / 24, rel=1e-9)
    assert causality["Total latency"][6] == "fail"
    assert base["Total latency"][6] == "pass"


@needs_office
@some_or_many(2, 6)
def test_random_edits(tmp_path: Path, cases: int) -> None:
    choose, wanted = random.Random(30), {}
    for i in range(cases):
        track = choose.choice(["track1", "track2"])
        design = load_design(track).design
        wanted[f"{track} random {i}"] = random_edits(design, choose, tmp_path / "try.yaml")
    found = [check_agreement(pair) for pair in by_office(wanted, tmp_path).values()]
    assert sum(map(len, wanted.values())) == cases * EDITS_EACH
    assert len({tuple(verdicts) for verdicts in found}) > 1  # marks flip, and not all the same way


@pytest.mark.parametrize("name", REFUSED)
def test_the_sheet_and_the_auditor_refuse_the_same(
    name: str, edited: Callable[[str], Edited], run: Callable[..., Result]
) -> None:
    found = edited(name)
    lines = found.lines
    assert lines["Verdict"][6:8] == ["refused", "refused"]
    assert {lines[line][6] for line in CHECK_LINES.values()} == {"refused"}
    done = run("audit", found.sheet)
    assert done.code == 2
    assert done.out == ""
    assert f": {REFUSED_CELLS[name]}" in done.err
    assert len(done.err.splitlines()) == 1


def test_projected_track_2_fails_on_the_receive_side(tmp_path: Path) -> None:
    lines = summary(write_baseline(tmp_path / "sheet.xlsx", "track2"))
    assert lines["Receive side"][6:8] == ["pass", "fail"]
    assert lines["Verdict"][6:8] == ["pass", "fail"]
    assert lines["Receive side"][5] == pytest.approx(-3.264)
