"""What training and validation have in common, and the fingerprint of a manifest."""

from pathlib import Path

import pytest

from reference_models.data.manifest import Entry, Manifest
from reference_models.data.manifest_summary import summarised
from reference_models.data.overlap import overlaps


def manifest(source, *entries):
    made = (Entry(uid, Path(path), speaker, 3600.0, 24_000) for uid, path, speaker in entries)
    return Manifest(source, tuple(made))


TRAINING = manifest("t.csv", ("a", "/d/a.wav", "anna"), ("b", "/d/b.wav", None))


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([("c", "/d/c.wav", "carl"), ("d", "/e/a.wav", None)], []),
        (
            [("a", "/d/c.wav", "carl")],
            ["uids: given 1 that t.csv has too: 'a'"],
        ),
        (
            [("x", "/d/../d/b.wav", "carl")],
            ["files: given 1 that t.csv has too: '/d/b.wav'"],
        ),
        (
            [("x", "x", "anna"), ("y", "y", "anna"), ("z", "z", "zoe")],
            ["speakers: given 1 that t.csv has too: 'anna'"],
        ),
        (
            [("b", "/d/b.wav", None), ("a", "/d/a.wav", "anna")],
            [
                "uids: given 2 that t.csv has too: 'b', 'a'",
                "files: given 2 that t.csv has too: '/d/b.wav', '/d/a.wav'",
                "speakers: given 1 that t.csv has too: 'anna'",
            ],
        ),
    ],
)
def test_names_files_and_speakers_in_both(entries, expected):
    found = list(overlaps(TRAINING, manifest("v.csv", *entries)))
    assert [str(problem).partition(";")[0] for problem in found] == expected
    assert all("--allow-overlap" in problem.allowed for problem in found)


def test_a_file_is_the_same_behind_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    training = manifest("t.csv", ("a", tmp_path / "real" / "a.wav", None))
    (problem,) = overlaps(training, manifest("v.csv", ("b", tmp_path / "link" / "a.wav", None)))
    assert problem.field == "files"


def test_the_first_names_and_the_number_of_the_others():
    many = [(f"{i}", f"/d/{i}.wav", None) for i in range(8)]
    uids, _ = overlaps(manifest("t.csv", *many), manifest("v.csv", *many[1:]))
    assert uids.given == "7 that t.csv has too: '1', '2', '3', '4', '5' and 2 more"


def test_the_fingerprint_is_that_of_the_entries_and_not_of_their_place():
    entry = Entry("a", Path("/d/a.wav"), "anna", 3.5, 24_000)
    other = entry._replace(uid="b", path=Path("/d/b.wav"))

    def fingerprint(*entries):
        return summarised(Manifest("x.csv", entries)).fingerprint

    moved = entry._replace(path=Path("/elsewhere/a.wav"), speaker=None)
    assert fingerprint(entry, other) == fingerprint(moved, other)
    changed = [
        entry._replace(uid="c"),
        entry._replace(path=Path("/d/a.flac")),
        entry._replace(duration_s=3.25),
        entry._replace(sample_rate_hz=48_000),
    ]
    found = {fingerprint(entry, other), fingerprint(other, entry), fingerprint(entry)}
    found |= {fingerprint(one, other) for one in changed}
    assert len(found) == 7


def test_the_size_of_a_manifest_in_words():
    """Two files of an hour."""
    summary = summarised(TRAINING)
    assert str(summary) == f"2 files, 2.00 h, fingerprint {summary.fingerprint}"
    assert len(summary.fingerprint) == 16
