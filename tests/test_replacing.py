"""A file is replaced whole or not at all."""

import os
import stat
import threading

import pytest

from lrac_audit.errors import InputError
from lrac_audit.files import check_regular_file, replacing


def test_the_new_file_appears_at_the_end(tmp_path):
    path = tmp_path / "a name.bin"
    path.write_bytes(b"old")
    path.chmod(0o640)
    with replacing(path) as beside:
        beside.write_bytes(b"new")
        assert beside.parent == tmp_path
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert [p.name for p in tmp_path.iterdir()] == ["a name.bin"]


@pytest.mark.parametrize(("umask", "expected"), [(0o022, 0o644), (0o007, 0o660)])
def test_a_new_file_has_the_mode_that_the_umask_leaves(tmp_path, umask, expected):
    """Though the block replaces the temporary file by one for its owner alone, as libraries do."""
    path = tmp_path / "a.bin"
    before = os.umask(umask)
    try:
        with replacing(path) as beside:
            private = tmp_path / "private"
            private.touch(mode=0o600)
            private.replace(beside)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == expected


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_an_error_leaves_the_old_file_alone(tmp_path, error):
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")

    def write_half() -> None:
        with replacing(path) as beside:
            beside.write_bytes(b"half")
            raise error

    with pytest.raises(error):
        write_half()
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.bin"]


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with replacing(tmp_path / "link") as beside:
        beside.write_bytes(b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_bytes() == b"new"


def test_a_pipe_gets_the_content_in_the_end(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()), daemon=True)
    reader.start()
    with replacing(pipe) as beside:
        beside.write_bytes(b"content")
    reader.join(timeout=10)
    assert got == [b"content"]


@pytest.mark.parametrize(
    ("name", "message"),
    [("none/a", "No such file"), (".", "Is a directory"), ("a\0b", "null")],
)
def test_what_cannot_be_written_is_named(tmp_path, name, message):
    with pytest.raises(InputError, match=message), replacing(tmp_path / name) as beside:
        beside.write_bytes(b"")


def test_only_regular_files_are_read(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    check_regular_file(tmp_path / "file")
    os.mkfifo(tmp_path / "pipe")
    for name, message in (
        ("pipe", "a device or a pipe"),
        (".", "a folder"),
        ("none", "No such file"),
        ("a\0b", "null"),
    ):
        with pytest.raises(InputError, match=message):
            check_regular_file(tmp_path / name)
