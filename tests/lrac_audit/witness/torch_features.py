"""Parts of torch that older versions lack, for tests that are skipped there."""

from __future__ import annotations

from typing import Any

import pytest
import torch


def feature(path: str) -> Any:
    """Return what torch has at ``path``, such as ``nn.functional.rms_norm``, or skip the test."""
    found: Any = torch
    for name in path.split("."):
        try:
            found = getattr(found, name)
        except AttributeError:
            pytest.skip(f"torch {torch.__version__} has no torch.{path}")
    return found
