"""``lrac-codec evaluate``: through the codec and its files to the measures."""

from __future__ import annotations

import base64
import io
import json
import re
import sys

import numpy as np
import pytest
import soundfile
import soxr
import torch

from reference_models.evaluation import metrics
from reference_models.nn.weights import load_codec
from tests.reference_models.cli.conftest import write_audio


@pytest.fixture
def sets(tmp_path):
    """A clean and a noisy folder with the same two names."""
    rng = np.random.default_rng(0)
    for i in range(2):
        for name in ("clean speech", "noisy"):
            (tmp_path / name).mkdir(exist_ok=True)
        path = write_audio(tmp_path / "clean speech" / f"u{i}.wav", 24_000 + 500 * i)
        clean = soundfile.read(path)[0]
        noisy = clean + 0.1 * rng.standard_normal(len(clean))
        soundfile.write(tmp_path / "noisy" / f"u{i}.wav", noisy, 24_000)
    return tmp_path / "clean speech", tmp_path / "noisy"


def test_pesq_in_every_format(run, tiny, sets, tmp_path):
    clean, noisy = sets
    out = tmp_path / "scores.json"
    found = run(
        "evaluate", "--weights", tiny.weights, "--clean", clean, clean,
        "--reverberant", noisy, noisy, "--noisy", noisy, clean,
        "--format", "table", "--format", "csv", "--format", f"json={out}",
    )  # fmt: skip
    assert (found.code, found.err) == (0, "")
    lines = [re.sub(r" \[.*", "", line) for line in found.out.splitlines()]
    rows = [line.split()[1:] for line in lines if line.startswith("tiny ")]
    conditions = ("clean", "noisy", "reverberant")
    assert [row[:3] for row in rows] == [[one, kbps, "2"] for one in conditions for kbps in "16"]
    assert all(1 <= float(row[3]) <= 4.65 for row in rows)
    header = "codec,condition,bitrate_kbps,files,pesq,pesq_low,pesq_high,pesq_difference"
    assert f"{header}\ntiny,clean,1.0,2," in found.out
    document = json.loads(out.read_text())
    assert [r["means"]["pesq"] for r in document["results"]] == pytest.approx(
        [float(row[3]) for row in rows], abs=0.005
    )
    # 24,000 and 24,500 samples are 100 and 103 frames of 240: 10 bits a layer, in whole bytes
    for result, layers in zip(document["results"], (1, 6) * 3, strict=True):
        bits = [one["bits"] for one in result["utterances"]]
        assert bits == [-(-frames * layers * 10 // 8) * 8 for frames in (100, 103)]


def test_what_is_scored_is_the_output_of_the_codec(run, tiny, sets, monkeypatch):
    """Against the codec's own offline pass, in 16 bits, resampled by soxr alone."""
    seen = []

    def score(decoded, reference):
        seen.append((decoded, reference))
        return 2.0

    monkeypatch.setitem(metrics.LOADERS, "pesq", lambda: score)
    clean, noisy = sets
    assert run("evaluate", "--weights", tiny.weights, "--noisy", noisy, clean).code == 0
    codec = load_codec(tiny.weights)
    order = [(layers, i) for layers in (1, 6) for i in range(2)]
    for (layers, i), (decoded, reference) in zip(order, seen, strict=True):
        audio = torch.from_numpy(soundfile.read(noisy / f"u{i}.wav", dtype="float32")[0])
        expected = codec.decode(codec.encode(audio[None, None], layers))[0, 0, : len(audio)]
        in_16_bits = np.rint(expected.numpy() * 32768) / 32768
        np.testing.assert_allclose(decoded, at_16_khz(in_16_bits), atol=1e-4)
        clean_speech = soundfile.read(clean / f"u{i}.wav")[0]
        np.testing.assert_allclose(reference, at_16_khz(clean_speech), atol=1e-6)
        assert len(decoded) == len(reference) == (16_000, 16_333)[i]


def at_16_khz(signal):
    return soxr.resample(signal.astype(np.float32), 24_000, 16_000, "HQ")


def test_utterances_without_a_score_are_named(run, tiny, sets, tmp_path):
    clean, _ = sets
    soundfile.write(clean / "u0.wav", np.zeros(24_000), 24_000)
    found = run("evaluate", "--weights", tiny.weights, "--clean", clean, clean)
    assert found.code == 0
    assert "warning: clean, 1 kbps, u0: no pesq: No utterances detected" in found.err
    assert len(found.err.splitlines()) == 2


def refused(result, *parts):
    assert result.code == 2 and result.out == "" and "Traceback" not in result.err
    assert all(part in result.err for part in parts), result.err


def test_bad_input(run, tiny, sets, tmp_path):
    clean, noisy = sets
    weights = ("--weights", tiny.weights)
    refused(run("evaluate", *weights), "conditions: given none", "--clean, --noisy")
    refused(run("evaluate", "--clean", clean, clean), "--weights: given nothing")
    refused(run("evaluate", *weights, "--clean", tmp_path / "none", clean), "No such file")
    (clean / "u1.wav").unlink()
    refused(run("evaluate", *weights, "--noisy", noisy, clean), "'u1': given no reference")
    (clean / "u1.wav").write_bytes(b"no audio")
    (noisy / "u0.wav").write_bytes(b"no audio")
    refused(run("evaluate", *weights, "--noisy", noisy, clean), "noisy/u0.wav", "speech/u1.wav")


def test_what_others_published_stands_beside(run, tiny, sets, tmp_path):
    clean, _ = sets
    scores = tmp_path / "the paper.csv"
    scores.write_text(
        "codec,condition,bitrate_kbps,files,utmos,pesq\r\n"
        "the paper,clean,6,,3.25,2.5\r\n"
        "the paper,noisy,6,,,1.5\r\n"
        "another,clean,6.0,,,\r\n"
    )
    words = ("--weights", tiny.weights, "--clean", clean, clean, "--published", scores)
    out = tmp_path / "scores.json"
    found = run("evaluate", *words, "--format", "table", "--format", f"json={out}")
    assert (found.code, found.err) == (0, "")
    rows = [line.split("  ") for line in found.out.splitlines()[2:6]]
    rows = [[cell.strip() for cell in row if cell] for row in rows]
    assert [row[:3] for row in rows] == [
        ["tiny", "clean", "1"],
        ["tiny", "clean", "6"],
        ["the paper", "clean", "6"],
        ["another", "clean", "6"],
    ]
    assert rows[2][-1].startswith("2.50 (") and rows[3][-1] == "-"
    document = json.loads(out.read_text())
    more = document["results"][1]["means"]["pesq"] - 2.5
    assert document["published"] == [
        {
            "codec": "the paper",
            "condition": "clean",
            "bitrate_kbps": 6,
            "scores": {"utmos": 3.25, "pesq": 2.5},
            "differences": {"pesq": pytest.approx(more)},
        },
        {
            "codec": "another",
            "condition": "clean",
            "bitrate_kbps": 6,
            "scores": {},
            "differences": {},
        },
    ]
    own = tmp_path / "own.csv"
    assert run("evaluate", *words[:-2], "--format", f"csv={own}").code == 0
    again = run("evaluate", *words[:-1], own, "--format", "csv")
    scored = [line.split(",") for line in again.out.splitlines()[1:]]
    assert [row[3] for row in scored] == ["2", "", "2", ""]
    assert scored[0][4] == scored[1][4] and scored[2][4] == scored[3][4]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ("header: given no header", "codec, condition, bitrate_kbps")),
        ("codec,condition,bitrate_kbps\na,clean,6\n", ("header: given none", "utmos, pesq")),
        ("codec,condition,bitrate_kbps,pesq\n", ("given no rows; allowed: at least one",)),
        (
            "codec,condition,bitrate_kbps,pesq\na,clean,six,2\nb,noisy,6,inf\n",
            ("line 2, bitrate_kbps: given 'six'", "line 3, pesq: given 'inf'; allowed: a finite"),
        ),
    ],
)
def test_published_scores_that_are_none(run, tiny, sets, tmp_path, text, parts):
    (tmp_path / "scores.csv").write_text(text)
    words = ("--clean", *sets, "--published", tmp_path / "scores.csv")
    refused(run("evaluate", "--weights", tiny.weights, *words), *parts)


