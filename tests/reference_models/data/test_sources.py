"""Folders, Kaldi lists and CSV files."""

import os

import pytest
import soundfile

from lrac_audit.errors import InputError
from reference_models.data.audio_files import Skipped
from reference_models.data.header_scan import check_responses, probe
from reference_models.data.sources import Listed, find, genders
from tests.reference_models.data.conftest import corpus, write_noise


def nobody(done):
    pass


def test_a_folder_with_speakers(tmp_path):
    for name in ("anna/1.wav", "anna/deep/2.FLAC", "bob/1.wav", "alone.wav", "notes.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert find(tmp_path) == [
        Listed("alone", tmp_path / "alone.wav", None),
        Listed("anna/1", tmp_path / "anna/1.wav", "anna"),
        Listed("anna/deep/2", tmp_path / "anna/deep/2.FLAC", "anna"),
        Listed("bob/1", tmp_path / "bob/1.wav", "bob"),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_kaldi_lists_of_two_and_three_columns(tmp_path, end):
    lines = [
        "a /data/a.wav",
        "b 24000 /data/b b.flac",
        "",
        "c\tsub/c.wav",
        "d 8000 d.wav",
        "e 12",
        "f   f.wav ",
    ]
    (tmp_path / "wav.scp").write_bytes(end.join(lines).encode())
    found = {one.uid: str(one.path) for one in find(tmp_path / "wav.scp")}
    assert found == {
        "a": "/data/a.wav",
        "b": "/data/b b.flac",
        "c": str(tmp_path / "sub/c.wav"),
        "d": str(tmp_path / "d.wav"),
        "e": str(tmp_path / "12"),  # a file may be called 12
        "f": str(tmp_path / "f.wav"),
    }


def test_paths_are_relative_to_here_if_they_are_there(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    (tmp_path / "a.wav").touch()
    (tmp_path / "data/wav.scp").write_text("a a.wav\nb b.wav\n")
    monkeypatch.chdir(tmp_path)
    assert [str(one.path) for one in find(tmp_path / "data")] == ["a.wav", f"{tmp_path}/data/b.wav"]


def test_paths_of_a_release_are_relative_to_its_top(tmp_path):
    """As the 2026 edition lays out the pairs of its open test set."""
    audio = tmp_path / "release" / "audio" / "lrac" / "1.wav"
    write_noise(audio, 100)
    pairs = tmp_path / "release" / "kaldi" / "test" / "open_testset_track1_clean"
    pairs.mkdir(parents=True)
    (pairs / "reference.scp").write_text("1 audio/lrac/1.wav\n2 audio/lrac/2.wav\n")
    found = find(pairs / "reference.scp")
    assert [one.path for one in found] == [audio, pairs / "audio/lrac/2.wav"]


def test_responses_alone_may_have_many_channels(tmp_path):
    write_noise(tmp_path / "array.wav", 100, channels=32)
    listed = find(tmp_path)
    found, skipped = probe(listed, "x", 0, nobody, responses=True)
    check_responses(found, nobody)
    assert not skipped and found.entries[0].duration_s == 100 / 24_000
    with pytest.raises(InputError, match="channels: given 32; allowed: 1 to 6"):
        probe(listed, "x", 0, nobody)


def test_speakers_of_a_kaldi_folder(tmp_path):
    (tmp_path / "wav.scp").write_text("a a.wav\nb b.wav\n")
    (tmp_path / "utt2spk").write_text("b bob\na anna\nc carl\n")
    expected = [("a", "anna"), ("b", "bob")]
    for source in (tmp_path, tmp_path / "wav.scp"):
        assert [(one.uid, one.speaker) for one in find(source)] == expected
    (tmp_path / "other").write_text("a zoe\nb zoe\n")
    assert {one.speaker for one in find(tmp_path, tmp_path / "other")} == {"zoe"}


def test_a_csv_file(tmp_path):
    (tmp_path / "some.csv").write_text("uid,path,speaker\na,a b.wav,anna\nb,/x/b.wav,\n")
    assert [(o.uid, str(o.path), o.speaker) for o in find(tmp_path / "some.csv")] == [
        ("a", f"{tmp_path}/a b.wav", "anna"),
        ("b", "/x/b.wav", None),
    ]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("wav.scp", "a a.wav\nb\nc sox c.wav -t wav - |\n", r"(?s)line 2: given 'b'.*line 3"),
        ("wav.scp", "\n\n", "nothing to list"),
        ("x.csv", "uid,path\na,\n,b\n", r"(?s)line 2.*line 3"),
        ("x.csv", "name,path\na,b\n", "columns uid, path"),
        ("x.csv", "uid,path\n", "nothing to list"),
    ],
)
def test_wrong_lists(tmp_path, name, text, message):
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=message):
        find(tmp_path / name)


