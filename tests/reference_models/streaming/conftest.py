"""Codecs and engines that the tests of streams share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from lrac_audit.design.formats import load_design
from lrac_audit.errors import InputError
from reference_models.nn.codec import Codec
from reference_models.streaming.engine import Engine
from reference_models.streaming.engine_registry import ENGINES, load_engine
from tests.reference_models.nn.filling import filled_codec


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session", params=list(ENGINES))
def engine_name(request: pytest.FixtureRequest) -> str:
    """The name of every engine whose packages are installed."""
    try:
        load_engine(request.param)
    except InputError as error:
        pytest.skip(str(error))
    return str(request.param)


@pytest.fixture(scope="session")
def engine(engine_name: str) -> Engine:
    """Every engine whose packages are installed."""
    return load_engine(engine_name)


@pytest.fixture(scope="session")
def track1() -> Codec:
    """The Track 1 baseline: a look-ahead of one hop on each side."""
    return filled_codec(load_design("track1").design, seed=1)
