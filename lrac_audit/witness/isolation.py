"""Context managers that run a foreign module and leave it as it was."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any

import torch
from torch import Tensor, nn

from lrac_audit.errors import InputError, Problem
from lrac_audit.witness.packages import raised


@contextmanager
def one_thread() -> Iterator[None]:
    """Run torch on one thread.

    On short clips in double precision, several threads would mostly wait for each other.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


@contextmanager
def tensors_restored(root: nn.Module) -> Iterator[None]:
    """Restore every tensor of ``root`` and torch's random state, even after an error."""
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        parameters = [(p, p.data) for p in root.parameters()]
        tensors = [
            (table, name, tensor, tensor.detach().clone())
            for module in root.modules()
            for table in (module._buffers, module.__dict__)
            for name, tensor in table.items()
            if isinstance(tensor, Tensor)
        ]
        try:
            yield
        finally:
            for parameter, data in parameters:
                parameter.data = data
            for table, name, tensor, values in tensors:
                if not torch.equal(tensor, values):
                    tensor.data.copy_(values)
                table[name] = tensor


@contextmanager
def attributes_restored(root: nn.Module) -> Iterator[None]:
    """Restore all attributes of the modules of ``root``, even after an error."""
    kept = [(m, dict(vars(m)), dict(m._parameters), dict(m._buffers)) for m in root.modules()]
    try:
        yield
    finally:
        for module, attributes, parameters, buffers in kept:
            vars(module).clear()
            vars(module).update(attributes)
            _refill(module._parameters, parameters)
            _refill(module._buffers, buffers)


def _refill(mapping: dict[str, Any], kept: dict[str, Any]) -> None:
    mapping.clear()
    mapping.update(kept)


@contextmanager
def all_operators_dispatched() -> Iterator[None]:
    """Switch off what hides operators from a dispatcher, and restore it afterwards.

    oneDNN runs an LSTM as a single operator, and so does the fast path of multi-head attention.
    """
    onednn, fast_path = torch._C._get_mkldnn_enabled(), torch.backends.mha.get_fastpath_enabled()
    torch._C._set_mkldnn_enabled(False)
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        with torch.no_grad():
            yield
    finally:
        torch._C._set_mkldnn_enabled(onednn)
        torch.backends.mha.set_fastpath_enabled(fast_path)


@contextmanager
def package_warnings_hidden() -> Iterator[None]:
    """Hide warnings about foreign code that cannot be changed here, such as deprecated calls."""
    with warnings.catch_warnings():
        for category in (DeprecationWarning, FutureWarning, UserWarning):
            warnings.simplefilter("ignore", category)
        yield


@contextmanager
def running_model(source: str) -> Iterator[None]:
    """Run a user's model: its prints go to standard error, its exceptions become InputError."""
    try:
        with redirect_stdout(sys.stderr), package_warnings_hidden():
            yield
    except InputError:
        raise
    except Exception as error:
        allowed = "a model that runs on whole hops of audio; --debug shows where it failed"
        raise InputError(source, [Problem("running it", raised(error), allowed)]) from error
