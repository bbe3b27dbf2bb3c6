"""Designs written in the recipe's keys: read back they are the same, or each obstacle is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from lrac_audit.design.espnet import read_recipe, write_recipe
from lrac_audit.design.formats import load_design
from lrac_audit.design.parts import CodecDesign, Conv, Encoder, Quantizer
from lrac_audit.design.quantizers.fsq import Fsq
from lrac_audit.design.quantizers.grouped_rvq import GroupedRvq
from lrac_audit.design.quantizers.lookup_free import LookupFree
from lrac_audit.design.yaml_source import parse_yaml
from lrac_audit.errors import InputError
from tests.conftest import Result
from tests.random_designs import designs
from tests.sweeps import some_or_many

TRACK1 = load_design("track1").design


def read_back(design: CodecDesign) -> CodecDesign:
    return read_recipe(parse_yaml(write_recipe(design), "written"), "written", design.name).design


def expressible(design: CodecDesign) -> CodecDesign:
    """Return a design with everything that the recipe has no key for replaced."""
    plain = {"groups": 1, "dilation": 1}

    def blocks(coder: Any, rate: str, fields: dict[str, Any]) -> tuple[Any, ...]:
        found = []
        for block in coder.blocks:
            units = tuple(
                replace(
                    unit,
                    convs=tuple(replace(conv, groups=1) for conv in unit.convs),
                    compress=1,
                    learnable_skip=True,
                )
                for unit in block.residual
            )
            part = getattr(block, rate)
            changed = replace(part, **fields)
            if rate == "down":
                changed = replace(changed, kernel=max(part.kernel, part.stride))
            found.append(replace(block, residual=units, **{rate: changed}))
        return tuple(found)

    encoder, decoder = design.encoder, design.decoder
    first = encoder.input or replace(TRACK1.encoder.input, channels=3)
    edges = [each and replace(each, **plain) for each in (first, encoder.output, decoder.input)]
    return replace(
        design,
        encoder=replace(
            encoder, input=edges[0], output=edges[1], blocks=blocks(encoder, "down", plain)
        ),
        decoder=replace(
            decoder,
            input=edges[2],
            blocks=blocks(decoder, "up", {"groups": 1, "trim_left": 0}),
            output=replace(decoder.output, **plain) if decoder.output else Conv(3),
        ),
    )


@pytest.mark.parametrize("name", ["track1", "track2", "encodec-24khz", "dac-16khz"])
def test_presets_come_back_as_they_were(name: str) -> None:
    design = load_design(name).design
    quantizer = replace(design.quantizer, codebook_dim=design.codebook_dim)
    limits = design.limits or "lrac-2025-track1"  # which a recipe without enhancement is meant for
    assert read_back(design) == replace(design, quantizer=quantizer, limits=limits)


@some_or_many(40, 200)
def test_random_designs_come_back_as_they_were(cases: int) -> None:
    @settings(max_examples=cases)
    @given(designs())
    def check(design: CodecDesign) -> None:
        written = expressible(design)
        found = read_back(written)
        assert (found.encoder, found.decoder) == (written.encoder, written.decoder)
        assert found.quantizer.mode_layers == written.quantizer.mode_layers
        assert found.codebook_dim == written.codebook_dim
        assert found.sample_rate_hz == written.sample_rate_hz

    check()


QUANTIZERS = [
    (GroupedRvq(4, 6, 1024, 12, (1, 6)), "lrac", {"quantizer_groups": 4, "quantizer_n_q": 6}),
    (Fsq((8, 5, 5, 5), 6, (1, 6)), "lrac_rfsq", {"levels": [8, 5, 5, 5], "num_quantizers": 6}),
    (Fsq((3,) * 5), "lrac_rfsq", {"levels": [3] * 5, "num_quantizers": 1}),
]


@pytest.mark.parametrize(("quantizer", "codec", "params"), QUANTIZERS)
def test_quantizers_of_forks_come_back(quantizer: Any, codec: str, params: dict[str, Any]) -> None:
    design = replace(TRACK1, quantizer=quantizer)
    tree = yaml.safe_load(write_recipe(design))
    assert tree["codec"] == codec
    assert params.items() <= tree["codec_conf"]["quantizer_params"].items()
    stated = replace(quantizer, modes=quantizer.mode_layers)
    assert read_back(design) == replace(TRACK1, quantizer=stated)


@settings(max_examples=20)
@given(
    st.lists(st.integers(2, 17), min_size=1, max_size=6),
    st.integers(1, 12),
    st.integers(1, 3),
    st.sampled_from([8000, 16000, 22050, 24000, 44100, 48000]),
)
def test_modes_of_fsq_come_back(levels: list[int], layers: int, step: int, rate_hz: int) -> None:
    modes = tuple(range(1, layers + 1, step))
    quantizer = Fsq(tuple(levels), layers, modes)
    found = read_back(replace(TRACK1, quantizer=quantizer, sample_rate_hz=rate_hz))
    assert found.quantizer == quantizer


def unit_of(encoder: Encoder, **fields: Any) -> Encoder:
    """Return ``encoder`` with its first residual unit changed."""
    first, *others = encoder.blocks
    unit, *units = first.residual
    return replace(
        encoder,
        blocks=(replace(first, residual=(replace(unit, **fields), *units)), *others),
    )


ENCODER, DECODER = TRACK1.encoder, TRACK1.decoder
FIRST_UP = replace(DECODER.blocks[0], up=replace(DECODER.blocks[0].up, kernel=8, trim_left=1))
LAST_UP = replace(DECODER.blocks[1], up=replace(DECODER.blocks[1].up, kernel=6, trim_left=2))
BOTH_SIDES = replace(DECODER.blocks[0], up=replace(DECODER.blocks[0].up, kernel=7, trim_left=1))
OBSTACLES = {
    "encoder.input": replace(
        TRACK1, encoder=replace(unit_of(ENCODER), input=None, blocks=ENCODER.blocks)
    ),
    "encoder.input.dilation": replace(
        TRACK1, encoder=replace(ENCODER, input=replace(ENCODER.input, dilation=2))
    ),
    "encoder.blocks[0].residual[0].convs[0].groups": replace(
        TRACK1, encoder=unit_of(ENCODER, convs=(Conv(5, groups=8), Conv(1)))
    ),
    "encoder.blocks": replace(TRACK1, encoder=unit_of(ENCODER, compress=2)),
    "quantizer.codebook_size": replace(TRACK1, quantizer=Quantizer(2, (64, 64), 12)),
    "quantizer.grouped_rvq.codebook_size": replace(
        TRACK1, quantizer=GroupedRvq(2, 2, (64, 32), 12)
    ),
    "quantizer": replace(TRACK1, quantizer=LookupFree(10)),
    "decoder.blocks[0].up.trim": replace(
        TRACK1, decoder=replace(DECODER, blocks=(FIRST_UP, *DECODER.blocks[1:]))
    ),
    "decoder.blocks": replace(
        TRACK1, decoder=replace(DECODER, blocks=(BOTH_SIDES, LAST_UP, *DECODER.blocks[2:]))
    ),
}


@pytest.mark.parametrize("field", OBSTACLES)
def test_each_obstacle_is_named(field: str) -> None:
    with pytest.raises(InputError) as caught:
        write_recipe(OBSTACLES[field])
    assert [problem.field for problem in caught.value.problems] == [field]


def test_every_size_that_a_recipe_has_no_list_for_is_named() -> None:
    with pytest.raises(InputError) as caught:
        write_recipe(OBSTACLES["quantizer.codebook_size"])
    # Equal sizes in a list are a list all the same: a recipe has one number.
    assert str(caught.value) == (
        f"{TRACK1.name}: quantizer.codebook_size: given [64, 64]; allowed: one size for all "
        "layers: a recipe has no list"
    )


def test_the_command_writes_a_recipe(run: Callable[..., Result], tmp_path: Path) -> None:
    path = tmp_path / "train.yaml"
    assert run("convert", "track2", "--to", path).code == 0
    # The published recipe: strides of the encoder, and the bandwidths of its two modes.
    conf = yaml.safe_load(path.read_text(encoding="utf-8"))["codec_conf"]
    assert conf["encoder_params"]["strides"] == [2, 2, 3, 4, 5]
    assert conf["quantizer_params"]["quantizer_target_bandwidth"] == [1, 6]
    assert conf["apply_enhancement"] is True
    again = run("convert", "track2", "--to", path)
    assert (again.code, len(again.err.splitlines())) == (2, 1)
    refused = run("convert", "snac-24khz", "--to", tmp_path / "none.yaml")
    assert (refused.code, (tmp_path / "none.yaml").exists()) == (2, False)
    assert refused.err.startswith("error: snac-24khz: encoder.layers: given a list")
    for arguments in (("track1",), ("track1", tmp_path / "a.yaml", "--to", tmp_path / "b.yaml")):
        refused = run("convert", *arguments)
        assert (refused.code, len(refused.err.splitlines())) == (2, 1)
        assert "one file to write" in refused.err