def test_wrong_speakers(tmp_path):
    (tmp_path / "wav.scp").write_text("a a.wav\nb b.wav\nc c.wav\n")
    (tmp_path / "utt2spk").write_text("a anna\n")
    with pytest.raises(InputError, match=r"(?s)utterance 'b': given no line.*utterance 'c'"):
        find(tmp_path)
    (tmp_path / "utt2spk").write_text("a\na anna\na bob\nb b b\n")
    with pytest.raises(InputError, match=r"(?s)line 1: .*line 3: .*line 4: "):
        find(tmp_path)


def test_genders(tmp_path):
    (tmp_path / "s2g").write_text("anna f\r\nbob m\r\n")
    assert genders(tmp_path / "s2g") == {"anna": "f", "bob": "m"}
    (tmp_path / "s2g").write_text("anna f\nbob man\ncarl 1\n")
    with pytest.raises(InputError, match=r"(?s)'bob': given 'man'; allowed: m or f.*'carl'"):
        genders(tmp_path / "s2g")


def test_empty_and_missing_folders(tmp_path):
    with pytest.raises(InputError, match=r"nothing to list; allowed: .*\.wav or \.flac"):
        find(tmp_path)
    with pytest.raises(InputError, match="No such file"):
        find(tmp_path / "none")


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to root")
def test_a_folder_that_is_closed(tmp_path):
    (tmp_path / "closed").mkdir(mode=0)
    with pytest.raises(InputError, match="closed: given a path that fails"):
        find(tmp_path)


def test_headers_give_lengths_and_rates(tmp_path):
    write_noise(tmp_path / "s p/a.wav", 1000, 8_000, channels=2)
    write_noise(tmp_path / "b.flac", 777, 44_100)
    done = []
    manifest, skipped = probe(find(tmp_path), "the folder", 0, done.append)
    found = [(e.uid, e.speaker, e.duration_s, e.sample_rate_hz) for e in manifest.entries]
    assert found == [("b", None, 777 / 44_100, 44_100), ("s p/a", "s p", 0.125, 8_000)]
    assert sum(done) == 2 and not skipped.reasons


def damaged_corpus(folder, damaged):
    corpus(folder, [400] * 10)
    for i in range(damaged):
        (folder / f"u{i}.wav").write_bytes(b"RIFF, but nothing else")
    return find(folder)


def test_damaged_files_are_skipped_and_counted(tmp_path):
    manifest, skipped = probe(damaged_corpus(tmp_path, 2), "x", 0.2, nobody)
    assert len(manifest.entries) == 8 and len(skipped) == 2
    assert all("libsndfile cannot read" in reason for reason in skipped.reasons.values())


def test_too_many_damaged_files_are_refused_and_named(tmp_path):
    with pytest.raises(InputError) as caught:
        probe(damaged_corpus(tmp_path, 3), "x", 0.2, nobody)
    assert "given 3 files that cannot be used; allowed: at most 2 of them" in str(caught.value)
    assert all(f"u{i}.wav" in str(caught.value) for i in range(3))


def test_nothing_but_damaged_files(tmp_path):
    with pytest.raises(InputError, match="no entries"):
        probe(damaged_corpus(tmp_path, 10), "x", 1, nobody)


def test_names_that_come_twice(tmp_path):
    write_noise(tmp_path / "a.wav", 100)
    write_noise(tmp_path / "a.flac", 100)
    with pytest.raises(InputError, match="uid 'a': given 2 times; allowed: once"):
        probe(find(tmp_path), "x", 0, nobody)


def test_every_silent_response_is_named(tmp_path):
    manifest = corpus(tmp_path, [100, 200, 300, 400])
    check_responses(manifest, nobody)
    soundfile.write(tmp_path / "u1.wav", [0.0] * 200, 24_000)
    soundfile.write(tmp_path / "u2.wav", [[0.5, 0.0]] * 300, 24_000)
    (tmp_path / "u3.wav").unlink()
    with pytest.raises(InputError) as caught:
        check_responses(manifest, nobody)
    fields = [problem.field.removeprefix(f"{tmp_path}/") for problem in caught.value.problems]
    assert fields == ["u1.wav, channel 1", "u2.wav, channel 2", "u3.wav"]


def test_a_file_is_counted_once():
    skipped = Skipped(1)
    for reason in ("first", "second"):
        skipped.add("a", reason)
    skipped.check("x")
    assert skipped.reasons == {"a": "first"}
