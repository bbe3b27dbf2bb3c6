"""Small designs whose coders are lists of layers, for the tests of kinds of layers."""

from __future__ import annotations

from typing import Any

import torch
import yaml

from lrac_audit import audit
from lrac_audit.design.formats import load_design
from lrac_audit.design.native import write_design
from lrac_audit.design.parts import CodecDesign
from lrac_audit.ledger.row import Row
from reference_models.nn.build import build_untrained
from tests.disagreement import disagreeing

WIDTH, STEP_SAMPLES, HOP_SAMPLES = 8, 16, 240
"""The layers of an encoder run 8 wide and every 16 samples; its latent steps take 240 samples."""


def document(encoder: list[Any], decoder: list[Any]) -> dict[str, Any]:
    """Return a design with these layers in the middle of its encoder and before its upsampling."""
    return {
        "lrac_audit_design": 1,
        "name": "listed",
        "sample_rate_hz": 24000,
        "encoder": {
            "layers": [
                {"conv": {"kernel": 16, "stride": 16, "channels": WIDTH}},
                *encoder,
                {"conv": {"kernel": 15, "stride": 15, "channels": WIDTH}},
            ]
        },
        "quantizer": {"layers": 2, "codebook_size": 16, "codebook_dim": 4, "modes": [2]},
        "decoder": {
            "layers": [*decoder, {"transposed_conv": {"kernel": 240, "stride": 240, "channels": 1}}]
        },
    }


def listed(tmp_path: Any, encoder: list[Any], decoder: list[Any]) -> CodecDesign:
    """Return that design as it is read from a file; it is written back as an equal one."""
    path = tmp_path / "listed.yaml"
    path.write_text(yaml.safe_dump(document(encoder, decoder)), encoding="utf-8")
    design = load_design(str(path)).design
    path.write_text(write_design(design), encoding="utf-8")
    assert load_design(str(path)).design == design
    return design


def rows_of(design: CodecDesign, path: str) -> dict[str, Row]:
    """Return the rows inside the layer at ``path``, by their names in it."""
    rows = {row.name: row for row in audit(design).ledger.rows if row.name.startswith(path)}
    assert rows
    return {name.removeprefix(path).removeprefix("."): row for name, row in rows.items()}


def assert_witnesses_agree(design: CodecDesign) -> None:
    """Assert that no witness finds another figure than the ledger."""
    result = audit(design, verify=True)
    assert result.agreement is not None
    assert [str(finding) for finding in disagreeing(result.agreement)] == []
    assert result.verdict.doubts == ()
    assert len(result.agreement.findings) > 10


def assert_stream_equals_whole(design: CodecDesign, path: str, steps: int = 40) -> None:
    """Assert that the module at ``path`` gives in pieces of any size what it gives at once."""
    module = build_untrained(design, seed=1).double().get_submodule(path)
    for parameter in module.parameters():  # biases and scales of zeros and ones would hide errors
        torch.nn.init.normal_(parameter, std=0.5)
    x = torch.randn(2, WIDTH, steps, generator=torch.Generator().manual_seed(3)).double()
    with torch.no_grad():
        whole = module(x)
        assert whole.shape[2] == steps
        for sizes in ((1,) * steps, (0, 7, 1, steps - 8), (steps,)):
            state = module.initial_state(2, like=x)
            pieces = [module.step(piece, state) for piece in x.split(sizes, 2)]
            pieces.append(module.step(x[:, :, :0], state, last=True))
            assert torch.allclose(torch.cat(pieces, 2), whole, rtol=0, atol=1e-10)
