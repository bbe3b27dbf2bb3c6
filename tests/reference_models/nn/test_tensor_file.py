"""Files of tensors that are not as they should be, or that change while they are read."""

import os
import stat
import threading

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from lrac_audit.errors import InputError
from reference_models.nn.tensor_file import read_tensor_file, write_tensor_file
from tests.tensors import assert_equal_tensors

METADATA = {f"key {i}": f'"quoted" \\ \n \x01 \x7f é 漢 \U0001f600 {i}' for i in range(8)}


def test_equal_content_gives_equal_bytes_that_anybody_may_read(tmp_path):
    """Eight names have 40,320 orders, of which the library draws one for each file."""
    tensors = {"b": torch.arange(6.0).view(2, 3).T, "a": torch.zeros(())}
    paths = [tmp_path / str(i) for i in range(3)]
    for path in paths:
        write_tensor_file(path, tensors, METADATA)
    assert len({path.read_bytes() for path in paths}) == 1
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths} == {0o666 & ~_umask()}
    with safe_open(paths[0], "pt") as file:
        assert file.metadata() == METADATA
    assert_equal_tensors(load_file(paths[0]), tensors)


def test_a_file_that_cannot_be_written_is_the_users_problem(tmp_path):
    with pytest.raises(InputError, match="allowed: a file that can be written"):
        write_tensor_file(tmp_path / "none" / "x", {"x": torch.zeros(1)}, METADATA)


def _umask():
    umask = os.umask(0)
    os.umask(umask)
    return umask


def test_a_file_that_is_replaced_meanwhile_is_read_as_it_was(tmp_path):
    path = tmp_path / "x.safetensors"
    sizes = (1000, 10)
    others = []
    for size in sizes:
        save_file({"x": torch.full((size,), float(size))}, path, {"size": "1" * size})
        others.append(path.read_bytes())
    done = threading.Event()

    def replace():
        while not done.is_set():
            for content in others:
                (tmp_path / "beside").write_bytes(content)
                (tmp_path / "beside").replace(path)

    writer = threading.Thread(target=replace)
    writer.start()
    try:
        seen = {}
        for _ in range(2000):
            file = read_tensor_file(path)
            (x,) = file.tensors.values()
            assert len(x) == len(file.metadata["size"]) and (x == len(x)).all()
            seen[len(x)] = True
    finally:
        done.set()
        writer.join()
    assert seen.keys() == set(sizes)


@pytest.mark.parametrize(
    ("dtype", "name"),
    [(torch.float64, "F64"), (torch.bfloat16, "BF16"), (torch.float8_e4m3fn, "F8_E4M3")],
)
def test_types_other_than_float32_are_named(tmp_path, dtype, name):
    path = tmp_path / "x.safetensors"
    others = {key: torch.ones(2).to(dtype) for key in ("b", "c")}
    save_file({"a": torch.ones(2), **others}, path)
    file = read_tensor_file(path)
    assert file.tensors.keys() == {"a"} and file.others == {"b": name, "c": name}
    found = {
        (p.field, p.given, p.allowed) for p in file.misfits(dict.fromkeys("abc", torch.ones(2)))
    }
    assert found == {("b", name, "F32"), ("c", name, "F32")}
    assert not read_tensor_file(path, metadata_only=True).tensors
