"""Codecs of users through the same totals, verdict and renderers as designs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

from lrac_audit import audit
from tests.conftest import Result
from tests.lrac_audit.witness.targets import toys
from tests.sweeps import thinned

TOYS = "python:tests.lrac_audit.witness.targets.toys"
Run = Callable[..., Result]
FRAMES_PER_S = toys.RATE_HZ / toys.HOP


def test_the_figures_of_a_codec_counted_by_hand() -> None:
    document = audit(toys.tiny()).document()
    macs = {part: figures["macs_per_frame"] for part, figures in document["complexity"].items()}
    assert macs == {
        "encoder": 32,  # 1 * 4 * 8 taps
        "rvq_transmit": 32,  # 8 codewords of width 4
        "rvq_receive": 0,
        "decoder": 32,  # 4 * 1 * 8 taps
        "transmit": 64,
        "receive": 32,
        "overall": 96,
    }
    assert document["complexity"]["overall"]["macs_per_s"] == 96 * FRAMES_PER_S
    assert document["complexity"]["overall"]["mflops"] == 2 * 96 * FRAMES_PER_S / 1e6
    assert document["latency"]["total_samples"] == toys.HOP
    assert document["mode"] == {
        "rvq": None,
        "active_layers": None,
        "bitrate_kbps": 12,
        "information_bits_per_frame": None,  # which the codes of a measured codec do not tell
        "packed_bits_per_frame": None,
    }


@pytest.mark.parametrize("look_ahead", [1, 3, 4])
def test_look_ahead_is_in_the_total_and_on_its_layer(look_ahead: int) -> None:
    found = audit(f"{TOYS}:tiny", arguments={"look_ahead": look_ahead})
    document = found.document()
    assert document["latency"]["total_samples"] == toys.HOP + look_ahead
    delays = {row["name"]: row["delay_samples"] for row in document["layers"]}
    assert sum(delays.values()) == look_ahead


def test_state_is_not_measured(run: Run) -> None:
    document = json.loads(run("audit", f"{TOYS}:tiny", "-f", "json").out)
    assert document["memory"]["transmit"]["state_values"] is None
    assert document["memory"]["transmit"]["state_bytes"] is None
    assert document["memory"]["undivided"] is None
    assert re.search(
        r"streaming state +not measured +not measured", run("audit", f"{TOYS}:tiny").out
    )


def test_parameters_are_by_row() -> None:
    stored = audit(toys.tiny()).document()["memory"]
    # encoder: 4 * 8 weights and 4 biases; codebook: 8 * 4; decoder: 4 * 8 weights and 1 bias
    assert sum(stored["transmit"]["stored_values"].values()) == 36 + 32
    assert sum(stored["receive"]["stored_values"].values()) == 33 + 32


def test_a_module_is_audited_whole(run: Run) -> None:
    found = run("audit", f"{TOYS}:whole", "-f", "json")
    document = json.loads(found.out)
    assert document["complexity"]["overall"]["macs_per_frame"] == 64
    assert document["complexity"]["transmit"] is None
    assert document["complexity"]["receive"] is None
    assert document["latency"]["total_samples"] == toys.HOP
    assert document["latency"]["transmit"]["algorithmic_ms"] is None
    assert document["memory"]["transmit"] is None
    checks = {check["id"]: check for check in document["limits"]["checks"]}
    assert checks["receive_mflops"] == {
        "id": "receive_mflops",
        "limit": 300,
        "value": None,
        "margin": None,
        "status": "incomplete",
        "unit": "MFLOPS",
        "at_least": None,
    }
    assert checks["bitrates_kbps"]["status"] == "incomplete"
    text = run("audit", f"{TOYS}:whole").out
    assert "The codec was measured whole" in text
    assert "transmit side" not in text


@pytest.mark.parametrize("format_name", thinned(["table", "csv", "json", "markdown"], 4))
@pytest.mark.parametrize("factory", ["tiny", "whole", "noisy"])
def test_every_format_takes_a_measured_codec(run: Run, format_name: str, factory: str) -> None:
    found = run("audit", f"{TOYS}:{factory}", "-f", format_name, "-v", "--per-frame")
    assert (found.code, found.err) == (0, "")
    assert found.out


@pytest.mark.parametrize(
    "format_name", thinned(["table", "json", "junit", "csv", "github", "markdown"], 2)
)
def test_the_gate_takes_a_measured_codec_in_every_format(run: Run, format_name: str) -> None:
    found = run("check", "track1", f"{TOYS}:tiny", "--arg", "look_ahead=2", "-f", format_name)
    assert found.code == 1  # 16 kHz is not 24 kHz
    assert found.out


def limits_file(folder, **limits):
    path = folder / "limits.yaml"
    lines = [f"{name}: {value}" for name, value in limits.items()]
    path.write_text("\n".join(["name: mine", "convention: lrac-2025", *lines]))
    return path


def test_the_gate_passes_what_is_within_the_limits(run: Run, tmp_path) -> None:
    # 96 MACs in each of 4000 frames a second: 0.768 MFLOPS, 0.256 of it to receive; 4 samples
    limits = limits_file(
        tmp_path, overall_mflops=0.768, receive_mflops=0.256, total_latency_ms=0.25
    )
    found = run("check", f"{TOYS}:tiny", "--limits", limits)
    assert found.code == 0, found.out
    tight = limits_file(tmp_path, total_latency_ms=0.24)
    assert run("check", f"{TOYS}:tiny", "--limits", tight).code == 1


def test_an_undivided_codec_never_passes_a_limit_of_one_side(run: Run, tmp_path) -> None:
    assert (
        run("check", f"{TOYS}:whole", "--limits", limits_file(tmp_path, overall_mflops=1)).code == 0
    )
    limits = limits_file(tmp_path, receive_mflops=1)
    assert run("check", f"{TOYS}:whole", "--limits", limits).code == 3


def test_random_output_is_said(run: Run) -> None:
    found = json.loads(run("audit", f"{TOYS}:noisy", "-f", "json").out)
    assert found["latency"]["total_samples"] == toys.HOP
    assert any("random numbers are drawn" in line for line in found["witnesses"]["remarks"])


@pytest.mark.parametrize(
    ("factory", "said"),
    [("float_only", "only float32"), ("one_at_a_time", "")],
)
def test_models_that_refuse_something_are_measured_all_the_same(
    run: Run, factory: str, said: str
) -> None:
    found = run("audit", f"{TOYS}:{factory}", "-f", "json")
    assert (found.code, found.err) == (0, "")
    document = json.loads(found.out)
    assert document["complexity"]["overall"]["macs_per_frame"] == 64
    assert document["latency"]["total_samples"] == toys.HOP
    assert said in " ".join(document["witnesses"]["remarks"])


def test_a_model_that_refuses_short_clips_is_measured_on_long_ones(run: Run) -> None:
    found = json.loads(run("audit", f"{TOYS}:long_only", "-f", "json").out)
    assert found["latency"]["total_samples"] == toys.HOP


def test_a_model_whose_latency_cannot_be_measured_is_incomplete(
    run: Run, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_arguments: object, **_options: object) -> None:
        raise ValueError("too short")

    monkeypatch.setattr("lrac_audit.witness.latency.measure", fails)
    limits = limits_file(tmp_path, overall_mflops=1, total_latency_ms=1)
    found = run("check", f"{TOYS}:whole", "--limits", limits)
    assert found.code == 3
    assert "its latency could not be measured: ValueError: too short" in " ".join(found.out.split())
    assert "Traceback" not in found.err
