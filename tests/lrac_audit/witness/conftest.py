"""Fixtures and helpers for the tests of the witnesses."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
import torch

from lrac_audit.witness.packages import hide_broken_packages, import_failure, raised

CODEC_PACKAGES = ("snac", "transformers")
"""The packages of the extra ``codecs``."""


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Small tensors on several threads only wait for each other."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session", autouse=True)
def no_broken_packages() -> None:
    """As when a target is loaded: transformers asks once for packages and keeps the answer."""
    hide_broken_packages()


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call() -> Iterator[None]:
    """Skip a test of a codec whose package is not installed, as where torch is too old for it."""
    try:
        return (yield)
    except ModuleNotFoundError as error:
        if error.name not in CODEC_PACKAGES:
            raise
        pytest.skip(f"{error.name} is not installed")


def imported(package: str) -> Any:
    """A package of the extra ``codecs-torchaudio``, else the test is skipped with the reason."""
    hide_broken_packages()  # before transformers looks for them, and remembers what it found
    try:
        return import_module(package)
    except Exception as error:  # whatever its import raises
        pytest.skip(f"{package}: {import_failure(error) or raised(error)}")
