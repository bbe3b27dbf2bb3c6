"""Manifests as files, and everything that can be wrong with them."""

from pathlib import Path

import pytest

from lrac_audit.errors import InputError
from reference_models.data.manifest import Entry, Manifest, checked, load_manifest, save_manifest

HEADER = "uid,path,speaker,duration_s,sample_rate_hz\n"


def written(tmp_path, text):
    path = tmp_path / "a list.csv"
    path.write_bytes(text.encode())
    return path


def test_a_file_of_two_entries(tmp_path):
    text = HEADER + "a,sub/a b.wav,anna,1.5,24000\n\nb,/data/b.flac,,2,48000\n"
    manifest = load_manifest(written(tmp_path, text))
    assert manifest.entries == (
        Entry("a", tmp_path / "sub/a b.wav", "anna", 1.5, 24_000),
        Entry("b", Path("/data/b.flac"), None, 2.0, 48_000),
    )
    assert manifest.hours == 3.5 / 3600
    assert [entry.samples(24_000) for entry in manifest.entries] == [36_000, 48_000]


@pytest.mark.parametrize("mark", ["", "\N{BYTE ORDER MARK}"])
def test_windows_line_ends_and_another_column_order(tmp_path, mark):
    text = mark + "uid,note,path,speaker,sample_rate_hz,duration_s\r\na,x,a.wav,s,24000,1\r\n"
    (entry,) = load_manifest(written(tmp_path, text)).entries
    assert entry == Entry("a", tmp_path / "a.wav", "s", 1.0, 24_000)


def test_saved_and_loaded_is_the_same(tmp_path):
    """Lengths that no decimal holds exactly are kept to the sample; odd names are quoted."""
    entries = [
        Entry(f"u,{i}", tmp_path / f'with "quotes" {i}.wav', "o'neil", n / 22_050, 22_050)
        for i, n in enumerate((1, 22_049, 123_457, 5_291_999))
    ]
    outside = Entry("far", Path("/somewhere/else.wav"), None, 1.0, 8_000)
    manifest = Manifest("x", (*entries, outside))
    save_manifest(manifest, tmp_path / "m.csv")
    assert load_manifest(tmp_path / "m.csv").entries == manifest.entries
    assert str(tmp_path) not in (tmp_path / "m.csv").read_text()
    assert [e.samples(22_050) for e in manifest.entries[:4]] == [1, 22_049, 123_457, 5_291_999]


def test_every_wrong_line_is_named(tmp_path):
    text = HEADER + "a,,s,0,24000\n,b.wav,s,nan,1e9\nc,c.wav,s,x,24000.5\nd,d.wav,s,1,24000\n"
    with pytest.raises(InputError) as caught:
        load_manifest(written(tmp_path, text))
    fields = [problem.field for problem in caught.value.problems]
    assert fields == [
        "line 2, path",
        "line 2, duration_s",
        "line 3, uid",
        "line 3, duration_s",
        "line 3, sample_rate_hz",
        "line 4, duration_s",
        "line 4, sample_rate_hz",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "header: given no header"),
        ("uid,path\na,a.wav\n", "columns uid, path, speaker, duration_s, sample_rate_hz"),
        (HEADER, "no entries"),
        (HEADER + "a,b.wav,s\n", "line 2, duration_s: given ''"),
        (HEADER + "a,a.wav,s,1,24000\nb,b.wav,s,1,24000\na,c.wav,s,1,24000\n", "uid 'a': given 2"),
        ("\x00\x01\x02\n", "header"),
        (HEADER + "a,a, b.wav,s,1,24000\n", "line 2: given more cells; allowed: 5 cells"),
    ],
)
def test_files_that_are_no_manifest(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        load_manifest(written(tmp_path, text))


def test_no_text_no_file_and_a_folder(tmp_path):
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x80")
    for name, message in (
        ("binary.csv", "binary data"),
        ("none.csv", "No such file"),
        ("", "a folder"),
    ):
        with pytest.raises(InputError, match=message):
            load_manifest(tmp_path / name)


def test_many_problems_are_counted(tmp_path):
    text = HEADER + "".join(f"u{i},a.wav,s,-1,24000\n" for i in range(50))
    with pytest.raises(InputError) as caught:
        load_manifest(written(tmp_path, text))
    assert len(caught.value.problems) == 21 and "30 more problems" in str(caught.value)


def test_nothing_is_no_manifest():
    with pytest.raises(InputError, match="x: given no entries; allowed: at least one entry"):
        checked("x", ())
