"""Reading and writing of tensors and metadata in safetensors files."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import safetensors
import torch
from safetensors import torch as safetensors_torch
from torch import Tensor

from lrac_audit.errors import InputError, Problem, shown
from lrac_audit.files import READABLE, check_regular_file, path_error, replacing

TYPE = "F32"
"""Name that safetensors gives to the type of a codec's values."""


class TensorFile(NamedTuple):
    """The content of a file."""

    metadata: Mapping[str, str]
    tensors: Mapping[str, Tensor]
    """The tensors of float32."""
    others: Mapping[str, str]
    """The types of the other tensors."""

    def misfits(self, expected: Mapping[str, Tensor]) -> Iterator[Problem]:
        """Yield a problem for each tensor that differs from those ``expected``, by name."""
        for name in sorted(expected.keys() - self.tensors.keys() - self.others.keys()):
            yield Problem(name, "nothing", f"a tensor of shape {list(expected[name].shape)}")
        for name, given in self.others.items():
            yield Problem(name, given, TYPE)
        for name, value in self.tensors.items():
            if name not in expected:
                yield Problem(name, "a tensor", "the tensors of the file's own design")
            elif value.shape != expected[name].shape:
                shape = list(expected[name].shape)
                yield Problem(name, f"shape {list(value.shape)}", f"shape {shape}")
            elif not value.isfinite().all():
                yield Problem(name, "values that are not finite", "finite numbers")


def read_tensor_file(path: Path, metadata_only: bool = False) -> TensorFile:
    """Return the content of the file at ``path``; with ``metadata_only``, without tensors.

    If the file is replaced meanwhile, as a run's checkpoint may be, the old one is read.

    Raises:
        InputError: the file cannot be read.
    """
    check_regular_file(path)
    try:
        # For torch the library would open the path a second time, perhaps another file by then.
        with safetensors.safe_open(path, framework="np") as file:
            metadata = file.metadata() or {}
            types = {} if metadata_only else _types(file)
            readable = [name for name, given in types.items() if given == TYPE]
            tensors = {name: torch.from_numpy(file.get_tensor(name)) for name in readable}
    except (safetensors.SafetensorError, UnicodeError) as error:
        problem = Problem("", shown(str(error)), "a safetensors file")
        raise InputError(str(path), [problem]) from None
    except (OSError, ValueError) as error:
        raise path_error(path, error, READABLE) from None
    others = {name: given for name, given in types.items() if given != TYPE}
    return TensorFile(metadata, tensors, others)


def _types(file: Any) -> dict[str, str]:
    return {name: file.get_slice(name).get_dtype() for name in file.keys()}  # noqa: SIM118


def write_tensor_file(
    path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, str]
) -> None:
    """Write ``tensors`` and ``metadata`` to ``path``: equal bytes for equal content.

    Raises:
        InputError: the file cannot be written; an old one is untouched.
    """
    whole = {name: value.contiguous() for name, value in tensors.items()}
    with replacing(path) as beside:
        try:
            safetensors_torch.save_file(whole, beside, dict(metadata))
        except safetensors.SafetensorError as error:  # such as a full disk
            raise OSError(None, str(error)) from None
        _sort_metadata(beside)


def _sort_metadata(path: Path) -> None:
    """Sort the metadata of a file by name: the library writes it in an order drawn at random."""
    with path.open("r+b") as file:
        (size,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(size))
        header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
        text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
        assert len(text) <= size, "the same text in another order"
        file.seek(8)
        file.write(text.ljust(size))