def test_half_a_codec(run, tiny, sets, tmp_path):
    run("absorb", tiny.weights, tmp_path / "half")
    half = tmp_path / "half.transmit.safetensors"
    refused(run("evaluate", "--weights", half, "--clean", *sets), "absorbed-transmit")


def test_a_measure_that_is_not_there(run, tiny, sets, monkeypatch):
    for package in ("scoreq", "torchaudio"):
        monkeypatch.setitem(sys.modules, package, None)
    arguments = ("--weights", tiny.weights, "--clean", *sets, "--metric")
    found = run("evaluate", *arguments, "scoreq_ref", "--metric", "utmos", "--metric", "pesq")
    refused(found, "pip install scoreq", "pip install torchaudio")
    assert "pesq" not in found.err


def test_an_earlier_evaluation_is_compared_on_the_same_utterances(run, tiny, sets, tmp_path):
    clean, noisy = sets
    earlier, later = tmp_path / "earlier.json", tmp_path / "later.json"
    speech = ("--weights", tiny.weights, "--clean")
    assert run("evaluate", *speech, noisy, clean, "--format", f"json={earlier}").code == 0
    words = (*speech, clean, clean, "--against", earlier)
    found = run("evaluate", *words, "--format", "table", "--format", f"json={later}")
    assert (found.code, found.err) == (0, "")
    assert "tiny minus tiny, on the same utterances" in found.out
    mine, other = (json.loads(path.read_text())["results"] for path in (later, earlier))
    compared = json.loads(later.read_text())["against"]["compared"]
    assert [(one["bitrate_kbps"], one["utterances"]) for one in compared] == [(1, 2), (6, 2)]
    for one, first, second in zip(compared, mine, other, strict=True):
        expected = first["means"]["pesq"] - second["means"]["pesq"]
        assert one["mean_difference"] == pytest.approx(expected)
    refused(run("evaluate", *speech, clean, clean, "--against", clean / "u0.wav"), "u0.wav")


