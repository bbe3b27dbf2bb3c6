"""Knobs of designs: one step more or less is a valid design, and what must follow follows."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings

from lrac_audit.auditing.changing.consistent import Fields, address_of
from lrac_audit.auditing.changing.knob import neighbour
from lrac_audit.auditing.changing.knobs import knobs
from lrac_audit.design.addresses import address_text, field_values
from lrac_audit.design.formats import load_design
from lrac_audit.design.parts import CodecDesign, Quantizer
from tests.random_lists import list_designs


def step(design: CodecDesign, name: str, direction: int) -> dict[str, Any] | None:
    """Return the fields of the next design in a direction, by their addresses as text."""
    fields = Fields(design)
    (knob,) = [knob for knob in knobs(fields) if knob.name == name]
    found = neighbour(fields, knob, direction)
    if found is None:
        return None
    return {address_text(at): value for at, value in found.changed.changes.items()}


TRACK1 = load_design("track1").design
MIMI = load_design("mimi-24khz").design
SNAC = load_design("snac-24khz").design


@pytest.mark.parametrize(
    ("design", "name", "direction", "changes"),
    [
        (TRACK1, "decoder.output.kernel", -1, {"decoder.output.kernel": 20}),
        (TRACK1, "encoder.blocks.0.down.channels", 1, {"encoder.blocks.0.down.channels": 17}),
        # A codebook of a power of two loses or gains a bit of its index.
        (TRACK1, "quantizer.codebook_size", -1, {"quantizer.codebook_size": 512}),
        (TRACK1, "quantizer.codebook_size", 1, {"quantizer.codebook_size": 2048}),
        (TRACK1, "quantizer.layers", -1, {"quantizer.layers": 5, "quantizer.modes": (1, 5)}),
        (TRACK1, "encoder.lstm_layers", -1, None),
        (TRACK1, "encoder.lstm_layers", 1, {"encoder.lstm_layers": 1}),
        # The residual ends with the width before it.
        (
            MIMI,
            "encoder.layers.0.conv.channels",
            1,
            {
                "encoder.layers.0.conv.channels": 65,
                "encoder.layers.1.residual.layers.3.conv.channels": 65,
            },
        ),
        # 8 heads, each of whose parts is turned in pairs: the width is a multiple of 16. The
        # transposed convolution of the decoder has a group for each channel.
        (
            MIMI,
            "encoder.layers.14.conv.channels",
            1,
            {
                "encoder.layers.14.conv.channels": 528,
                "decoder.layers.0.transposed_conv.groups": 528,
            },
        ),
        # The decoder's width must be that of the audio.
        (MIMI, "decoder.layers.16.conv.channels", 1, None),
    ],
)
def test_one_step(
    design: CodecDesign, name: str, direction: int, changes: dict[str, Any] | None
) -> None:
    assert step(design, name, direction) == changes


def test_a_stride_changes_with_the_one_that_undoes_it() -> None:
    """Kernels of two strides and of one stay so, and a trim of half of the surplus stays half."""
    found = step(TRACK1, "encoder.blocks.0.down.stride + decoder.blocks.2.up.stride", 1)
    assert found == {
        "encoder.blocks.0.down.stride": 4,
        "encoder.blocks.0.down.kernel": 8,
        "decoder.blocks.2.up.stride": 4,
        "decoder.blocks.2.up.kernel": 4,
        "decoder.blocks.2.up.trim": 0,
    }
    both = step(SNAC, "encoder.layers.10.conv.stride + decoder.layers.15.transposed_conv.stride", 1)
    assert both == {
        "encoder.layers.10.conv.stride": 5,
        "encoder.layers.10.conv.kernel": 10,
        "encoder.layers.10.conv.look_ahead": 2,  # of 5, half of which were 2 of 4
        "decoder.layers.15.transposed_conv.stride": 5,
        "decoder.layers.15.transposed_conv.kernel": 10,
        "decoder.layers.15.transposed_conv.trim": 3,
    }


def test_every_stride_of_a_baseline_is_in_a_pair() -> None:
    names = [knob.name for knob in knobs(Fields(TRACK1)) if " + " in knob.name]
    strides = [at for at in map(address_text, field_values(TRACK1)) if at.endswith(".stride")]
    assert sorted(" + ".join(names).split(" + ")) == sorted(strides)


def test_units_are_repeated_or_left_out() -> None:
    fields = Fields(TRACK1)
    (knob,) = [each for each in knobs(fields) if each.name == "units of encoder.blocks.3.residual"]
    before = TRACK1.encoder.blocks[3].residual
    for direction, after in ((-1, before[:2]), (1, (*before, before[2]))):
        found = neighbour(fields, knob, direction)
        assert found is not None
        assert found.changed.design.encoder.blocks[3].residual == after


def test_layers_of_a_quantizer_with_sizes_of_their_own() -> None:
    design = TRACK1.__class__(
        **{
            **{name: getattr(TRACK1, name) for name in ("name", "sample_rate_hz", "encoder")},
            "decoder": TRACK1.decoder,
            "quantizer": Quantizer(2, (64, 1024), modes=(1, 2)),
        }
    )
    assert step(design, "quantizer.layers", 1) == {
        "quantizer.layers": 3,
        "quantizer.modes": (1, 3),
        "quantizer.codebook_size": (64, 1024, 1024),
    }
    assert step(design, "quantizer.layers", -1) == {
        "quantizer.layers": 1,
        "quantizer.modes": (1,),
        "quantizer.codebook_size": (64,),
    }


def test_a_kernel_follows_a_dilation_that_would_leave_gaps() -> None:
    """Two taps 3 apart reach 4 samples, a stride; at a distance of 1 they reach 2."""
    at = address_of("encoder.blocks[1].down.kernel")
    dilation = (*at[:-1], "dilation")
    sparse = Fields(TRACK1).changed({at: 2, dilation: 3})
    assert sparse is not None
    closer = Fields(sparse.design).changed({dilation: 1})
    assert closer is not None
    assert closer.changes == {dilation: 1, at: 4}


@seed(7)
@settings(max_examples=3, suppress_health_check=list(HealthCheck), deadline=None)
@given(list_designs())
def test_every_step_of_any_design_turns_its_knob(design: CodecDesign) -> None:
    fields, turned = Fields(design), 0
    for knob in knobs(fields):
        for direction in (-1, 1):
            found = neighbour(fields, knob, direction)
            if found is None:
                continue
            turned += 1
            assert (found.value - knob.value) * direction > 0
            after = field_values(found.changed.design)
            for address, value in found.changed.changes.items():
                assert after.get(address, value) == value
            assert found.changed.design != design
    assert turned
