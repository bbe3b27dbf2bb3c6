"""Context managers that run a foreign module and leave it as it was."""

from __future__ import annotations

import random
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, redirect_stdout
from functools import partial
from typing import Any

import torch
from torch import nn

from lrac_audit.errors import InputError
from lrac_audit.witness.model_state import ModelState
from lrac_audit.witness.packages import LOGGER, failure
from lrac_audit.witness.tensor_state import TensorState
from lrac_audit.witness.torch_versions import attention_fast_path_off, compiled_code_off

MOST_PARAMETER_BYTES = 1 << 28
"""Size up to which a copy of all parameters is kept while a model runs."""


@contextmanager
def one_thread() -> Iterator[None]:
    """Run torch on one thread.

    On the short clips of a witness, several threads would mostly wait for each other.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def attributes_restored(*roots: object) -> AbstractContextManager[None]:
    """Restore everything in Python that running ``roots`` may change, even after an error.

    The values of tensors are left alone: where they may change, use :func:`tensors_restored`.
    """
    return restored(ModelState(*roots))


@contextmanager
def restored(state: ModelState) -> Iterator[None]:
    """Restore ``state`` in the end, even after an error."""
    try:
        yield
    finally:
        state.restore()


@contextmanager
def tensors_restored(*roots: object) -> Iterator[None]:
    """Restore every tensor that ``roots`` hold, and torch's settings, even after an error.

    The values of parameters are kept up to :data:`MOST_PARAMETER_BYTES`; in larger models they are
    taken to be constant, as they are where nothing is trained.
    """
    state = ModelState(*roots)
    with torch.no_grad(), settings_restored():
        size = sum(x.nbytes for x in state.tensors if isinstance(x, nn.Parameter))
        all_values = size <= MOST_PARAMETER_BYTES
        tensors = [
            TensorState(tensor, all_values or not isinstance(tensor, nn.Parameter))
            for tensor in state.tensors
        ]
        try:
            yield
        finally:
            state.restore()
            for tensor in tensors:
                tensor.restore()


@contextmanager
def settings_restored() -> Iterator[None]:
    """Restore the default dtype of torch and all states of random generators."""
    dtype, states = torch.get_default_dtype(), random.getstate()
    numpy_states = [module.random.get_state() for module in _loaded_numpy()]
    with torch.random.fork_rng(devices=[]):
        try:
            yield
        finally:
            torch.set_default_dtype(dtype)
            random.setstate(states)
            for module, state in zip(_loaded_numpy(), numpy_states, strict=False):
                module.random.set_state(state)


def _loaded_numpy() -> list[Any]:
    return [sys.modules["numpy"]] if "numpy" in sys.modules else []


@contextmanager
def all_operators_dispatched() -> Iterator[None]:
    """Switch off what hides operators from a dispatcher, and restore it afterwards.

    The fast path of multi-head attention is a single operator.
    """
    with onednn_off(), torch.no_grad(), attention_fast_path_off(), nothing_compiled():
        yield


@contextmanager
def onednn_off() -> Iterator[None]:
    """Switch off oneDNN, which runs an LSTM as a single operator, and restore it afterwards."""
    enabled = torch._C._get_mkldnn_enabled()
    torch._C._set_mkldnn_enabled(False)
    try:
        yield
    finally:
        torch._C._set_mkldnn_enabled(enabled)


@contextmanager
def nothing_compiled() -> Iterator[None]:
    """Run compiled functions as they were written, and compile no others."""
    compiler = torch.compile
    torch.compile = _not_compiled
    try:
        with compiled_code_off():
            yield
    finally:
        torch.compile = compiler


def _not_compiled(model: Any = None, **options: Any) -> Any:
    """Return ``model`` as it is, or, called as a decorator with options, a function that does."""
    return partial(_not_compiled, **options) if model is None else model


@contextmanager
def package_warnings_hidden() -> Iterator[None]:
    """Hide warnings about foreign code that cannot be changed here, such as deprecated calls."""
    with warnings.catch_warnings():
        for category in (DeprecationWarning, FutureWarning, UserWarning):
            warnings.simplefilter("ignore", category)
        yield


@contextmanager
def failures_of_threads_logged() -> Iterator[None]:
    """Log what threads of a model raise, and print nothing.

    Threads know nothing of a witness, and so mostly fail on its tensors. That the model starts them
    is noticed when its operations are counted.
    """
    hook = threading.excepthook

    def log(failed: threading.ExceptHookArgs) -> None:
        LOGGER.debug("a thread of the codec failed:", exc_info=failed.exc_value)

    threading.excepthook = log
    try:
        yield
    finally:
        threading.excepthook = hook


@contextmanager
def running_model(source: str) -> Iterator[None]:
    """Run a user's model on one thread, compiled functions in it as they were written.

    Its prints go to standard error. What it raises becomes an InputError, and so does an attempt to
    end the process.
    """
    try:
        with (
            redirect_stdout(sys.stderr),
            package_warnings_hidden(),
            one_thread(),
            nothing_compiled(),
            failures_of_threads_logged(),
        ):
            yield
    except InputError:
        raise
    except (Exception, SystemExit) as error:
        raise InputError(source, [failure("running it", error, "correct it there")]) from error
