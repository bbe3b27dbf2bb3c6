"""Checksums of files; those of "abc" are the published ones of RFC 1321 and FIPS 180."""

from pathlib import Path

import pytest

from lrac_audit.errors import InputError
from reference_models.data.checksums import check_checksums, verify
from reference_models.data.manifest import Entry, Labels, Manifest

MD5 = "900150983cd24fb0d6963f7d28e17f72"
SHA1 = "a9993e364706816aba3e25717850c26c9cd0d89d"
SHA256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.fixture
def abc(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(b"abc")
    return path


@pytest.mark.parametrize(
    "checksum", [MD5, SHA1, SHA256, f"sha256:{SHA256}", f"SHA1:{SHA1.upper()} ", ""]
)
def test_the_checksum_of_a_file(abc, checksum):
    verify(abc, checksum)


def test_a_file_with_another_checksum(abc):
    abc.write_bytes(b"abd")
    for checksum in (MD5, SHA1, SHA256):
        with pytest.raises(InputError, match=rf"a.wav: checksum: given .*{checksum}, as the"):
            verify(abc, checksum)
    abc.unlink()
    with pytest.raises(InputError, match=r"a.wav: given a path that fails: No such file"):
        verify(abc, MD5)


def listed(*checksums):
    entries = (
        Entry(str(i), Path(f"{i}.wav"), None, 1.0, 24_000, Labels(checksum=checksum))
        for i, checksum in enumerate(checksums)
    )
    return Manifest("m.csv", tuple(entries))


def test_checksums_that_cannot_be_verified_are_named():
    check_checksums(listed(MD5, "", f"sha256:{SHA256}"))
    with pytest.raises(InputError, match=r"m.csv: checksum: given none; allowed: one for some"):
        check_checksums(listed("", ""))
    with pytest.raises(InputError) as refused:
        check_checksums(listed(MD5, f"crc32:{MD5}", f"sha256:{SHA1}", "sha256:0"))
    fields = [problem.field for problem in refused.value.problems]
    assert fields == [f"checksum of '{uid}'" for uid in (1, 2, 3)]
