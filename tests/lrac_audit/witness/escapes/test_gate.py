"""Exit codes of the gate for codecs that cheat, and for attention that is written as functions."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from tests.lrac_audit.witness.escapes import cheats, elsewhere, leaving
from tests.lrac_audit.witness.escapes.shell import Shell
from tests.lrac_audit.witness.trace.tracing import macs_by_name, traced
from tests.sweeps import thinned

WORKS = {
    work.__name__: work
    for work in (
        leaving.numpy_method,
        leaving.float_as_gain,
        elsewhere.thread,
        elsewhere.thread_of_a_running_pool,
        elsewhere.process,
        elsewhere.operator_with_shapes,
        cheats.asks_is_meta,
        cheats.asks_for_an_error,
    )
}


def codec(name: str) -> nn.Module:
    return Shell(WORKS[name]).eval()


@pytest.mark.parametrize("name", thinned(WORKS, 2))
def test_the_gate_does_not_pass_a_cheat(run, tmp_path, name):
    limits = tmp_path / "limits.yaml"
    limits.write_text("name: mine\nconvention: lrac-2025\noverall_mflops: 1\n")
    found = run("check", f"python:{__name__}:codec", "--arg", f"name={name}", "--limits", limits)
    assert found.code == 3
    assert "incomplete" in found.out
    assert "Traceback" not in found.err


class FlexibleAttention(nn.Module):
    """One head of width 4 over the last 8 steps, its mask a function.

    Per step: 4 x 12 = 48 MACs for queries, keys and values, 2 x 4 x 8 = 64 for the attention.
    """

    def __init__(self):
        super().__init__()
        self.project = nn.Linear(4, 12)

    def forward(self, x):
        flex = pytest.importorskip("torch.nn.attention.flex_attention")
        query, key, value = (t[:, None] for t in self.project(x.transpose(1, 2)).chunk(3, -1))

        def recent(batch, head, at, of):
            return (at >= of) & (at - of < 8)

        steps = x.shape[-1]
        mask = flex.create_block_mask(recent, 1, 1, steps, steps, device=x.device)
        return flex.flex_attention(query, key, value, block_mask=mask)[:, 0].transpose(1, 2)


@pytest.mark.filterwarnings("ignore:flex_attention called without:UserWarning")
def test_attention_with_a_mask_that_is_a_function_is_counted_by_its_window():
    with torch.no_grad():
        rows = traced(FlexibleAttention().eval(), channels=4).rows
    assert sum(n for work in macs_by_name(rows).values() for n in work.values()) == 48 + 64
    assert not [row.problem for row in rows if row.problem]
