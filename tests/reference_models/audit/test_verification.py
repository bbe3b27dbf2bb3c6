"""``--verify``: a design's figures held to every witness, and a wrong one found out."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from lrac_audit import audit
from lrac_audit.design.native import read_design
from lrac_audit.ledger.agreement import Agreement, Finding, compared
from lrac_audit.ledger.row import Kind, Ledger
from lrac_audit.witness import latency
from lrac_audit.witness.latency import Attribution
from reference_models.audit.verification import verify_design
from tests.conftest import ROOT, Result
from tests.disagreement import disagreeing
from tests.lrac_audit.design.test_native import parsed
from tests.reference_models.audit.small_design import SMALL
from tests.terminal import run_on_terminal

Run = Callable[..., Result]
LATENCY_SAMPLES = {"track1": 720, "track2": 1200}
SMALL_LATENCY_SAMPLES = 4 + 2 + 1
"""A hop is waited for, then what the encoder's layers look ahead; the decoder's look back only."""


@pytest.mark.parametrize(
    ("track", "rvq"),
    [
        ("track1", "projected"),
        ("track2", "absorbed"),
        pytest.param("track1", "absorbed", marks=pytest.mark.sweep),
        pytest.param("track2", "projected", marks=pytest.mark.sweep),
    ],
)
def test_all_witnesses_agree_on_the_baselines(run: Run, track: str, rvq: str) -> None:
    found = run("audit", track, "--verify", "--rvq", rvq, "-f", "json")
    assert (found.code, found.err) == (0, "")
    document = json.loads(found.out)
    witnesses = document["witnesses"]
    assert witnesses["agree"]
    assert all(finding["agrees"] for finding in witnesses["findings"])
    by_witness = {finding["witness"] for finding in witnesses["findings"]}
    delays = {"dependency", "perturbation", "streaming run"}
    if rvq == "absorbed" and find_spec("onnx") is not None:
        delays.add("exported graph")
    assert by_witness == {"operator trace", "fvcore", *delays}
    counted = {row["name"] + row["side"] for row in document["layers"] if row["macs_per_frame"]}
    scopes = [(f["witness"], f["scope"]) for f in witnesses["findings"]]
    assert scopes.count(("operator trace", "row")) == len(counted)
    # encoder, decoder, and of each of six layers a projection, a search, a projection on each side
    assert scopes.count(("fvcore", "module")) == 2 + 6 * (2 if rvq == "absorbed" else 4)
    totals = [
        finding["found"]
        for finding in witnesses["findings"]
        if (finding["quantity"], finding["scope"]) == ("delay_samples", "codec")
    ]
    assert totals == [LATENCY_SAMPLES[track]] * len(delays)  # both bounds, the stream, the graphs
    assert document["latency"]["lower_total_samples"] == LATENCY_SAMPLES[track]
    assert document["latency"]["proved"]


BLOCKS = read_design(parsed(), "blocks.yaml")
"""Few layers in blocks, with a delay of three times 2 samples: the hop; the look-ahead of the
residual unit, one tap of dilation 2; and half of the 4 samples by which the kernel of the
transposed convolution exceeds its stride, which are trimmed on the left."""


def wrong_ledger(change: Callable[[Ledger], Ledger]) -> Agreement:
    return verify_design(BLOCKS, change(audit(BLOCKS).ledger))


def test_every_witness_finds_its_mistake() -> None:
    def change(ledger: Ledger) -> Ledger:
        rows = list(ledger.rows)
        at = next(i for i, row in enumerate(rows) if row.name == "encoder.input")
        row = rows[at]
        rows[at] = row._replace(
            work={**row.work, Kind.CONV: row.work[Kind.CONV] + 1},
            delay_samples=1,
            state_values=(row.state_values or 0) + 1,
            held_values=1,
        )
        return replace(ledger, rows=tuple(rows))

    doubts = wrong_ledger(change).doubts
    for words in (
        "operator trace: macs_per_frame of encoder.input (transmit)",
        "operator trace: macs_per_frame of encoder is",
        "fvcore: macs_per_frame of encoder (transmit)",
        "fvcore: macs_per_frame of encoder is",
        "dependency: delay_samples of encoder.input (transmit) is none, the ledger says 1",
        "dependency: delay_samples of transmit side is 2, the ledger says 3",
        "dependency: delay_samples of total is 6, the ledger says 7",
        "streaming run: delay_samples of first response is 6, the ledger says 7",
        "streaming run: state_values of transmit side",
        "streaming run: state_values of transmit skip paths",
    ):
        assert any(doubt.startswith(words) for doubt in doubts), words


def test_what_only_the_witness_saw_does_not_agree() -> None:
    found = list(compared("fvcore", "stage", "macs_per_frame", {"a": 1, "b": 2}, {"a": 1, "c": 3}))
    assert [(f.name, f.expected, f.found) for f in found] == [
        ("a", 1, 1),
        ("b", 2, None),
        ("c", None, 3),
    ]
    assert [f.agrees for f in found] == [True, False, False]


def with_lower_bound(monkeypatch: pytest.MonkeyPatch, lower_samples: int | None) -> None:
    measure = latency.measure

    def changed(*arguments: Any, **options: Any) -> latency.MeasuredLatency:
        found = measure(*arguments, **options)
        return replace(found, lower_total_samples=lower_samples, parting="the decoder")

    monkeypatch.setattr(latency, "measure", changed)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL)
    return path


@pytest.mark.parametrize("lower_samples", [None, SMALL_LATENCY_SAMPLES - 1])
def test_an_effect_that_is_not_shown_is_said_and_no_doubt(
    monkeypatch: pytest.MonkeyPatch, lower_samples: int | None, small: Path
) -> None:
    with_lower_bound(monkeypatch, lower_samples)
    found = audit(small, verify=True)
    assert found.verdict.doubts == ()
    delay = found.document()["latency"]
    assert (delay["lower_total_samples"], delay["proved"]) == (lower_samples, False)
    assert delay["total_samples"] == SMALL_LATENCY_SAMPLES
    [finding] = disagreeing(found.agreement) if found.agreement else []
    assert "the effect was lost in the decoder" in finding.explanation


def test_an_effect_from_beyond_the_dependency_is_a_doubt(
    monkeypatch: pytest.MonkeyPatch, small: Path
) -> None:
    with_lower_bound(monkeypatch, SMALL_LATENCY_SAMPLES + 1)
    [doubt] = audit(small, verify=True).verdict.doubts
    assert "perturbation: delay_samples of total is 8, the ledger says 7" in doubt


def test_delays_of_modules_in_one_row_add_up(monkeypatch: pytest.MonkeyPatch, small: Path) -> None:
    measure = latency.measure

    def in_halves(*arguments: Any, **options: Any) -> latency.MeasuredLatency:
        found = measure(*arguments, **options)
        halves = tuple(
            half
            for module, added in found.transmit.attribution
            for half in (
                Attribution(f"{module}.first", 1),
                Attribution(f"{module}.second", added - 1),
            )
        )
        assert halves
        return replace(found, transmit=replace(found.transmit, attribution=halves))

    monkeypatch.setattr(latency, "measure", in_halves)
    assert audit(small, verify=True).verdict.doubts == ()


@pytest.mark.parametrize(("before", "after"), [(1, 1), (3, 0)])
def test_all_witnesses_agree_on_designs_with_recurrent_layers(before: int, after: int) -> None:
    """The cells of such a layer, which fvcore names, are parts of its row."""
    encoder = replace(BLOCKS.encoder, lstm_layers=before)
    decoder = replace(BLOCKS.decoder, lstm_layers=after)
    found = audit(replace(BLOCKS, encoder=encoder, decoder=decoder), verify=True)
    assert found.verdict.doubts == ()


def test_progress_is_told(small: Path) -> None:
    said: list[str] = []
    audit(small, verify=True, progress=said.append)
    witnesses = ["building the model", "tracing operators", "asking fvcore"]
    witnesses += ["measuring latency", "running a stream"]
    assert [words for words in said if words in witnesses] == witnesses
    assert "counting the operations of 12 hops" in said
    assert "tracing what each output sample depends on" in said


@pytest.mark.sweep  # it waits for a bar to be drawn
@pytest.mark.parametrize("command", ["audit", "check"])
def test_progress_is_shown_on_a_terminal_only(run: Run, command: str) -> None:
    tiny = "python:tests.lrac_audit.witness.targets.toys:tiny"
    found = run(command, tiny, "-f", "csv")
    assert found.err == ""
    program = [sys.executable, "-m", "lrac_audit", command, tiny, "-f", "csv"]
    seen = run_on_terminal(program, pipe_output=True, folder=ROOT)
    assert "asking fvcore" in seen.terminal
    assert (seen.code, seen.piped) == (found.code, found.out)  # data goes to standard output


def contrary(*_arguments: object) -> Agreement:
    return Agreement((Finding("fvcore", "stage", "encoder", "macs_per_frame", 3, 4),))


@pytest.mark.parametrize("command", ["audit", "check"])
def test_a_disagreement_is_exit_code_3(
    run: Run, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reference_models.audit.verification.verify_design", contrary)
    found = run(command, "track1", "--verify")
    assert found.code == 3
    assert "incomplete" in found.out
    assert "encoder" in found.out
    for format_name in ("json", "csv", "markdown"):
        assert run(command, "track1", "--verify", "-f", format_name).code == 3


def test_a_disagreement_that_is_explained_is_no_doubt() -> None:
    finding = Finding("fvcore", "stage", "encoder", "macs_per_frame", 3, 4, "it knows no fft")
    agreement = Agreement((finding,))
    assert disagreeing(agreement) == [finding]
    assert agreement.doubts == ()


def test_without_verify_nothing_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reference_models.audit.verification.verify_design", contrary)
    assert audit("track1").agreement is None
    assert audit("track1").document()["witnesses"] is None
