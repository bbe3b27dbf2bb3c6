"""The recorded dataflow of a run: the sources of each result."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lrac_audit.witness.latency.dataflow import record_dataflow


class Rewrites(nn.Module):
    """Writes in place into memory that it frees, and then makes many results of no input."""

    def forward(self, x: Tensor) -> Tensor:
        copies = [x.clone().add_(1) for _ in range(50)]
        del copies
        ones = [torch.ones(4) for _ in range(200)]
        self.constants = [2 * one for one in ones]
        return x.neg()


def test_memory_that_was_freed_leaves_no_source_behind() -> None:
    """A tensor at the address of a freed one is not made from what was written there."""
    model = Rewrites()
    nodes = record_dataflow(model, model, torch.zeros(1, 1, 8)).nodes
    assert [node.op for node in nodes if "mul" in node.op] == []
    assert len(nodes) == 1 + 2 * 50 + 1


class WritesThroughView(nn.Module):
    """Fills a buffer piece by piece, as caches and loops over time do."""

    def forward(self, x: Tensor) -> Tensor:
        filled = torch.zeros(1, 1, 8)
        filled[:, :, :4].copy_(x[:, :, 4:])
        return filled.neg()


def test_what_is_written_through_a_view_is_a_source() -> None:
    model = WritesThroughView()
    found = record_dataflow(model, model, torch.zeros(1, 1, 8))
    output = found.nodes[found.output_index]
    assert [found.nodes[i].op for i in output.sources] == ["copy_.default"]
