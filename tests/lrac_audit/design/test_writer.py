"""The text of a written design, line by line, and the head of its schema."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lrac_audit.design.native import write_design
from lrac_audit.design.native.reader import design_schema, read_design
from lrac_audit.design.parts import UpConv
from lrac_audit.design.yaml_source import parse_yaml
from tests.lrac_audit.design.sheet_pages import DESIGN

TEXT = """\
lrac_audit_design: 1
name: klein, größer und 声码器
limits: lrac-2025-track2
sample_rate_hz: 16000
encoder:
  activation: {name: elu, alpha: 0.5}
  input: {channels: 4, kernel: 3}
  blocks:
    - residual:
        - convs: [{kernel: 5, dilation: 2, causal: false}, {kernel: 1, groups: 2}]
          compress: 2
          learnable_skip: true
      down: {channels: 6, kernel: 4, stride: 2}
    - residual: []
      down: {channels: 8, kernel: 6, stride: 3, causal: false}
  lstm_layers: 2
  output: {channels: 10, kernel: 3, dilation: 2}
quantizer:
  layers: 4
  codebook_size: 256
  codebook_dim: 5
  modes: [1, 4]
decoder:
  activation: snake
  input: {channels: 9, kernel: 2}
  lstm_layers: 1
  blocks:
    - up: {channels: 6, kernel: 5, stride: 3, groups: 3, trim: both}
      residual:
        - convs: [{kernel: 3, dilation: 3}]
    - up: {channels: 4, kernel: 2, stride: 2}
      residual: []
  output: {kernel: 7}
  final_activation: {name: leaky_relu, negative_slope: 0.001}
"""


def test_a_design_is_written_with_one_line_for_each_convolution() -> None:
    assert write_design(replace(DESIGN, name="klein, größer und 声码器")) == TEXT


def written(up: UpConv) -> str:
    first, *others = DESIGN.decoder.blocks
    decoder = replace(DESIGN.decoder, blocks=(replace(first, up=up), *others))
    (line,) = [
        line
        for line in write_design(replace(DESIGN, decoder=decoder)).splitlines()
        if "stride: 3" in line and "- up" in line
    ]
    return line.partition("stride: 3")[2]


@pytest.mark.parametrize("name", ["1e5", "-2.E+3", "010", "1:30", "true", "null", "0x1f"])
def test_a_name_that_looks_like_a_number_stays_a_name(name: str) -> None:
    design = replace(DESIGN, name=name)
    assert read_design(parse_yaml(write_design(design), "written"), "written") == design


def test_a_trim_is_written_as_a_word_where_one_means_it() -> None:
    """Of 3 surplus samples, 0 are on the right, 3 on the left, 2 on the left of both sides."""
    assert written(UpConv(6, 6, 3, trim_left=0)) == "}"
    assert written(UpConv(6, 6, 3, trim_left=1)) == ", trim: 1}"
    assert written(UpConv(6, 6, 3, trim_left=2)) == ", trim: both}"
    assert written(UpConv(6, 6, 3, trim_left=3)) == ", trim: left}"


def test_a_line_holds_a_hundred_characters() -> None:
    """PyYAML's own 80 would break a line of a unit with four convolutions."""
    unit = DESIGN.encoder.blocks[0].residual[0]
    convs = (*unit.convs, replace(unit.convs[0], kernel=3, causal=True))
    first, *others = DESIGN.encoder.blocks
    block = replace(first, residual=(replace(unit, convs=convs),))
    encoder = replace(DESIGN.encoder, blocks=(block, *others))
    lines = write_design(replace(DESIGN, encoder=encoder)).splitlines()
    pairs = "{kernel: 5, dilation: 2, causal: false}, {kernel: 1, groups: 2}"
    assert f"        - convs: [{pairs}, {{kernel: 3, dilation: 2}}]" in lines


def test_the_head_of_the_schema() -> None:
    schema = design_schema()
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert schema["title"] == "Design of a neural audio codec"
    assert schema["description"] == "A whole codec."
    required = ["lrac_audit_design", "name", "sample_rate_hz", "encoder", "quantizer", "decoder"]
    assert schema["required"] == required
    assert schema["properties"]["lrac_audit_design"]["const"] == 1
    assert schema["definitions"]["UpConv"]["properties"]["trim"]["default"] == "right"
