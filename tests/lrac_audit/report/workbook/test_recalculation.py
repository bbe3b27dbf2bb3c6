"""Every formula, recalculated by another program, comes to the value beside it, and is right."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from openpyxl import load_workbook

from lrac_audit.auditing.audit import audit
from lrac_audit.design.formats import load_design
from lrac_audit.design.native import read_design
from lrac_audit.design.parts import CodecDesign, Quantizer
from lrac_audit.design.sheet import read_sheet
from lrac_audit.ledger.conventions import CONVENTIONS
from lrac_audit.ledger.latency import context, latency
from lrac_audit.ledger.memory import memory
from lrac_audit.ledger.row import RVQ_FORMS
from lrac_audit.ledger.scratch import scratch
from lrac_audit.report.workbook.build import sheet_pages
from lrac_audit.report.workbook.writer import workbook_bytes
from tests.lrac_audit.design.test_native import parsed
from tests.lrac_audit.report.workbook.engine import Recalculation
from tests.lrac_audit.report.workbook.office import convert, needs_office
from tests.lrac_audit.report.workbook.sheets import (
    Edit,
    audits,
    edit_yaml,
    summary,
    write,
    write_baseline,
)
from tests.random_designs import designs
from tests.sweeps import some_or_many

EVERY_KIND_OF_EDIT = [
    Edit("", "sample_rate_hz", 48000),
    Edit("", "audio_channels", 2),
    Edit("", "quantizer.layers", 9),
    Edit("", "quantizer.codebook_size", 600),
    Edit("", "quantizer.codebook_dim", 10),
    Edit("encoder.blocks.0.residual.0.convs.0", "kernel", 9),
    Edit("encoder.blocks.0.residual.0.convs.0", "compress", 2),
    Edit("encoder.blocks.0.residual.0.convs.0", "causal", False),
    Edit("encoder.blocks.1.residual.2.convs.0", "dilation", 5),
    Edit("encoder.blocks.1.residual.2.convs.0", "groups", 2),
    Edit("encoder.blocks.0.down", "channels", 24),
    Edit("encoder.blocks.0.down", "stride", 4),
    Edit("encoder.blocks.1.down", "stride", 3),
    Edit("decoder.blocks.2.up", "stride", 2),
    Edit("decoder.blocks.2.up", "kernel", 5),
    Edit("decoder.blocks.2.up", "trim", 1),
    Edit("decoder.blocks.0.up", "stride", 10),
    Edit("decoder.blocks.0.up", "kernel", 12),
    Edit("decoder.blocks.1.up", "stride", 3),
]
VOLATILE_OR_NEW = (
    *("OFFSET(", "INDIRECT(", "NOW(", "TODAY(", "RAND(", "CELL(", "INFO("),
    *("XLOOKUP(", "LET(", "TEXTJOIN(", "FILTER(", "SEQUENCE(", "MAXIFS(", "IFS(", "_xlfn"),
)


def some_designs(count: int) -> list[CodecDesign]:
    """Return random designs with every feature that a design may have."""
    found: list[CodecDesign] = []

    @seed(20)
    @settings(
        max_examples=count,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(designs())
    def collect(design: CodecDesign) -> None:
        found.append(design)

    collect()
    return found[:count]


def cells(path: Path, data_only: bool) -> dict[str, Any]:
    with closing(load_workbook(path, data_only=data_only, read_only=True)) as book:
        return {
            f"{page.title}!{cell.coordinate}": cell
            for page in book
            for row in page.iter_rows()
            for cell in row
            if cell.value is not None
        }


def value_of(found: dict[str, Any], name: str) -> Any:
    """What a cell shows; None where it is empty, as the lines of modes that are not used."""
    return found[name].value if name in found else None


def formulas(path: Path) -> list[str]:
    return [where for where, cell in cells(path, False).items() if cell.data_type == "f"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sheets")


@pytest.fixture(scope="module")
def written(folder: Path) -> list[Path]:
    """Sheets of both baselines, in other terms, and compared."""
    paths = [write_baseline(folder / f"{track}.xlsx", track) for track in ("track1", "track2")]
    terms = audit("track2", rvq="projected", bitrate_kbps=1, convention="full")
    paths.append(write(folder / "terms.xlsx", terms))
    compared = sheet_pages(audit("track2", convention="full"), [audit("track1", convention="macs")])
    paths.append(folder / "compared.xlsx")
    paths[-1].write_bytes(workbook_bytes(compared, "compared"))
    return paths


def random_sheets(folder: Path, count: int) -> list[Path]:
    """Write sheets of random designs in random terms."""
    choose, paths = random.Random(5), []
    for i, design in enumerate(some_designs(count)):
        found = audit(
            design,
            rvq=choose.choice(["absorbed", "projected"]),
            bitrate_kbps=design.bitrate_kbps(choose.choice(design.quantizer.mode_layers)),
            convention=choose.choice(list(CONVENTIONS)),
        )
        paths.append(write(folder / f"random{i}.xlsx", found))
        assert read_sheet(paths[-1], "sheet").design == design
    return paths


@needs_office
@some_or_many(1, 10)
def test_recalculated_formulas_equal_the_values_beside_them(
    written: list[Path], tmp_path: Path, cases: int
) -> None:
    out = tmp_path / "recalculated"
    out.mkdir()
    sheets = written + random_sheets(tmp_path, cases)
    assert len(sheets) == 4 + cases
    for before, after in zip(sheets, convert(sheets, out), strict=True):
        names = formulas(before)
        assert len(names) > 300
        values, recalculated = cells(before, True), cells(after, True)
        for name in names:
            expected, found = value_of(values, name), value_of(recalculated, name)
            if expected is None:
                assert found in (None, ""), (before.name, name)
            elif isinstance(expected, str):
                assert found == expected, (before.name, name)
            else:
                assert found == pytest.approx(expected, rel=1e-9, abs=1e-9), (before.name, name)
        assert read_sheet(after, "saved").design == read_sheet(before, "written").design


@pytest.mark.sweep
@pytest.mark.parametrize("name", ["terms", "compared"])
def test_every_formula_comes_to_its_value_without_a_program(name: str, written: list[Path]) -> None:
    (path,) = [path for path in written if path.stem == name]
    found, values = Recalculation(path).formulas(), cells(path, True)
    assert found.keys() == set(formulas(path)) and len(found) > 300
    for where, value in found.items():
        expected = values[where].value if where in values else None
        if isinstance(expected, str) or expected is None:
            assert value == expected or (value, expected) == ("", None), where
        else:
            assert value == pytest.approx(expected, rel=1e-9, abs=1e-9), where


def test_no_formula_is_volatile_or_new(written: list[Path]) -> None:
    for path in written[:3]:
        found = {k: c.value for k, c in cells(path, False).items() if c.data_type == "f"}
        assert len(found) > 300
        for where, formula in found.items():
            assert not any(name in formula for name in VOLATILE_OR_NEW), (where, formula)


@pytest.mark.parametrize("track", ["track1", "track2"])
def test_summary_equals_the_auditor(track: str, written: list[Path]) -> None:
    lines = summary(written[["track1", "track2"].index(track)])
    titles = {"Encoder": "encoder", "RVQ, transmit": "rvq_transmit", "Decoder": "decoder"}
    titles |= {"Transmit side": "transmit", "RVQ, receive": "rvq_receive"}
    titles |= {"Receive side": "receive", "Overall": "overall"}
    for column, (form, found) in enumerate(audits(track).items(), 1):
        complexity = found.document()["complexity"]
        for title, part in titles.items():
            expected = complexity[part]["mflops"]
            assert lines[title][column] == pytest.approx(expected, rel=1e-9), (form, title)
        delay, ledger = latency(found.ledger), found.ledger
        total_ms = delay.total_samples * 1000 / ledger.sample_rate_hz
        assert lines["Total latency"][column] == pytest.approx(total_ms, rel=1e-9)
        assert lines["Verdict"][column + 5] == found.verdict.status
    field = lines["Receptive field of a latent frame"][1]
    assert field == context(audit(track).ledger).encoder_samples


def test_the_figures_of_the_paper_stand_on_the_summary(written: list[Path]) -> None:
    lines = summary(written[1])
    assert lines["decoder, MFLOPS"][:5] == [
        563.3,
        0.05,
        594.048,
        pytest.approx(30.748),
        "different",
    ]
    assert lines["encoder, MFLOPS"][4] == "equal"
    decoder = audit("track2", convention="full").document()["complexity"]["decoder"]["mflops"]
    assert summary(written[3])["decoder, MFLOPS"][2] == pytest.approx(decoder, rel=1e-12)
    assert not [label for label in summary(written[2]) if label.startswith("Explained")]
    explained = [label for label in lines if label.startswith("Explained by decoder.blocks.0.up")]
    assert len(explained) == 2  # the decoder, and with it the whole
    assert "no other single layer" in explained[0]
    assert [row[0] for row in (lines["RVQ projected, MFLOPS"], lines["total latency, ms"])] == [
        48,
        50,
    ]


def test_every_mode_is_on_the_summary(written: list[Path]) -> None:
    lines = summary(written[1])
    for mode, kbps in ((1, 1), (2, 6)):
        for form in ("absorbed", "projected"):
            found = audit("track2", rvq=form, bitrate_kbps=kbps)
            cells = lines[f"mode {mode}, {form}"]
            overall = found.document()["complexity"]["overall"]["mflops"]
            assert cells[1] == kbps
            assert cells[6] == pytest.approx(overall, rel=1e-9)
            assert cells[7] == found.verdict.status
    assert lines["mode 2, projected"][7] == "fail"
    assert lines["mode 1, projected"][7] == "pass"


def test_memory_equals_the_auditor(written: list[Path]) -> None:
    page = load_workbook(written[0], data_only=True)["Memory"]
    lines = {row[0]: list(row[1:5]) for row in page.iter_rows(values_only=True)}
    for i, form in enumerate(("absorbed", "projected")):
        for j, side in enumerate(("transmit", "receive")):
            ledger = audit("track1", rvq=form).ledger  # type: ignore[arg-type]
            found = memory(ledger, side)  # type: ignore[arg-type]
            assert lines["Stored"][2 * i + j] == found.total_stored_values
            assert lines["Streaming state"][2 * i + j] == found.state_values
            assert lines["Held by skip paths"][2 * i + j] == found.held_values
            peak = scratch(ledger)[side].peak_values  # type: ignore[index]
            assert lines["Scratch, peak"][2 * i + j] == peak


@pytest.mark.parametrize(("layers", "dim"), [(1, 200), (2, 12), (3, 12), (2, None)])
def test_scratch_of_the_quantizer_recalculates(
    layers: int, dim: int | None, tmp_path: Path
) -> None:
    """In networks that need more, the peak does not show it; also with wider codewords."""
    design = replace(read_design(parsed(), "small.yaml"), quantizer=Quantizer(layers, 8, dim))
    page = Recalculation(write(tmp_path / "sheet.xlsx", audit(design)))
    row = 5 + list(_labels(tmp_path / "sheet.xlsx")).index("Scratch of the quantizer")
    for i, form in enumerate(RVQ_FORMS):
        for j, working in enumerate(scratch(audit(design, rvq=form).ledger).values()):
            values = [n for name, n in working.live_values.items() if "quantizer." in name]
            assert page.value("Memory", f"{'BCDE'[2 * i + j]}{row}") == max(values)


def _labels(path: Path) -> Iterator[str]:
    for row in load_workbook(path)["Memory"].iter_rows(min_row=5, max_col=1):
        yield str(row[0].value)


def test_formulas_hold_nothing_of_what_is_typed(tmp_path: Path) -> None:
    """Whatever the inputs, the formulas are the same; so what a sheet shows follows its cells."""
    design = replace(load_design("track1").design, name="no baseline any more")
    edited = edit_yaml(design, tmp_path / "edited.yaml", EVERY_KIND_OF_EDIT)
    plain = write(tmp_path / "plain.xlsx", audit(design))
    other = audit(edited, rvq="projected", convention="full")
    found = [
        {where: str(cell.value) for where, cell in cells(path, False).items()}
        for path in (plain, write(tmp_path / "edited.xlsx", other))
    ]
    changed = {where for where in found[0] | found[1] if found[0].get(where) != found[1].get(where)}
    assert len(changed) == len(EVERY_KIND_OF_EDIT) + 2  # form and convention to be shown
    assert not [where for where in changed if found[0][where].startswith("=")]


def test_pandas_reads_the_figures(written: list[Path]) -> None:
    every = pd.read_excel(written[0], sheet_name="Encoder", header=3)
    page = every[every["Operation"] != "block"]
    rows = [row for row in audit("track1").ledger.rows if row.stage == "encoder"]
    assert list(page["Layer"]) == [row.name for row in rows]
    assert list(page["MACs per frame"].fillna(0)) == [row.macs_per_frame for row in rows]
    assert page["MFLOPS"].sum() == pytest.approx(377.472, rel=1e-12)  # as the summary has it


def test_pandas_reads_every_number(written: list[Path]) -> None:
    for path in written[2:]:  # other terms, and several designs
        values = cells(path, True)
        names = {name for name in formulas(path) if value_of(values, name) is not None}
        # Modes 3 and 4, in both forms, are lines of nine cells that stay empty until they are used.
        assert len(set(formulas(path)) - names) == 2 * 2 * 9
        for page, frame in pd.read_excel(path, sheet_name=None, header=None).items():
            empty = frame.isna()
            for where in (name for name in names if name.startswith(f"{page}!")):
                cell = load_cell(where)
                assert not empty.iat[cell], (path.name, where)


def load_cell(where: str) -> tuple[int, int]:
    """Row and column, from 0."""
    from openpyxl.utils.cell import column_index_from_string, coordinate_from_string

    letters, row = coordinate_from_string(where.partition("!")[2])
    return row - 1, column_index_from_string(letters) - 1
