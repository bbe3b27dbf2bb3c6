"""Audits do not depend on weights or on where tensors lie in memory: one document for all seeds.

``SEED_RUNS=200 pytest -m sweep`` runs each codec 200 times.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from lrac_audit import audit
from tests.lrac_audit.witness.targets.seeded import FiniteScalars, ThreeLSTMs, narrow_encodec

pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning"
)
RUNS = int(os.environ.get("SEED_RUNS", "10"))

CODECS: dict[str, tuple[Callable[[], nn.Module], int]] = {
    # A frame of 8 samples to 4 channels and back: 2 x 32. Two GRUs: 3 gates x 4 x (4 + 4) each.
    "finite scalars and GRUs": (FiniteScalars, 2 * 32 + 2 * 96),
    # The frame: 32. Four gates of 8 states, of 4 + 8 values in the first LSTM, of 8 + 8 above.
    "three LSTMs and a convolution": (ThreeLSTMs, 32 + 32 * 12 + 2 * 32 * 16),
}


def with_other_memory(seed: int) -> list[Tensor]:
    """Return tensors of random sizes, between which as many others were released."""
    sizes = random.Random(seed).choices(range(1, 5000), k=300)
    return [torch.empty(size) for size in sizes][::2]


def documents_of(build: Callable[[], nn.Module], runs: int) -> list[dict[str, object]]:
    found = []
    for seed in range(runs):
        held = with_other_memory(seed)
        torch.manual_seed(seed)
        document = audit(build()).document()
        for finding in document["witnesses"]["findings"]:
            # The operator where a change fades away depends on the weights; no figure does.
            del finding["explanation"]
        found.append(document)
        del held
    return found


@pytest.mark.parametrize("runs", [2, pytest.param(RUNS, marks=pytest.mark.sweep)])
@pytest.mark.parametrize("name", CODECS)
def test_every_seed_gives_the_same_document(name: str, runs: int) -> None:
    build, macs = CODECS[name]
    documents = documents_of(build, runs)
    assert documents[0]["complexity"]["overall"]["macs_per_frame"] == macs
    assert [document for document in documents if document != documents[0]] == []


@pytest.mark.sweep
def test_every_seed_gives_the_same_document_of_encodec() -> None:
    pytest.importorskip("transformers")
    documents = documents_of(narrow_encodec, RUNS)
    assert documents[0]["latency"]["total_samples"] == 8  # causal: one hop of 4 x 2 samples
    assert [document for document in documents if document != documents[0]] == []
