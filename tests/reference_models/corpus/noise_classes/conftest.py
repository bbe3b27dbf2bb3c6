"""Tiny CLAP models on disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from tests import tiny_clap


@pytest.fixture(scope="package", autouse=True)
def _one_thread() -> Iterator[None]:
    """So that tests run as fast on a busy machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def clap(tmp_path_factory) -> Path:
    """One that knows synthetic noises."""
    return tiny_clap.save(tmp_path_factory.mktemp("clap"))
