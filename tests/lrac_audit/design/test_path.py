"""The path of the signal through a small design, step by step as it was written down by hand."""

from __future__ import annotations

from dataclasses import replace

from lrac_audit.design.path import UNITS, signal_path
from lrac_audit.design.steps import SKIP, LstmLayer, LstmStack, Step, Sum, field_of, layers
from tests.lrac_audit.design.sheet_pages import DESIGN, UNIT

# path, channels in and out, audio samples per step, steps per frame of 2 x 3 samples. A layer that
# changes the rate counts the samples on its faster side and the steps on its slower one.
ENCODER = [
    ("encoder.input", 1, 4, 1, 6),
    (f"{UNIT}.acts.0", 4, 4, 1, 6),
    (f"{UNIT}.convs.0", 4, 2, 1, 6),
    (f"{UNIT}.acts.1", 2, 2, 1, 6),
    (f"{UNIT}.convs.1", 2, 4, 1, 6),
    (f"{UNIT}.skip", 4, 4, 1, 6),
    (f"{UNIT}.add", 4, 4, 1, 6),
    ("encoder.blocks.0.activation", 4, 4, 1, 6),
    ("encoder.blocks.0.down", 4, 6, 1, 3),
    ("encoder.blocks.1.activation", 6, 6, 2, 3),
    ("encoder.blocks.1.down", 6, 8, 2, 1),
    ("encoder.lstm.0", 8, 8, 6, 1),
    ("encoder.lstm.1", 8, 8, 6, 1),
    ("encoder.lstm.add", 8, 8, 6, 1),
    ("encoder.output_activation", 8, 8, 6, 1),
    ("encoder.output", 8, 10, 6, 1),
]
DECODER = [
    ("decoder.input", 10, 9, 6, 1),
    ("decoder.lstm.0", 9, 9, 6, 1),
    ("decoder.lstm.add", 9, 9, 6, 1),
    ("decoder.blocks.0.activation", 9, 9, 6, 1),
    ("decoder.blocks.0.up", 9, 6, 2, 1),
    ("decoder.blocks.0.residual.0.acts.0", 6, 6, 2, 3),
    ("decoder.blocks.0.residual.0.convs.0", 6, 6, 2, 3),
    ("decoder.blocks.0.residual.0.add", 6, 6, 2, 3),
    ("decoder.blocks.1.activation", 6, 6, 2, 3),
    ("decoder.blocks.1.up", 6, 4, 1, 3),
    ("decoder.output_activation", 4, 4, 1, 6),
    ("decoder.output", 4, 1, 1, 6),
    ("decoder.final_activation", 1, 1, 1, 6),
]
COMPOSITES = [
    ("encoder", 1, 10, 1, 6),
    ("encoder.blocks.0", 1 + 3, 6, 1, 6),
    (UNIT, 4, 4, 1, 6),
    ("encoder.blocks.1", 6, 8, 2, 3),
    ("encoder.lstm", 8, 8, 6, 1),
    ("decoder", 10, 1, 6, 1),
    ("decoder.lstm", 9, 9, 6, 1),
    ("decoder.blocks.0", 9, 6, 6, 1),
    ("decoder.blocks.0.residual.0", 6, 6, 2, 3),
    ("decoder.blocks.1", 6, 4, 2, 3),
]


def row(step: Step) -> tuple[object, ...]:
    return (
        step.path,
        step.channels_in,
        step.channels_out,
        step.samples_per_step,
        step.runs_per_frame,
    )


def composites(step: Step) -> list[Step]:
    inner = [each for part in step.inner or () for each in composites(part)]
    return [] if step.inner is None else [step, *inner]


def parts() -> dict[str, object]:
    path = signal_path(DESIGN)
    steps = [step for side in (path.encoder, path.decoder) for step in composites(side)]
    return {step.path: step.part for side in steps for step in (side, *(side.inner or ()))}


def test_every_layer_has_its_place_and_its_width_and_rate() -> None:
    path = signal_path(DESIGN)
    assert [row(step) for step in layers(path.encoder)] == ENCODER
    assert [row(step) for step in layers(path.decoder)] == DECODER
    found = [*composites(path.encoder), *composites(path.decoder)]
    assert [row(step) for step in found] == COMPOSITES
    assert {type(value) for step in found for value in row(step)[1:]} == {int}


def test_the_quantizer_stands_between_the_sides() -> None:
    step = signal_path(DESIGN).quantizer
    assert row(step) == ("quantizer", 10, 10, 6, 1)
    assert (step.part, step.side, step.stage) == (DESIGN.quantizer, "undivided", "rvq")
    assert step.inner is None
    assert layers(step) == [step]


