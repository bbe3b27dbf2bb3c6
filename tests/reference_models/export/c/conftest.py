"""What the tests of codecs in C share."""

from __future__ import annotations

import pytest

from lrac_audit.errors import InputError
from reference_models.export.c.compiler import compiler


@pytest.fixture(scope="session")
def c_compiler() -> str:
    """The C compiler of this machine."""
    try:
        return compiler()
    except InputError as error:
        pytest.skip(str(error))
