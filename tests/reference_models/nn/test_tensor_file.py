"""Files of tensors that are not as they should be, or that change while they are read."""

import threading

import pytest
import torch
from safetensors.torch import save_file

from reference_models.nn.tensor_file import read_tensor_file


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
