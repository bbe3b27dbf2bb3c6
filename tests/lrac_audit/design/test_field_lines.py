"""Lines of fields: each is the line of the file that writes the field out."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from lrac_audit.design.field_lines import FieldLines
from lrac_audit.design.formats import load_design, read_design_data
from lrac_audit.design.steps import field_of
from lrac_audit.presets import preset_path
from tests.conftest import ROOT

SAMPLE = ROOT / "tests" / "data" / "espnet_sample.yaml"


def lines_of(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize(
    ("field", "text", "occurrence"),
    [
        ("sample_rate_hz", "sample_rate_hz: 24000", 1),
        ("limits", "limits: lrac-2025-track1", 1),
        ("encoder.input", "input: {channels: 8", 1),
        ("encoder.blocks[1].down.stride", "down: {channels: 32", 1),
        # The third unit of the third block, in the third of the lines that are all written so.
        ("encoder.blocks[2].residual[2].convs[1]", "dilation: 27}, {kernel: 1}", 3),
        # What a file does not write out has the line of the part around it.
        ("encoder.blocks[3].residual[1].acts[0]", "- convs: [{kernel: 7, dilation: 9}", 1),
        ("quantizer.layers[4].search", "layers: 6", 1),
        ("quantizer", "quantizer:", 1),
        ("decoder.final_activation", "final_activation: tanh", 1),
    ],
)
def test_a_field_of_an_own_file(field: str, text: str, occurrence: int) -> None:
    lines = lines_of(preset_path("track1"))
    places = [number for number, line in enumerate(lines, 1) if text in line]
    assert load_design("track1").lines.line(field) == places[occurrence - 1]


@pytest.mark.parametrize(
    ("field", "key"),
    [
        ("sample_rate_hz", "sampling_rate: 16000"),
        ("encoder.input", "n_filters: [4, 6, 8]"),
        ("encoder.blocks[1].down.kernel", "downsampling_kernel_sizes"),
        ("encoder.blocks[0].residual[1].convs[2].kernel", "residual_kernel_sizes: [[[3, 1], [5"),
        ("encoder.lstm_layers", "lstm: 2"),
        ("decoder.output.kernel", "output_kernel_size: 11"),
        ("quantizer.layers[3].search", "quantizer_n_q: 4"),
    ],
)
def test_a_field_of_a_recipe_is_where_the_recipe_writes_it(field: str, key: str) -> None:
    line = load_design(SAMPLE).lines.line(field)
    assert line is not None
    assert key in lines_of(SAMPLE)[line - 1]


def test_the_layers_of_an_lstm_are_one_field() -> None:
    assert field_of("encoder.lstm.1") == "encoder.lstm_layers"
    assert field_of("encoder.layers.3.lstm") == "encoder.layers[3].lstm"


def test_what_comes_from_no_file_has_no_lines() -> None:
    data = yaml.safe_load(preset_path("track1").read_text(encoding="utf-8"))
    assert read_design_data(data).lines.line("encoder") is None
    assert FieldLines().line("encoder") is None
