"""What the tests of codecs of others share."""

from collections.abc import Iterator

import pytest
import torch

from tests.stand_ins import make_torchaudio_importable


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Small tensors on several threads only wait for each other."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def torchaudio() -> None:
    """Codecs that import torchaudio can be imported."""
    make_torchaudio_importable()
