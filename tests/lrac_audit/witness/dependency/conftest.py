"""Small tensors take less time on one thread."""

from __future__ import annotations

import pytest

from lrac_audit.witness.isolation import one_thread


@pytest.fixture(autouse=True, scope="package")
def on_one_thread():
    with one_thread():
        yield
