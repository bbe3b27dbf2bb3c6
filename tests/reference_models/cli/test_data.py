"""``lrac-codec data`` from folders to the lists that training takes."""

from __future__ import annotations

import csv
import hashlib
import json
import sys

import numpy as np
import pytest
import soundfile

from reference_models.data.manifest import load_manifest
from tests.reference_models.cli.conftest import write_audio
from tests.synthetic_noise import noise

SUBCOMMANDS = (
    *("manifest", "measure", "select", "classes", "balance"),
    *("curate", "split", "hold-out", "table"),
)


@pytest.fixture
def recordings(tmp_path):
    """Four speakers with three recordings of 3 s each, and one of 2.9 s that is too short."""
    folder = tmp_path / "my recordings"
    for speaker in ("anna", "bob", "carl", "dora"):
        (folder / speaker).mkdir(parents=True)
        for i in range(3):
            write_audio(folder / speaker / f"talk {i}.wav", 3 * 8000, rate=8000)
    write_audio(folder / "dora" / "short.wav", 23_200, rate=8000)
    return folder


def ok(result, *parts):
    assert (result.code, result.err) == (0, "")
    assert all(part in result.out for part in parts), result.out


def refused(result, *parts):
    assert result.code == 2 and result.out == "" and "Traceback" not in result.err
    assert all(part in result.err for part in parts), result.err


def test_from_a_folder_to_two_lists_and_a_table(run, recordings, tmp_path):
    every, kept, train, valid = (tmp_path / f"{n} list.csv" for n in ("all", "kept", "tr", "va"))
    ok(run("data", "manifest", recordings, "-o", every), "13 files, 0.01 h")
    ok(run("data", "curate", every, "-o", kept), "12 files, 0.01 h, of 13 files")
    arguments = ("--utterances", 4, "--train", train, "--validation", valid)
    ok(run("data", "split", kept, *arguments), "tr list.csv: 6 files", "va list.csv: 6 files")
    speakers = [{e.speaker for e in load_manifest(path).entries} for path in (train, valid)]
    assert not speakers[0] & speakers[1]
    assert all(e.path.is_file() for e in load_manifest(train).entries)
    found = run("data", "table", "--dataset", "mine", every, kept, "-f", "json")
    ok(found)
    # 36 s of 38.9 s
    assert json.loads(found.out)["datasets"][0]["retention"] == pytest.approx(36 / 38.9)
    csv_path = tmp_path / "t.csv"
    ok(
        run(
            "data",
            "table",
            "--dataset",
            "mine",
            every,
            kept,
            "-f",
            "table",
            "-f",
            f"csv={csv_path}",
        )
    )
    rows = csv.reader(csv_path.read_text().splitlines())
    assert [row[0] for row in rows] == ["dataset", "mine", "total"]


def test_curated_lists_and_held_out_noise(run, recordings, tmp_path):
    every, kept = tmp_path / "all.csv", tmp_path / "kept.csv"
    run("data", "manifest", recordings, "-o", every)
    (tmp_path / "list.csv").write_text("uid,filename\nanna/talk 0,x\nbob/talk 1,y\n")
    ok(
        run("data", "curate", every, "--list", tmp_path / "list.csv", "-o", kept),
        "kept.csv: 2 files",
    )
    (tmp_path / "names.txt").write_text("anna/talk\nshort short.wav\n")
    parts = ("--train", tmp_path / "t.csv", "--validation", tmp_path / "v.csv")
    held_out = ("data", "hold-out", every, "--list", tmp_path / "names.txt", *parts)
    ok(run(*held_out), "t.csv: 12 files", "v.csv: 1 files")
    ok(run(*held_out, "--keep-in-training"), "t.csv: 13 files", "v.csv: 1 files")
    (tmp_path / "names.txt").write_text("wrong\n")
    refused(run(*held_out), "names.txt: given names of which none is in ", "such as 'wrong'")


