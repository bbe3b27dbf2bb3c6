"""Tensors and metadata of a safetensors file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import safetensors
import torch
from torch import Tensor

from lrac_audit.errors import InputError, Problem, shown
from lrac_audit.files import READABLE, check_regular_file, path_error

TYPE = "F32"
"""Of the values that codecs have, as safetensors calls it."""


class TensorFile(NamedTuple):
    """What a file holds."""

    metadata: Mapping[str, str]
    tensors: Mapping[str, Tensor]
    """Those of float32."""
    others: Mapping[str, str]
    """The types of the other ones."""

    def misfits(self, expected: Mapping[str, Tensor]) -> Iterator[Problem]:
        """What keeps the tensors from taking the places of those ``expected``, by name."""
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
    """The file at ``path``; with ``metadata_only`` its tensors are left out.

    A file that another takes the place of meanwhile, as a run's checkpoint does, is read as it was.

    Raises:
        InputError: the file cannot be read.
    """
    check_regular_file(path)
    try:
        # For torch the library would open the path a second time, maybe another file by then.
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
