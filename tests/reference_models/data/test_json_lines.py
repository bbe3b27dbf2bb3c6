"""Manifests of the 2026 edition, whose lines have everything that headers would say."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from lrac_audit.errors import InputError
from reference_models.data.audio_files import read_mono
from reference_models.data.curation import split_as_labelled
from reference_models.data.json_lines import load_json_lines
from reference_models.data.manifest import Entry, Labels, load_manifest, save_manifest

SPEECH = {
    "id": "mls/fr/1",
    "dataset": "MLS",
    "source_release": "1.0",
    "source_id": "1",
    "media_kind": "speech",
    "split": "train",
    "audio_path": "mls/fr/1.flac",
    "sample_rate_hz": 48_000,
    "channels": 2,
    "frame_count": 72_000,
    "checksum": "sha256:0",
    "metadata": {"chapter": 3},
    "speaker_id": "77",
    "text": "bonjour",
    "language": "fr",
    "gender": "Female",
}
NOISE = {
    **{name: SPEECH[name] for name in list(SPEECH)[:12]},
    "id": "noise/1",
    "media_kind": "noise",
    "split": "validation",
}


def written(path: Path, *lines) -> Path:
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return path


def test_files_are_listed_without_opening_them(tmp_path):
    """72,000 frames at 48 kHz are 1.5 s, whatever the number of channels."""
    path = written(tmp_path / "e.jsonl", SPEECH, NOISE)
    found = load_json_lines(path, Path("/corpora"))
    labels = Labels("MLS", "fr", "f", "train", "sha256:0")
    audio = Path("/corpora/mls/fr/1.flac")
    speech = Entry("mls/fr/1", audio, "MLS/77", 1.5, 48_000, labels)
    noise = Entry(
        "noise/1", audio, None, 1.5, 48_000, Labels("MLS", split="validation", checksum="sha256:0")
    )
    assert found.entries == (speech, noise)
    assert load_json_lines(path, Path("/corpora"), "noise").entries == (noise,)
    with pytest.raises(InputError, match="at least one file of rir"):
        load_json_lines(path, tmp_path, "rir")


def test_labels_stay_with_their_entries(tmp_path):
    found = load_json_lines(written(tmp_path / "e.jsonl", SPEECH, NOISE), tmp_path)
    save_manifest(found, tmp_path / "m.csv")
    assert load_manifest(tmp_path / "m.csv").entries == found.entries
    parts = split_as_labelled(found)
    assert [entry.uid for entry in parts.training.entries] == ["mls/fr/1"]
    assert [entry.uid for entry in parts.validation.entries] == ["noise/1"]


def test_a_test_set_is_in_neither_part(tmp_path):
    lines = [{**SPEECH, "id": str(i), "split": s} for i, s in enumerate(("dev", "test", "train"))]
    parts = split_as_labelled(load_json_lines(written(tmp_path / "e.jsonl", *lines), tmp_path))
    assert [e.uid for part in parts for e in part.entries] == ["2", "0"]
    test_set = load_json_lines(written(tmp_path / "e.jsonl", lines[1]), tmp_path)
    with pytest.raises(InputError, match="of the split train or training"):
        split_as_labelled(test_set)


def test_float_audio_of_several_channels_is_read(tmp_path):
    """The mean of both channels; floats beyond full scale stay as they are."""
    stereo = np.stack([np.full(72_000, 1.5), np.full(72_000, 0.5)], axis=1)
    (tmp_path / "mls/fr").mkdir(parents=True)
    soundfile.write(tmp_path / "mls/fr/1.wav", stereo, 48_000, subtype="FLOAT")
    line = {**SPEECH, "audio_path": "mls/fr/1.wav"}
    entry = load_json_lines(written(tmp_path / "e.jsonl", line), tmp_path).entries[0]
    assert np.array_equal(read_mono(entry, 48_000), np.full(72_000, 1.0, np.float32))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"frame_count": 0}, "line 2, frame_count: given 0; allowed: a whole number from 1"),
        ({"frame_count": True}, "line 2, frame_count: given True"),
        ({"sample_rate_hz": 48000.5}, "line 2, sample_rate_hz: given 48000.5"),
        ({"media_kind": "music"}, "line 2, media_kind: given 'music'; allowed: one of speech"),
        ({"audio_path": " "}, "line 2, audio_path: given ' '; allowed: a relative path"),
        ({"audio_path": "/etc/x.wav"}, "line 2, audio_path: given '/etc/x.wav'"),
        ({"audio_path": "mls/../../x.wav"}, "line 2, audio_path: given 'mls/../../x.wav'"),
        ({"channels": 65}, "line 2, channels: given 65; allowed: a whole number from 1 to 64"),
        ({"speaker_id": 7}, "line 2, speaker_id: given 7; allowed: text or null"),
        ({"id": "mls/fr/1"}, "uid 'mls/fr/1': given 2 times"),
    ],
)
def test_wrong_lines_are_named(tmp_path, change, message):
    path = written(tmp_path / "e.jsonl", SPEECH, {**SPEECH, "id": "2", **change})
    with pytest.raises(InputError, match=message):
        load_json_lines(path, tmp_path)


def test_all_problems_are_named_at_once(tmp_path):
    path = tmp_path / "e.jsonl"
    path.write_text('[1]\n{"id": 3}\n\n{oops\n')
    with pytest.raises(InputError) as raised:
        load_json_lines(path, tmp_path)
    fields = [problem.field for problem in raised.value.problems]
    assert fields[0] == "line 1" and fields[-1] == "line 4" and "line 2, id" in fields