def test_kaldi_lists_with_a_rate_and_genders(run, recordings, tmp_path):
    paths = sorted(recordings.rglob("talk*.wav"))
    lines = [f"u{i} 8000 {path}\r\n" for i, path in enumerate(paths)]
    (tmp_path / "wav.scp").write_text("".join(lines), newline="")
    speakers = [f"u{i} {path.parent.name}\n" for i, path in enumerate(paths)]
    (tmp_path / "utt2spk").write_text("".join(speakers))
    (tmp_path / "s2g").write_text("anna f\nbob m\ncarl m\ndora f\n")
    every = tmp_path / "all.csv"
    ok(run("data", "manifest", tmp_path / "wav.scp", "-o", every), "12 files")
    parts = ("--train", tmp_path / "t.csv", "--validation", tmp_path / "v.csv")
    ok(run("data", "split", every, "--spk2gender", tmp_path / "s2g", "--utterances", 6, *parts))
    chosen = {entry.speaker for entry in load_manifest(tmp_path / "v.csv").entries}
    assert len(chosen & {"anna", "dora"}) == len(chosen & {"bob", "carl"}) == 1


def test_damaged_files_are_named_and_beyond_the_share_refused(run, recordings, tmp_path):
    (recordings / "anna" / "talk 0.wav").write_bytes(b"no audio")
    out = tmp_path / "all.csv"
    found = run("data", "manifest", recordings, "-o", out, "--max-skipped", 0.1)
    assert found.code == 0 and "12 files" in found.out
    assert "warning: 1 files skipped:\n" in found.err and "anna/talk 0.wav: given" in found.err
    out.unlink()
    refused(run("data", "manifest", recordings, "-o", out), "at most 0 of them", "talk 0.wav")
    assert not out.exists()


def test_responses_of_zeros_are_refused(run, tmp_path):
    (tmp_path / "rirs").mkdir()
    for name, peak in (("good", 1.0), ("bad", 0.0)):
        soundfile.write(tmp_path / "rirs" / f"{name}.wav", np.array([0, peak, 0]), 24_000)
    arguments = ("data", "manifest", tmp_path / "rirs", "-o", tmp_path / "r.csv")
    ok(run(*arguments))
    (tmp_path / "r.csv").unlink()
    refused(run(*arguments, "--responses"), "bad.wav, channel 1", "response of zeros")
    assert not (tmp_path / "r.csv").exists()


def test_bad_input_is_one_message(run, recordings, tmp_path):
    out = tmp_path / "out.csv"
    empty = tmp_path / "empty.csv"
    empty.write_text("uid,path,speaker,duration_s,sample_rate_hz\n")
    (tmp_path / "nothing").mkdir()
    refused(run("data", "manifest", tmp_path / "nothing", "-o", out), "nothing to list")
    refused(run("data", "manifest", tmp_path / "none", "-o", out), "No such file")
    refused(run("data", "manifest", recordings, "-o", tmp_path / "no" / "such"), "No such file")
    refused(run("data", "curate", empty, "-o", out), "empty.csv: given no entries")
    refused(run("data", "table", "--dataset", "x", empty, empty), "no entries")
    refused(run("data", "table", "--dataset", "x", empty, empty, "-f", "xml"), "--format")
    assert not out.exists()


def test_no_list_is_written_over_another(run, recordings, tmp_path):
    every = tmp_path / "all.csv"
    run("data", "manifest", recordings, "-o", every)
    before = every.read_bytes()
    same, other = tmp_path / "." / "all.csv", tmp_path / "other.csv"
    refused(run("data", "manifest", every, "-o", same), "another file than the input")
    refused(run("data", "curate", every, "-o", same), "another file than the input")
    for train, valid in ((same, other), (other, same)):
        parts = ("--train", train, "--validation", valid)
        refused(run("data", "split", every, *parts), "another file than the input")
    parts = ("--train", other, "--validation", other)
    refused(run("data", "split", every, *parts), "other.csv: given one file for two outputs")
    refused(run("data", "hold-out", every, "--list", every, *parts), "for two outputs")
    assert every.read_bytes() == before and not other.exists()


@pytest.mark.parametrize("command", SUBCOMMANDS)
def test_help_has_examples(run, command):
    result = run("data", command, "--help")
    assert result.code == 0 and f"  lrac-codec data {command} " in result.out


