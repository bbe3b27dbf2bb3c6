"""The page of the design format has an example of each kind of layer, and each is audited."""

from __future__ import annotations

from typing import get_type_hints

import pytest

from lrac_audit import audit
from lrac_audit.design.layer import LAYER_KINDS, LayerList, kind_name
from lrac_audit.design.native.reader import read_design
from lrac_audit.design.parts import CodecDesign
from lrac_audit.design.quantizer import QUANTIZER_KINDS, quantizer_name
from lrac_audit.design.yaml_source import parse_yaml
from tests.conftest import ROOT
from tests.documents.layer_examples import (
    PAGE,
    design_around,
    layer_examples,
    quantizer_examples,
    whole_designs,
)

EXAMPLES = layer_examples()
QUANTIZERS = quantizer_examples()


def designed(name: str) -> CodecDesign:
    return read_design(design_around(EXAMPLES[name]), name)


def test_every_kind_has_an_example() -> None:
    assert set(EXAMPLES) == set(LAYER_KINDS)


def test_every_kind_of_quantizer_has_an_example() -> None:
    assert set(QUANTIZERS) == set(QUANTIZER_KINDS)


# Bits of a frame, by hand: log2(8 * 5**3) = 9.97, so 10; 6 * 10; 2 * (10 + 10 + 8); 8 * 11; (1 + 2
# + 4) indices of 12 bits for 4 latent steps; none at all.
@pytest.mark.parametrize(
    ("name", "bits", "steps"),
    [
        ("fsq", 10, 1),
        ("lookup_free", 60, 1),
        ("grouped_rvq", 56, 1),
        ("split_rvq", 88, 1),
        ("multi_scale", 84, 4),
        ("none", 0, 1),
    ],
)
def test_an_example_of_a_quantizer_is_audited(name: str, bits: int, steps: int) -> None:
    tree = {**design_around(EXAMPLES["layer_norm"]), "quantizer": QUANTIZERS[name]}
    design = read_design(tree, name)
    assert quantizer_name(design.quantizer) == name
    assert design.quantizer.bits_per_frame(design.quantizer.layers) == bits
    # 24000 Hz at a hop of 240 are 100 latent steps per second
    assert audit(design).ledger.mode.bitrate_kbps == (bits * 100 / steps / 1000 or None)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_a_design_that_is_audited(name: str) -> None:
    design = designed(name)
    assert isinstance(design.encoder, LayerList) and isinstance(design.decoder, LayerList)
    assert name in {kind_name(layer) for layer in (*design.encoder.layers, *design.decoder.layers)}
    found = audit(design)
    assert found.ledger.hop_samples == 240
    assert any(f".{name}" in row.name for row in found.ledger.rows)
    assert found.verdict.status in ("pass", "fail")


# The delays that the page's comments state, in samples, before those of the hop.
@pytest.mark.parametrize(
    ("name", "row", "delay"),
    [
        ("conv", "encoder.layers.1.conv", 1),
        ("depthwise_conv", "encoder.layers.1.depthwise_conv", 9),
        ("convnext", "encoder.layers.1.convnext.depthwise", 1),
        ("transformer", "encoder.layers.1.transformer.1.attention.attend", 1),
        ("parallel", "encoder.layers.1.parallel.branches.1.0.depthwise_conv", 2),
        ("stft", "encoder.layers.1.stft", 240),
        ("mdct", "encoder.layers.1.mdct", 0),
        ("istft", "decoder.layers.1.istft", 480),
        ("imdct", "decoder.layers.1.imdct", 240),
        # 9 - 4 = 5 surplus steps; `both` puts the odd one on the left: 3 steps of 60 samples
        ("transposed_conv", "decoder.layers.0.transposed_conv", 3 * 60),
    ],
)
def test_the_delays_of_the_examples(name: str, row: str, delay: int) -> None:
    rows = {one.name: one for one in audit(designed(name)).ledger.rows}
    assert rows[row].delay_samples == delay


def test_a_pixel_shuffle_leaves_a_share_of_the_channels() -> None:
    rows = {one.name: one for one in audit(designed("pixel_shuffle")).ledger.rows}
    geometry = rows["decoder.layers.0.pixel_shuffle"].geometry
    assert (geometry.channels_in, geometry.channels_out) == (24, 6)


def test_a_codeword_as_wide_as_the_latent_drops_the_projections() -> None:
    tree = design_around(EXAMPLES["rms_norm"])
    quantizer = tree["quantizer"]

    def rows(**fields: int | None) -> list[str]:
        given = {key: value for key, value in {**quantizer, **fields}.items() if value}
        design = read_design({**tree, "quantizer": given}, "text")
        return [row.name for row in audit(design, rvq="projected").ledger.rows]

    narrow, equal, left_out = rows(), rows(codebook_dim=24), rows(codebook_dim=None)
    assert any("project" in name for name in narrow)
    assert not any("project" in name for name in equal)
    assert equal == left_out


def test_the_design_of_lists_is_within_the_first_limits() -> None:
    text = whole_designs()[1]
    design = read_design(parse_yaml(text, "page"), "page")
    assert (design.hop_samples, design.latent_dim) == (240, 48)
    assert audit(design).verdict.status == "pass"


@pytest.mark.parametrize("kind", LAYER_KINDS.names, ids=lambda kind: kind.__name__)
def test_every_field_of_a_kind_is_named(kind: type) -> None:
    page = (ROOT / "docs" / PAGE).read_text(encoding="utf-8")
    section = page.split("## Lists of layers")[1].split("\n| field |")[0]
    (line,) = [
        one
        for one in section.splitlines()
        if one.startswith("| `") and (f"`{LAYER_KINDS.names[kind]}`" in one.split(" | ")[0])
    ]
    for field in get_type_hints(kind):
        if field not in ("parameters",):
            assert f"`{field.replace('trim_left', 'trim')}`" in line
