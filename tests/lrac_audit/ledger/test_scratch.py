"""Scratch memory against derivations by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lrac_audit import audit
from lrac_audit.design.native.reader import read_design
from lrac_audit.design.parts import CodecDesign
from lrac_audit.design.yaml_source import parse_yaml
from lrac_audit.ledger.row import RvqForm, Side
from lrac_audit.ledger.scratch import scratch

SMALL = """\
lrac_audit_design: 1
name: small
sample_rate_hz: 400
encoder:
  layers:
    - conv: {kernel: 3, channels: 4}
    - residual: {layers: [{activation: elu}, {conv: {kernel: 3}}]}
    - parallel:
        join: concat
        branches:
          - [{conv: {kernel: 1, channels: 2}}]
          - [{conv: {kernel: 5, channels: 3}}, {activation: relu}]
    - conv: {kernel: 4, stride: 4, channels: 6}
quantizer: {layers: 2, codebook_size: 4, codebook_dim: 2}
decoder:
  layers:
    - parallel: {branches: [[{conv: {kernel: 1}}], [{activation: elu}]]}
    - gru: {width: 3, layers: 2}
    - transposed_conv: {kernel: 8, stride: 4, channels: 2, trim: right}
    - residual: {learnable_skip: true, layers: [{conv: {kernel: 3, look_ahead: 1}}]}
    - conv: {kernel: 1, channels: 1}
