"""The design of Mimi beside the model that transformers makes: work, values, delay, context."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import pytest
import torch

from lrac_audit import audit
from lrac_audit.design.native import read_design
from lrac_audit.design.parts import CodecDesign
from lrac_audit.design.yaml_source import parse_yaml
from lrac_audit.ledger.latency import context, latency
from lrac_audit.ledger.row import Row
from lrac_audit.ledger.walk import walk
from lrac_audit.presets import preset_path
from lrac_audit.witness import latency as witness_latency
from lrac_audit.witness import trace
from lrac_audit.witness.factory import as_target

pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning"
)
SHARE = 16
"""Channels of Mimi for each channel of the narrow one."""
NARROW = {
    "num_filters": 64 // SHARE,
    "hidden_size": 512 // SHARE,
    "upsample_groups": 512 // SHARE,
    "codebook_dim": 256 // SHARE,
    "vector_quantization_hidden_dimension": 256 // SHARE,
    "intermediate_size": 2048 // SHARE,
    "sliding_window": 5,
    "num_hidden_layers": 2,
}
HOP = 1920


def model_of(**choices: Any) -> Any:
    from transformers import MimiConfig, MimiModel

    torch.manual_seed(0)
    return MimiModel(MimiConfig(**choices)).eval()


def narrow_design() -> CodecDesign:
    """The preset with a share of its channels, a window of 5 steps, and 2 layers of attention."""
    text = re.sub(
        r"(channels|groups|codebook_dim): (\d\d+)",
        lambda found: f"{found[1]}: {int(found[2]) // SHARE}",
        preset_path("mimi-24khz").read_text(encoding="utf-8"),
    )
    text = text.replace("window: 250", "window: 5").replace("layers: 8", "layers: 2")
    return read_design(parse_yaml(text, "narrow"), "narrow")


def macs_in_order(rows: Iterable[Row]) -> list[tuple[str, int]]:
    """The side and the work of each row that multiplies; the model's queries, keys and values are
    three rows for one of the design."""
    found: list[tuple[str, int]] = []
    for row in rows:
        if row.name.endswith((".k_proj", ".v_proj")):
            found[-1] = row.side, found[-1][1] + row.macs_per_frame
        elif row.macs_per_frame:
            found.append((row.side, row.macs_per_frame))
    return found


def stored(rows: Iterable[Row], stage: str) -> int:
    return sum(row.stored_values for row in rows if row.stage == stage)


def assert_alike(design: CodecDesign, model: Any, layers: int) -> None:
    """Compare the work row by row, in one mode, and what the coders store."""
    target = as_target(model, "mimi")
    traced = trace.measure(target, target.modes[layers - 1])
    assert not traced.problems
    ledger = walk(design, "projected", layers)
    assert macs_in_order(ledger.rows) == macs_in_order(traced.rows)
    heads, width = model.config.num_attention_heads, model.config.hidden_size
    frequencies = (
        width // heads // 2
    )  # of the rotary positions: the model stores what it can compute
    for stage in ("encoder", "decoder"):
        assert stored(traced.rows, stage) == stored(ledger.rows, stage) + frequencies
    assert (design.sample_rate_hz, design.hop_samples) == (24_000, target.hop_samples)
    assert list(design.bitrates_kbps) == [mode.bitrate_kbps for mode in target.modes]


@pytest.mark.parametrize("layers", [1, 8])
def test_the_narrow_design_is_the_narrow_model(layers: int) -> None:
    assert_alike(narrow_design(), model_of(**NARROW), layers)


@pytest.mark.sweep
def test_the_preset_is_the_model_of_the_package() -> None:
    text = preset_path("mimi-24khz").read_text(encoding="utf-8")
    assert_alike(read_design(parse_yaml(text, "mimi"), "mimi"), model_of(), 32)


def test_all_values_of_the_quantizer() -> None:
    """Codebooks and projections; the model keeps counts beside them, which only training needs."""
    ledger, quantizer = walk(narrow_design(), "projected", 8), model_of(**NARROW).quantizer
    halves = (
        quantizer.semantic_residual_vector_quantizer,
        quantizer.acoustic_residual_vector_quantizer,
    )
    books = sum(layer.codebook.embed_sum.numel() for half in halves for layer in half.layers)
    projections = [
        half.input_proj.weight.numel() + half.output_proj.weight.numel() for half in halves
    ]
    transmit = [row for row in ledger.rows if row.side == "transmit"]
    receive = [row for row in ledger.rows if row.side == "receive"]
    assert stored(transmit, "rvq") == stored(receive, "rvq") == books + sum(projections) // 2


def test_the_delay() -> None:
    target = as_target(model_of(**NARROW), "mimi")
    found = witness_latency.measure(target, target.modes[0])
    ledger = walk(narrow_design(), "projected", 1)
    assert found.proved
    assert found.total_samples == latency(ledger).total_samples == HOP


def test_how_far_each_coder_sees() -> None:
    """The samples and the frames from which a gradient arrives, against the closed form."""
    model = model_of(**NARROW).double()
    seen = context(walk(narrow_design(), "projected", 1))
    assert seen.encoder_samples is not None and seen.decoder_past_frames is not None
    frames = seen.encoder_samples // HOP + 3
    audio = torch.randn(1, 1, frames * HOP, dtype=torch.float64, requires_grad=True)
    model.encoder(audio).latents[0, :, -2].sum().backward()
    assert span_of(audio) == (seen.encoder_samples, (frames - 1) * HOP)
    frames = seen.decoder_past_frames + 3
    latent = torch.randn(
        1, model.config.hidden_size, frames, dtype=torch.float64, requires_grad=True
    )
    model.decoder(latent).audio_values[0, 0, -2 * HOP : -HOP].sum().backward()
    assert span_of(latent) == (seen.decoder_past_frames + 1, frames - 1)


@pytest.mark.sweep
def test_the_model_of_the_design_agrees_with_every_witness() -> None:
    found = audit(narrow_design(), rvq="projected", bitrate_kbps=1.1, verify=True)
    assert found.verdict.doubts == ()
    assert found.agreement is not None and not found.agreement.differing
    assert "streaming run" in {finding.witness for finding in found.agreement.findings}


def span_of(signal: torch.Tensor) -> tuple[int, int]:
    """Return over how many steps a gradient reaches, and the end of the last one."""
    assert signal.grad is not None
    (steps,) = torch.nonzero(signal.grad[0].abs().sum(0), as_tuple=True)
    assert len(steps)
    return int(steps[-1] - steps[0]) + 1, int(steps[-1]) + 1