def test_the_sides() -> None:
    path = signal_path(DESIGN)
    for side, stage, whole in (
        ("transmit", "encoder", path.encoder),
        ("receive", "decoder", path.decoder),
    ):
        steps = [*layers(whole), *composites(whole)]
        assert {(step.side, step.stage) for step in steps} == {(side, stage)}


def test_each_step_holds_its_part() -> None:
    encoder, decoder = DESIGN.encoder, DESIGN.decoder
    unit, block = encoder.blocks[0].residual[0], decoder.blocks[0]
    assert parts() == {
        "encoder": encoder,
        "encoder.input": encoder.input,
        "encoder.blocks.0": encoder.blocks[0],
        UNIT: unit,
        f"{UNIT}.acts.0": encoder.activation,
        f"{UNIT}.convs.0": unit.convs[0],
        f"{UNIT}.acts.1": encoder.activation,
        f"{UNIT}.convs.1": unit.convs[1],
        f"{UNIT}.skip": SKIP,
        # a centred kernel of 5 taps, 2 apart, reaches 4 steps ahead
        f"{UNIT}.add": Sum(look_ahead_steps=4),
        "encoder.blocks.0.activation": encoder.activation,
        "encoder.blocks.0.down": encoder.blocks[0].down,
        "encoder.blocks.1": encoder.blocks[1],
        "encoder.blocks.1.activation": encoder.activation,
        "encoder.blocks.1.down": encoder.blocks[1].down,
        "encoder.lstm": LstmStack(2),
        "encoder.lstm.0": LstmLayer(),
        "encoder.lstm.1": LstmLayer(),
        "encoder.lstm.add": Sum(look_ahead_steps=0),
        "encoder.output_activation": encoder.activation,
        "encoder.output": encoder.output,
        "decoder": decoder,
        "decoder.input": decoder.input,
        "decoder.lstm": LstmStack(1),
        "decoder.lstm.0": LstmLayer(),
        "decoder.lstm.add": Sum(look_ahead_steps=0),
        "decoder.blocks.0": block,
        "decoder.blocks.0.activation": decoder.activation,
        "decoder.blocks.0.up": block.up,
        "decoder.blocks.0.residual.0": block.residual[0],
        "decoder.blocks.0.residual.0.acts.0": decoder.activation,
        "decoder.blocks.0.residual.0.convs.0": block.residual[0].convs[0],
        "decoder.blocks.0.residual.0.add": Sum(look_ahead_steps=0),
        "decoder.blocks.1": decoder.blocks[1],
        "decoder.blocks.1.activation": decoder.activation,
        "decoder.blocks.1.up": decoder.blocks[1].up,
        "decoder.output_activation": decoder.activation,
        "decoder.output": decoder.output,
        "decoder.final_activation": decoder.final_activation,
    }


def test_what_a_design_leaves_out_is_no_step() -> None:
    encoder = replace(DESIGN.encoder, input=None, lstm_layers=0, output=None)
    encoder = replace(encoder, blocks=encoder.blocks[1:])
    decoder = replace(DESIGN.decoder, input=None, lstm_layers=0, final_activation=None)
    block = DESIGN.decoder.blocks[0]
    block = replace(block, up=replace(block.up, groups=1), residual=())
    decoder = replace(decoder, blocks=(block,))
    path = signal_path(replace(DESIGN, encoder=encoder, decoder=decoder))
    assert [row(step) for step in layers(path.encoder)] == [
        ("encoder.blocks.0.activation", 1, 1, 1, 3),
        ("encoder.blocks.0.down", 1, 8, 1, 1),
    ]
    assert [row(step) for step in layers(path.decoder)] == [
        ("decoder.blocks.0.activation", 8, 8, 3, 1),
        ("decoder.blocks.0.up", 8, 6, 1, 1),
        ("decoder.output_activation", 6, 6, 1, 3),
        ("decoder.output", 6, 1, 1, 3),
    ]


def test_a_unit_of_an_unknown_kind_is_named() -> None:
    assert UNITS.purpose == "place on the signal path as a residual unit"


def test_paths_and_fields() -> None:
    assert field_of("encoder") == "encoder"
    assert field_of("encoder.blocks.10.down") == "encoder.blocks[10].down"
    assert field_of("a.0.1.b") == "a[0][1].b"
    step = layers(signal_path(DESIGN).encoder)[2]
    assert step.field == "encoder.blocks[0].residual[0].convs[0]"