def test_a_page_lets_hear_and_see_utterances(run, tiny, sets, tmp_path):
    """The players hold the reference, and what `encode` and `decode` make, in 16 bits."""
    clean, noisy = sets
    page = tmp_path / "scores.html"
    words = ("--weights", tiny.weights, "--noisy", noisy, clean, "--format", f"html={page}")
    assert run("evaluate", *words).code == 0
    text = page.read_text()
    players = re.findall(r'<audio[^>]*aria-label="([^"]*)"[^>]*base64,([^"]*)"', text)
    assert [name for name, _ in players] == ["reference", "1 kbps", "6 kbps"] * 2
    assert text.count("<svg") == 2 and "media-src data:" in text
    heard = [soundfile.read(io.BytesIO(base64.b64decode(wav)))[0] for _, wav in players[:3]]
    np.testing.assert_allclose(heard[0], soundfile.read(clean / "u0.wav")[0], atol=1e-4)
    coded, decoded = tmp_path / "u0.lrac", tmp_path / "u0.wav"
    weights = ("--weights", tiny.weights)
    assert run("encode", noisy / "u0.wav", coded, *weights, "--bitrate", 1).code == 0
    assert run("decode", coded, decoded, *weights).code == 0
    np.testing.assert_array_equal(heard[1], soundfile.read(decoded)[0])


@pytest.mark.sweep  # two processes import torch
def test_processes_score_as_one_does(run, tiny, sets, tmp_path):
    clean, noisy = sets
    found = []
    for jobs in (1, 2):
        out = tmp_path / f"{jobs}.json"
        words = ("--weights", tiny.weights, "--noisy", noisy, clean, "--jobs", jobs)
        assert run("evaluate", *words, "--format", f"json={out}").code == 0
        found.append(json.loads(out.read_text()))
    assert found[0] == found[1]


VERSA = {"key": "u0", "pesq": 2.0, "utmos": 3.5, "audiobox_aesthetics_CE": 5.0, "mcd": 1.0}


@pytest.mark.parametrize("written", [json.dumps, str])
def test_results_of_versa_stand_beside_the_paper(run, tmp_path, written):
    lines = [written(VERSA), written(VERSA | {"key": "u1", "pesq": 3.0})]
    path = tmp_path / "scores of versa.txt"
    path.write_text("\n".join(lines))
    given = ("--design", "track1", "--versa-result", f"clean@6={path}", "--metric", "all")
    found = run("evaluate", *given)
    assert (found.code, found.err) == (0, "")
    mine, paper = (line.split("  ") for line in found.out.splitlines()[2:4])
    assert [cell.strip() for cell in mine if cell][1:] == [
        "clean", "6", "2", "5.00 [5.00, 5.00]", "3.50 [3.50, 3.50]", "2.50 [2.00, 3.00]",
    ]  # fmt: skip
    # Table 4, clean speech at 6 kbps: 5.28, 3.23 and 2.67
    assert [cell.strip() for cell in paper if cell][1:] == [
        "clean", "6", "5.28 (-0.28)", "3.23 (+0.27)", "2.67 (-0.17)",
    ]  # fmt: skip
    assert "LRAC 2025 paper" not in run("evaluate", *given, "--published", "none").out


def test_bad_results_of_versa(run, tmp_path):
    path = tmp_path / "scores.jsonl"
    words = ("evaluate", "--design", "track1", "--versa-result")
    refused(run(*words, f"clean={path}"), "--versa-result", "CONDITION@KBPS=FILE")
    path.write_text('{"key": "a", "pesq": 1.5}\nnothing\n')
    refused(run(*words, f"clean@6={path}"), "scores.jsonl:2", "'nothing'")
    path.write_text('{"key": "a", "pesq": "high"}\n')
    refused(run(*words, f"clean@6={path}"), "scores.jsonl:1", "pesq: given 'high'")
    path.write_text('{"key": "a", "utmos": 3.5}\n')
    refused(run(*words, f"clean@6={path}"), "--metric: given pesq", "utmos")
    refused(run("evaluate", "--versa-result", f"clean@6={path}"), "--design: given nothing")