"""
"""A hop of 4 samples, a latent of 6 channels."""
ENCODER = {
    "0.conv": 4 + 16,  # the audio of the frame, and 4 channels of 4 steps
    "1.residual.layers.0.activation": 16 + 16,  # not in place: the sum needs its input
    "1.residual.layers.1.conv": 16 + 16 + 16,  # input of the residual, of the convolution, output
    "1.residual.add": 16 + 16,
    "2.parallel.branches.0.0.conv": 16 + 8,
    "2.parallel.branches.1.0.conv": 16 + 8 + 12,  # the first branch's output waits
    "2.parallel.branches.1.1.activation": 8 + 12,  # in place
    "2.parallel.join": 8 + 12,
    "3.conv": 20 + 6,
}
DECODER = {
    "0.parallel.branches.0.0.conv": 6 + 6,
    "0.parallel.branches.1.0.activation": 6 + 6,  # in place of the latent, read for the last time
    "0.parallel.join": 6 + 6,
    "1.gru": 6 + 3 + 3,  # and the new state of the first of two layers
    "2.transposed_conv": 3 + 8,  # the sums of 4 later steps are state
    "3.residual.layers.0.conv": 8 + 8,
    "3.residual.skip": 8 + 8 + 8,  # after the branch
    "3.residual.add": 8 + 8,
    "4.conv": 8 + 4,
}
SENDING: dict[RvqForm, dict[str, int]] = {
    "absorbed": {
        "0.project_in": 6 + 2,
        "0.search": 6 + 2 + 1,
        "0.lookup": 6 + 1 + 6,
        "0.subtract": 6 + 1 + 6,  # in place
        "1.project_in": 6 + 1 + 2,
        "1.search": 6 + 1 + 2 + 1,
        "1.lookup": 6 + 2 + 6,
        "1.subtract": 6 + 2 + 6,
    },
    "projected": {
        "0.project_in": 6 + 2,
        "0.search": 6 + 2 + 1,
        "0.lookup": 6 + 1 + 2,
        "0.project_out": 6 + 1 + 2 + 6,
        "0.subtract": 6 + 1 + 6,
        "1.project_in": 6 + 1 + 2,
        "1.search": 6 + 1 + 2 + 1,
        "1.lookup": 6 + 2 + 2,
        "1.project_out": 6 + 2 + 2 + 6,
        "1.subtract": 6 + 2 + 6,
    },
}
RECEIVING: dict[RvqForm, dict[str, int]] = {
    "absorbed": {"0.lookup": 2 + 6, "1.lookup": 2 + 6 + 6, "1.add": 6 + 6},
    "projected": {
        "0.lookup": 2 + 2,
        "0.project_out": 2 + 2 + 6,
        "1.lookup": 2 + 6 + 2,
        "1.project_out": 6 + 2 + 6,  # both indices are looked up
        "1.add": 6 + 6,
    },
}


def design(text: str = SMALL) -> CodecDesign:
    return read_design(parse_yaml(text, "small"), "small")


def live(of: CodecDesign, side: Side, rvq: RvqForm = "absorbed") -> dict[str, int]:
    return dict(scratch(audit(of, rvq=rvq).ledger)[side].live_values)


def under(prefix: str, values: dict[str, int]) -> dict[str, int]:
    return {f"{prefix}.layers.{name}": count for name, count in values.items()}


@pytest.mark.parametrize("rvq", ["absorbed", "projected"])
def test_live_values_by_hand(rvq: RvqForm) -> None:
    sent = live(design(), "transmit", rvq)
    assert sent == under("encoder", ENCODER) | under("quantizer", SENDING[rvq])
    received = live(design(), "receive", rvq)
    assert received == under("quantizer", RECEIVING[rvq]) | under("decoder", DECODER)


def test_the_peak_in_the_document() -> None:
    document = audit(design()).document()
    sent = document["memory"]["transmit"]
    assert (sent["scratch_values"], sent["scratch_peak_at"]) == (
        48,
        "encoder.layers.1.residual.layers.1.conv",
    )
    assert sent["scratch_bytes"] == {"float32": 192, "float16": 96, "int8": 48}
    assert document["memory"]["receive"]["scratch_values"] == 24
    rows = {(row["side"], row["name"]): row["live_values"] for row in document["layers"]}
    assert rows["receive", "decoder.layers.2.transposed_conv"] == 11
    assert rows["transmit", "encoder.layers.0.conv"] == 20


def test_a_layer_that_is_off_needs_nothing() -> None:
    """One index fewer lives, and the second layer does not run."""
    one = design(SMALL.replace("codebook_dim: 2", "codebook_dim: 2, modes: [1, 2]"))
    ledger = audit(one, bitrate_kbps=0.2).ledger
    assert ledger.mode.active_layers == 1
    names = scratch(ledger)["receive"].live_values
    assert names["quantizer.layers.0.lookup"] == 1 + 6
    assert "quantizer.layers.1.lookup" not in names
    off = next(
        row
        for row in audit(one, bitrate_kbps=0.2).document()["layers"]
        if row["name"] == "quantizer.layers.1.lookup"
    )
    assert off["live_values"] == 0


QUANTIZERS: dict[str, tuple[dict[str, int], dict[str, int]]] = {
    "{grouped_rvq: {groups: 2, layers: 1, codebook_size: 4}}": (
        {
            "groups.0.layers.0.search": 6 + 1,
            "groups.0.layers.0.lookup": 6 + 1 + 3,
            "groups.0.layers.0.subtract": 6 + 1 + 3,  # in place of the entry: the latent is needed
            "groups.1.layers.0.search": 6 + 1 + 1,
            "groups.1.layers.0.lookup": 6 + 2 + 3,
            "groups.1.layers.0.subtract": 6 + 2 + 3,
        },
        {"groups.0.layers.0.lookup": 2 + 3, "groups.1.layers.0.lookup": 2 + 3 + 3},
    ),
    "{fsq: {levels: [4, 4], layers: 2}}": (
        {
            "project_in": 6 + 2,
            "layers.0.round": 2 + 2 + 1,  # what is left over is needed; then the index
            "layers.0.subtract": 2 + 2 + 1,
            "layers.1.round": 2 + 2,  # in place; then the second index
        },
        {
            "layers.0.rescale": 2 + 2,
            "layers.1.rescale": 2 + 2 + 2,
            "layers.1.add": 2 + 2,
            "project_out": 2 + 6,
        },
    ),
    "none": ({}, {}),
}


@pytest.mark.parametrize("quantizer", QUANTIZERS)
def test_other_quantizers_by_hand(quantizer: str) -> None:
    rvq = "{layers: 2, codebook_size: 4, codebook_dim: 2}"
    found = design(SMALL.replace(rvq, quantizer))
    sides: tuple[Side, Side] = ("transmit", "receive")
    for side, expected in zip(sides, QUANTIZERS[quantizer], strict=True):
        values = live(found, side)
        at_hand = {name: n for name, n in values.items() if name.startswith("quantizer.")}
        assert at_hand == {f"quantizer.{name}": n for name, n in expected.items()}
        coder = ("encoder", ENCODER) if side == "transmit" else ("decoder", DECODER)
        assert values.items() >= under(*coder).items()


@pytest.mark.parametrize(
    ("layer", "values"),
    [
        ("layer_norm", 8),
        ("rms_norm", 8),
        ("scale", 8),
        ("activation: snake", 8),
        ("pixel_shuffle: {factor: 2}", 8),  # its values are only laid out anew
        ("repeat: {factor: 2}", 8 + 16),
        ("linear", 8 + 8),
        ("depthwise_conv: {kernel: 3}", 8 + 8),
        ("gru", 8 + 8),
        ("lstm: {layers: 3}", 8 + 8 + 2),  # the new state of one layer
    ],
)
def test_a_layer_in_place_or_not(layer: str, values: int) -> None:
    """Before it are 2 channels of 4 steps; 4 of 2 if it doubles the rate itself."""
    factor = 2 if "factor" in layer else 1
    shape = f"kernel: 8, stride: {4 // factor}, channels: {2 * factor}"
    text = SMALL.replace("kernel: 8, stride: 4, channels: 2", shape)
    after = "    - residual: {learnable_skip"
    found = live(design(text.replace(after, f"    - {layer}\n{after}")), "receive")
    assert found[f"decoder.layers.3.{layer.partition(':')[0]}"] == values


def test_attention_keeps_the_scores_of_one_query() -> None:
    """4 channels of 4 steps; two parts with skips, 3 keys, a feed-forward part of 8 channels."""
    layer = "transformer: {window: 2, look_ahead: 1, heads: 2, feed_forward: 8, gated: true}"
    found = design(
        SMALL.replace("residual: {layers: [{activation: elu}, {conv: {kernel: 3}}]}", layer)
    )
    values = live(found, "transmit")
    at_hand: dict[str, Any] = {
        "attention.norm": 16 + 16,
        "attention.qkv": 16 + 16 + 48,
        "attention.attend": 16 + 48 + 16 + 3,
        "attention.out": 16 + 16 + 16,
        "attention.add": 16 + 16,
        "feed_forward.norm": 16 + 16,
        "feed_forward.up": 16 + 16 + 64,
        "feed_forward.gate": 16 + 64 + 32,  # its input is given back as a whole
        "feed_forward.down": 16 + 32 + 16,
        "feed_forward.add": 16 + 16,
    }
    prefix = "encoder.layers.1.transformer.0."
    assert {n.removeprefix(prefix): v for n, v in values.items() if prefix in n} == at_hand


def test_a_ledger_without_a_design_has_no_scratch() -> None:
    assert scratch(replace(audit(design()).ledger, live_values={})) == {}
