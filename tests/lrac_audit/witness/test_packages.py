"""A broken package is hidden from codec packages, also from one that has looked for it already."""

from __future__ import annotations

import sys
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import pytest

from lrac_audit.witness import packages
from lrac_audit.witness.packages import hide_broken_packages

ASKING = "transformers.utils.import_utils"


def finds_torchaudio() -> bool:
    """Look for a package as transformers does, without running it."""
    return find_spec("torchaudio") is not None


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """A module that has looked for a torchaudio that is there but cannot be imported."""
    (tmp_path / "torchaudio.py").write_text("raise RuntimeError('built for another torch')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(packages, "_hidden", {})
    monkeypatch.setitem(sys.modules, "torchaudio", None)  # so that it is put back afterwards
    del sys.modules["torchaudio"]
    module = ModuleType(ASKING)
    module.is_torchaudio_available = lru_cache(finds_torchaudio)
    assert module.is_torchaudio_available()
    monkeypatch.setitem(sys.modules, ASKING, module)
    return module


def test_a_package_that_was_looked_for_before_is_hidden_too(asked: ModuleType) -> None:
    hide_broken_packages()
    assert sys.modules["torchaudio"] is None
    assert not asked.is_torchaudio_available()


def test_nothing_is_dropped_where_nothing_keeps_an_answer(
    asked: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asked, "is_torchaudio_available", finds_torchaudio)
    hide_broken_packages()
    assert not asked.is_torchaudio_available()