def test_measures_of_a_manifest(run, recordings, tmp_path, monkeypatch):
    every, table = tmp_path / "all.csv", tmp_path / "t.csv"
    run("data", "manifest", recordings, "-o", every)
    (recordings / "anna" / "talk 0.wav").write_bytes(b"no audio")
    found = run("data", "measure", every, "--table", table, "--jobs", 1)
    assert (found.code, found.out) == (0, f"{table}: 13 files\n")
    assert found.err.startswith("warning: 1 files could not be measured:\n  ")
    assert "talk 0.wav: given" in found.err
    rows = list(csv.DictReader(table.read_text().splitlines()))
    assert [bool(row["level_dbfs"]) for row in rows] == [False] + 12 * [True]
    refused(run("data", "measure", every, "--table", every), "another file than the input")
    refused(run("data", "measure", every, "--table", tmp_path / "t.txt"), "the suffix '.txt'")
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "pyarrow", None)
        found = run("data", "measure", every, "--table", tmp_path / "t.parquet")
        refused(found, "needs the package pyarrow", ".[cluster]")
        assert not list(tmp_path.glob(".t.parquet*"))
    both = ("--jobs", 2, "--scheduler", "tcp://x")
    refused(run("data", "measure", every, "--table", table, *both), "--jobs: given 2 and")


