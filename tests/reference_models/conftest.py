"""A model that several folders of tests use."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def clap(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny CLAP model that knows synthetic noises."""
    from tests import tiny_clap  # which imports torch

    return tiny_clap.save(tmp_path_factory.mktemp("clap"))
