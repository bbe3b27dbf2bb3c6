"""Fixtures of the tests of documents."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.documents.blocks import blocks


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with what the commands speak of: noise, the package of a codec, a folder."""
    (tmp_path / "sheets").mkdir()
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 24_000)
    soundfile.write(tmp_path / "speech.wav", noise, 24_000)
    codec = next(block.text for block in blocks("targets.md", "python"))
    (tmp_path / "my_package").mkdir()
    (tmp_path / "my_package" / "models.py").write_text(codec.partition("\n\nresult =")[0])
    return tmp_path