def test_files_that_are_not_those_of_their_checksums_are_named(run, tmp_path):
    """Two of three files have a sample changed by one step; one of those has no checksum."""
    lines = []
    for i in range(3):
        path = write_audio(tmp_path / f"{i}.wav", 8000, rate=8000)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        line = {"id": str(i), "dataset": "d", "media_kind": "speech", "audio_path": path.name}
        line |= {"sample_rate_hz": 8000, "channels": 1, "frame_count": 8000}
        lines.append(line | ({"checksum": f"sha256:{digest}"} if i else {}))
    (tmp_path / "e.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    every, table = tmp_path / "all.csv", tmp_path / "t.csv"
    ok(run("data", "manifest", tmp_path / "e.jsonl", "-o", every))
    for name in ("0.wav", "2.wav"):
        content = bytearray((tmp_path / name).read_bytes())
        content[-2] ^= 1
        (tmp_path / name).write_bytes(content)
    measure = ("data", "measure", every, "--table", table, "--jobs", 1)
    found = run(*measure, "--verify-checksums")
    assert (found.code, found.out) == (0, f"{table}: 3 files\n")
    assert found.err.startswith("warning: 1 files could not be measured:\n  ")
    assert "2.wav: checksum: given sha256:" in found.err and digest in found.err
    table.unlink()
    ok(run(*measure))


def test_selection_by_measures(run, recordings, tmp_path):
    """Noise is no speech: it has no pauses, so its ratio is below every default."""
    every, table, kept = (tmp_path / f"{name}.csv" for name in ("all", "t", "kept"))
    run("data", "manifest", recordings, "-o", every)
    run("data", "measure", every, "--table", table, "--jobs", 1)
    selecting = ("data", "select", every, "--table", table)
    refused(run(*selecting, "-o", kept), "13 for `snr_db >= 20`")
    loose = ("--min", "snr_db=none", "--min", "bandwidth_hz=none", "--min", "active_share=none")
    why = tmp_path / "why.csv"
    strata = ("--max-speaker-minutes", 0.1, "--reasons", why, "--format", "json")
    found = run(*selecting, "-o", kept, *loose, *strata)
    ok(found)
    assert json.loads(found.out)["reasons"][0]["files"] == 8 == len(load_manifest(kept).entries)
    reasons = list(csv.DictReader(why.read_text().splitlines()))
    assert [row["reasons"] for row in reasons].count("enough of the speaker") == 5
    ok(run(*selecting, "--fit-to", every), "100.0%", "--min snr_db=none")
    refused(run(*selecting), "--output and --fit-to: given neither")
    refused(run(*selecting, "-o", kept, "--fit-to", every), "given both")
    refused(run(*selecting, "-o", table, *loose), "another file than the input")


def test_classes_of_noise_and_their_balance(run, clap, tmp_path):
    """Five hums, two noises of wind and a damaged file, of which two of a class are kept."""
    (tmp_path / "noise").mkdir()
    for number, name in enumerate([*5 * ["electric_noise"], *2 * ["wind"]]):
        samples = noise(name, 200 + number, 2, 16_000)
        soundfile.write(tmp_path / "noise" / f"{number}.wav", samples, 16_000)
    soundfile.write(tmp_path / "noise" / "bad.wav", samples, 16_000)
    every, table, kept = (tmp_path / f"{name}.csv" for name in ("all", "classes", "kept"))
    run("data", "manifest", tmp_path / "noise", "-o", every)
    (tmp_path / "noise" / "bad.wav").write_bytes(b"no audio")
    classifying = ("data", "classes", every, "--table", table, "--jobs", 1, "--model")
    found = run(*classifying, clap)
    assert (found.code, found.out) == (0, f"{table}: 8 files\n")
    assert found.err.startswith("warning: 1 files could not be classified:\n  ")
    rows = list(csv.DictReader(table.read_text().splitlines()))
    names = [row["noise_class"] for row in rows]
    assert names == [*5 * ["electric_noise"], *2 * ["wind"], ""]
    refused(run(*classifying, tmp_path / "nowhere"), "nowhere: given a model that cannot be loaded")
    refused(run("data", "classes", every, "--table", every), "another file than the input")
    balancing = ("data", "balance", every, "--table", table)
    ok(run(*balancing, "-o", kept), "electric_noise           2               5")
    report = run(*balancing, "-o", kept, "--max-files", 1, "--format", "json")
    assert json.loads(report.out)["max_files"] == 1 and len(load_manifest(kept).entries) == 2
    refused(run(*balancing, "-o", table), "another file than the input")
    refused(run("data", "select", every, "--table", table, "-o", kept), "classes.csv: header")


def test_the_2026_edition_from_lines_to_hours(run, tmp_path):
    """Two hours of French, of which one was kept, and one of German; a quarter is held out."""
    lines = [
        {
            "id": f"{language}{i}",
            "dataset": "MLS",
            "media_kind": "speech",
            "split": "train" if i else "dev",
            "audio_path": f"{language}/{i}.flac",
            "sample_rate_hz": 24_000,
            "channels": 1,
            "frame_count": 24_000 * 1800,
            "language": language,
        }
        for language, count in (("fr", 4), ("de", 2))
        for i in range(count)
    ]
    edition, every, kept = (tmp_path / name for name in ("e.jsonl", "all.csv", "kept.csv"))
    edition.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    ok(run("data", "manifest", edition, "--kind", "speech", "-o", every), "6 files, 3.00 h")
    (tmp_path / "list.txt").write_text("fr0\nfr1\nde0\nde1\n")
    keeping = ("--list", tmp_path / "list.txt", "--max-duration", 7200)
    ok(run("data", "curate", every, *keeping, "-o", kept), "4 files")
    parts = ("--train", tmp_path / "t.csv", "--validation", tmp_path / "v.csv")
    ok(run("data", "split", kept, "--frozen", *parts), "t.csv: 2 files", "v.csv: 2 files")
    found = run("data", "table", "--labelled", every, kept, "--no-published", "--format", "csv")
    rows = [row[:3] for row in csv.reader(found.out.splitlines())]
    assert rows[1:] == [
        ["MLS (de)", "1.0", "1.0"],
        ["MLS (fr)", "1.0", "2.0"],
        ["total", "2.0", "3.0"],
    ]
    ok(run("data", "table"), "702.7", "27.17%")
    refused(run("data", "table", "--no-published"), "data sets: given none")
    refused(
        run("data", "manifest", every, "--root", tmp_path, "-o", kept), "unless the source ends"
    )
    refused(run("data", "manifest", edition, "--kind", "x", "-o", kept), "one of speech, noise")
    for option in (("--responses",), ("--utt2spk", every)):
        ignored = run("data", "manifest", edition, *option, "-o", tmp_path / "new.csv")
        refused(ignored, f"{option[0]}: given a value; allowed: none for a source that ends in")
