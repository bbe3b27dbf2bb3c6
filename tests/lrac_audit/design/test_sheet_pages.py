"""What the cells of a design sheet mean, and what is said of each cell that is wrong."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lrac_audit.design.activations import Activation
from lrac_audit.design.parts import CodecDesign
from lrac_audit.design.sheet import reading
from lrac_audit.design.sheet.reading import ReadSheet, read_sheet
from lrac_audit.errors import InputError
from tests.lrac_audit.design.sheet_pages import DESIGN, UNIT, grids


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Read the small sheet with some of its cells changed."""

    def read(**edits: Any) -> ReadSheet:
        pages = grids(edits)
        monkeypatch.setattr(reading, "read_pages", lambda path, wanted, max_rows: pages)
        return read_sheet(Path("sheet.xlsx"), "my sheet")

    return read


@pytest.fixture
def refused(read: Any) -> Any:
    """The problems of the small sheet with some of its cells changed."""

    def refused(**edits: Any) -> list[str]:
        with pytest.raises(InputError) as caught:
            read(**edits)
        assert caught.value.source == "my sheet"
        return [str(problem) for problem in caught.value.problems]

    return refused


def test_each_cell_is_a_field_of_the_design(read: Any) -> None:
    found = read()
    assert found.design == DESIGN
    assert found.limit_edits == {}


def test_where_the_limits_stand(read: Any) -> None:
    assert read().limit_cells == {
        "limits": "Inputs!B30",
        "convention": "Inputs!B31",
        "sample_rate_hz": "Inputs!B32",
        "overall_mflops": "Inputs!B33",
        "receive_mflops": "Inputs!B34",
        "total_latency_ms": "Inputs!B35",
        "bitrates_kbps[0]": "Inputs!B36",
    }


def test_the_pages_that_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def read_pages(path: Path, wanted: tuple[str, ...], max_rows: int) -> Any:
        asked.append((path, wanted, max_rows))
        pages = grids({})
        return {"Encoder": pages["Encoder"]}

    monkeypatch.setattr(reading, "read_pages", read_pages)
    with pytest.raises(InputError) as caught:
        read_sheet(Path("sheet.xlsx"), "my sheet")
    assert str(caught.value).splitlines() == [
        "my sheet: Inputs: given no page of that name; allowed: a page",
        "my sheet: Decoder: given no page of that name; allowed: a page",
    ]
    assert asked == [(Path("sheet.xlsx"), ("Inputs", "Encoder", "Decoder", "Layers"), 5000)]


def changed(**fields: Any) -> CodecDesign:
    return replace(DESIGN, **fields)


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ({"Inputs!B30": "none"}, changed(limits=None)),
        ({"Inputs!B30": "no such set"}, changed(limits="no such set")),
        ({"Inputs!B18": None}, changed(quantizer=replace(DESIGN.quantizer, codebook_dim=None))),
        ({"Inputs!B21": None}, changed(quantizer=replace(DESIGN.quantizer, modes=(4,)))),
        (
            {"Inputs!B21": None, "Inputs!B22": None},
            changed(quantizer=replace(DESIGN.quantizer, modes=())),
        ),
        (
            {"Inputs!B9": None},
            changed(encoder=replace(DESIGN.encoder, activation=Activation("elu"))),
        ),
        (
            {"Inputs!B9": "alpha=+2e-1"},
            changed(
                encoder=replace(DESIGN.encoder, activation=Activation("elu", (("alpha", 0.2),)))
            ),
        ),
        (
            {"Inputs!B9": "  alpha=-.5e+1  "},
            changed(
                encoder=replace(DESIGN.encoder, activation=Activation("elu", (("alpha", -5.0),)))
            ),
        ),
        (
            {"Decoder!A17": None, "Decoder!B17": None, "Inputs!B12": "none", "Inputs!B13": None}
            | {"Inputs!B40": 12},
            changed(decoder=replace(DESIGN.decoder, final_activation=None)),
        ),
        (
            {"Encoder!A19": None, "Encoder!B19": None, "Encoder!A20": None, "Encoder!B20": None}
            | {f"Encoder!{column}20": None for column in "DEGHI"}
            | {"Inputs!B39": 14},
            changed(encoder=replace(DESIGN.encoder, output=None)),
        ),
    ],
)
def test_what_may_be_left_out(read: Any, edits: dict[str, Any], expected: CodecDesign) -> None:
    assert read(**edits).design == expected


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ({"Inputs!B33": 650}, {"overall_mflops": 650}),
        (
            {"Inputs!B33": 650.5, "Inputs!B34": "None"},
            {"overall_mflops": 650.5, "receive_mflops": None},
        ),
        ({"Inputs!B35": "none"}, {"total_latency_ms": None}),
        ({"Inputs!B31": "macs"}, {"convention": "macs"}),
        ({"Inputs!B32": 16000.0}, {"sample_rate_hz": 16000}),
        ({"Inputs!B36": 2.5}, {"bitrates_kbps": [2.5]}),
        ({"Inputs!B33": 0.5}, {"overall_mflops": 0.5}),
        ({"Inputs!B36": "NONE"}, {"bitrates_kbps": []}),
    ],
)
def test_limits_that_are_typed_replace_those_of_the_set(
    read: Any, edits: dict[str, Any], expected: dict[str, Any]
) -> None:
    found = read(**edits).limit_edits
    assert found == expected
    assert [type(value) for value in found.values()] == [type(value) for value in expected.values()]


def test_each_limit_has_a_place_for_more_bitrates(read: Any) -> None:
    """A second label moves what stands below it by one row, and each slot is read."""
    moved = {
        "Inputs!A37": "Bitrate 2, kbps", "Inputs!B37": 6, "Inputs!A38": None,
        "Inputs!A39": "Follows from the design", "Inputs!B39": None,
        "Inputs!A40": "Layers on page Encoder", "Inputs!B40": 16,
        "Inputs!A41": "Layers on page Decoder", "Inputs!B41": 13,
        "Inputs!A42": "Hop, samples", "Inputs!B42": "=1",
    }  # fmt: skip
    found = read(**moved, **{"Inputs!B36": "none"})
    assert found.limit_edits == {"bitrates_kbps": [6]}
    assert found.limit_cells["bitrates_kbps[1]"] == "Inputs!B37"
    assert found.design == DESIGN


INPUT_PROBLEMS: dict[str, tuple[dict[str, Any], str]] = {
    "label": ({"Inputs!A6": "Rate"}, "Inputs!A6: given 'Rate'; allowed: the label 'Sample rate'"),
    "no label": (
        {"Inputs!A6": None},
        "Inputs!A6: given an empty cell; allowed: the label 'Sample rate'",
    ),
    "heading": ({"Inputs!A15": 3}, "Inputs!A15: given 3; allowed: the label 'Quantizer'"),
    "no name": ({"Inputs!B5": None}, "Inputs!B5: given an empty cell; allowed: a text"),
    "number for a text": ({"Inputs!B8": 7}, "Inputs!B8: given 7; allowed: a text"),
    "text for a number": (
        {"Inputs!B6": "16,000"},
        "Inputs!B6: given the text '16,000'; allowed: a whole number",
    ),
    "fraction": ({"Inputs!B16": 4.5}, "Inputs!B16: given 4.5; allowed: a whole number"),
    "no number": ({"Inputs!B17": None}, "Inputs!B17: given an empty cell; allowed: a whole number"),
    "width": (
        {"Inputs!B18": "five"},
        "Inputs!B18: given the text 'five'; allowed: a whole number",
    ),
    "truth value": ({"Inputs!B7": True}, "Inputs!B7: given True; allowed: a whole number"),
    "formula": (
        {"Inputs!B6": "=8000*2"},
        "Inputs!B6: given the formula '=8000*2'; allowed: a value, typed as such",
    ),
    "mode": ({"Inputs!B21": 1.5}, "Inputs!B21: given 1.5; allowed: a whole number"),
    "no constant": (
        {"Inputs!B9": "alpha"},
        "Inputs!B9: given 'alpha'; allowed: nothing, or constants such as alpha=0.5",
    ),
    "constant twice": (
        {"Inputs!B9": "alpha=1, alpha=2"},
        "Inputs!B9: given 'alpha=1, alpha=2'; allowed: nothing, or constants such as alpha=0.5",
    ),
    "constant called name": (
        {"Inputs!B9": "name=1"},
        "Inputs!B9: given 'name=1'; allowed: nothing, or constants such as alpha=0.5",
    ),
    "two points": (
        {"Inputs!B9": "alpha=1.2.3"},
        "Inputs!B9: given 'alpha=1.2.3'; allowed: nothing, or constants such as alpha=0.5",
    ),
    "capital exponent": (
        {"Inputs!B9": "alpha=-2E0"},
        "Inputs!B9: given 'alpha=-2E0'; allowed: nothing, or constants such as alpha=0.5",
    ),
    "number for constants": (
        {"Inputs!B9": 0.5},
        "Inputs!B9: given 0.5; allowed: nothing, or constants such as alpha=0.5",
    ),
    "unknown constant": (
        {"Inputs!B9": "beta=1"},
        "Inputs!B9: given 1; allowed: alpha for elu",
    ),
    "second constant": (
        {"Inputs!B9": "alpha=1, beta=2"},
        "Inputs!B9: given 2; allowed: alpha for elu",
    ),
    "unknown activation": (
        {"Inputs!B8": "softsign"},
        "Inputs!B8: given 'softsign'; allowed: one of elu, relu, leaky_relu, prelu, gelu, silu, "
        "tanh, sigmoid, snake",
    ),
    "none for an activation": (
        {"Inputs!B10": "none"},
        "Inputs!B10: given 'none'; allowed: one of elu, relu, leaky_relu, prelu, gelu, silu, "
        "tanh, sigmoid, snake",
    ),
    "negative limit": (
        {"Inputs!B33": -1},
        "Inputs!B33: given -1; allowed: nothing, none, or a positive number",
    ),
    "no limit at all": (
        {"Inputs!B33": 0},
        "Inputs!B33: given 0; allowed: nothing, none, or a positive number",
    ),
    "endless limit": (
        {"Inputs!B33": 1e18},
        "Inputs!B33: given 1e+18; allowed: nothing, none, or a positive number",
    ),
    "limit as a text": (
        {"Inputs!B34": "300"},
        "Inputs!B34: given the text '300'; allowed: nothing, none, or a positive number",
    ),
    "limit as a truth value": (
        {"Inputs!B34": True},
        "Inputs!B34: given True; allowed: nothing, none, or a positive number",
    ),
    "fraction of a rate": (
        {"Inputs!B32": 16000.5},
        "Inputs!B32: given 16000.5; allowed: nothing, none, or a positive number",
    ),
    "convention": ({"Inputs!B31": 2}, "Inputs!B31: given 2; allowed: a text"),
    "mode typed over": ({"Inputs!C21": 1}, "Inputs!C21: given 1; allowed: its formula"),
    "bitrate typed over": ({"Inputs!D22": 1.5}, "Inputs!D22: given 1.5; allowed: its formula"),
    "limit typed over": ({"Inputs!D33": 700}, "Inputs!D33: given 700; allowed: its formula"),
    "choice typed over": ({"Inputs!C26": 4}, "Inputs!C26: given 4; allowed: its formula"),
    "hop typed over": ({"Inputs!B41": 6}, "Inputs!B41: given 6; allowed: its formula"),
    "rate typed over": ({"Inputs!B42": 2666.7}, "Inputs!B42: given 2666.7; allowed: its formula"),
    "last price": (
        {"Inputs!A140": "price", "Inputs!B140": 2},
        "Inputs!B140: given 2; allowed: its formula",
    ),
    "rows": ({"Inputs!B39": None}, "Inputs!B39: given an empty cell; allowed: a whole number"),
    "rule": (
        {"Inputs!B22": 5},
        "Inputs!B22: given 5; allowed: at most the 4 layers",
    ),
    "rule after a gap": (
        {"Inputs!B21": None, "Inputs!B22": 5},
        "Inputs!B22: given 5; allowed: at most the 4 layers",
    ),
    "rule of the width": (
        {"Inputs!B18": 0},
        "Inputs!B18: given 0; allowed: a whole number from 1 to 1048576",
    ),
}


@pytest.mark.parametrize("problem", INPUT_PROBLEMS.values(), ids=INPUT_PROBLEMS)
def test_a_wrong_cell_of_the_inputs_is_named(
    refused: Any, problem: tuple[dict[str, Any], str]
) -> None:
    edits, expected = problem
    assert refused(**edits) == [expected]


@pytest.mark.parametrize(
    "edits",
    [
        {"Inputs!A43": None, "Inputs!B43": 5},  # without a label it is a note
        {"Inputs!A141": "far below", "Inputs!B141": 2},
        {"Inputs!E5": 7, "Inputs!C5": 3},
        {"Inputs!B41": "text"},
        {"Inputs!C30": None, "Inputs!D30": None},
        {"Encoder!B13": None},
        {"Inputs!B25": 3},  # the choice of what to show is no part of the design
    ],
)
def test_other_cells_of_the_inputs_are_free(read: Any, edits: dict[str, Any]) -> None:
    assert read(**edits).design == DESIGN


def test_a_cell_is_reported_once(refused: Any) -> None:
    assert refused(**{"Inputs!B5": "=A1", "Inputs!B6": "=2"}) == [
        "Inputs!B5: given the formula '=A1'; allowed: a value, typed as such",
        "Inputs!B6: given the formula '=2'; allowed: a value, typed as such",
    ]


LAYER_PROBLEMS: dict[str, tuple[dict[str, Any], str]] = {
    "header": (
        {"Encoder!E4": "Stride"},
        "Encoder!E4: given 'Stride'; allowed: the header 'Kernel'",
    ),
    "no header": (
        {"Decoder!Y4": None},
        "Decoder!Y4: given an empty cell; allowed: the header 'Live, values'",
    ),
    "no name": (
        {"Encoder!A9": None},
        "Encoder!A9: given an empty cell; allowed: the name of a layer of the encoder",
    ),
    "name of the other side": (
        {"Encoder!A9": "decoder.input"},
        "Encoder!A9: given 'decoder.input'; allowed: the name of a layer of the encoder",
    ),
    "no layer at all": (
        {f"Decoder!A{row}": None for row in range(5, 18)}
        | {f"Decoder!{column}{row}": None for row in range(6, 18) for column in "BDEFGHIJK"},
        "Decoder!A5: given an empty cell; allowed: the name of a layer of the decoder",
    ),
    "another row": (
        {"Encoder!A9": "encoder.blocks.0.residual.7.convs.1"},
        # the unit then has one convolution, after which its skip path comes
        f"Encoder!A8: given '{UNIT}.acts.1'; allowed: the layer {UNIT}.skip",
    ),
    "more rows than were written": (
        {"Inputs!B39": 17},
        "Encoder!A5:A20: given 16 rows; allowed: the 17 rows that were written",
    ),
    "fewer rows than were written": (
        {"Inputs!B40": 12},
        "Decoder!A5:A17: given 13 rows; allowed: the 12 rows that were written",
    ),
    "note below": (
        {"Encoder!E30": "total"},
        "Encoder!E30: given 'total'; allowed: nothing below the layers",
    ),
    "operation": (
        {"Encoder!B13": "transposed_conv"},
        "Encoder!B13: given 'transposed_conv'; allowed: the operation conv",
    ),
    "operation of an up": (
        {"Decoder!B9": "conv"},
        "Decoder!B9: given 'conv'; allowed: the operation transposed_conv",
    ),
    "number for an operation": ({"Encoder!B13": 4}, "Encoder!B13: given 4; allowed: its formula"),
    "text for a number": (
        {"Encoder!E7": "5"},
        "Encoder!E7: given the text '5'; allowed: a whole number",
    ),
    "fraction": ({"Decoder!J9": 0.5}, "Decoder!J9: given 0.5; allowed: a whole number"),
    "empty": ({"Encoder!K7": None}, "Encoder!K7: given an empty cell; allowed: a whole number"),
    "flag": ({"Encoder!I7": "perhaps"}, "Encoder!I7: given 'perhaps'; allowed: yes or no"),
    "number for a flag": ({"Encoder!I7": 1}, "Encoder!I7: given 1; allowed: yes or no"),
    "no flag": ({"Encoder!I5": None}, "Encoder!I5: given an empty cell; allowed: yes or no"),
    "formula": (
        {"Encoder!E7": "=2+3"},
        "Encoder!E7: given the formula '=2+3'; allowed: a value, typed as such",
    ),
    "typed over": ({"Encoder!Q9": 12.5}, "Encoder!Q9: given 12.5; allowed: its formula"),
    "channels typed over": (
        {"Encoder!D7": 2},
        "Encoder!D7: given 2; allowed: nothing; this layer has no such input",
    ),
    "no such input": (
        {"Encoder!G6": 3},
        "Encoder!G6: given 3; allowed: nothing; this layer has no such input",
    ),
    "width typed over": ({"Encoder!C7": 4}, "Encoder!C7: given 4; allowed: its formula"),
    "causal up": (
        {"Decoder!I9": "yes"},
        "Decoder!I9: given 'yes'; allowed: nothing; this layer has no such input",
    ),
    "zero": (
        {"Encoder!G7": 0},
        "Encoder!G7: given 0; allowed: a whole number from 1 to 1048576",
    ),
    "trim": ({"Decoder!J9": 3}, "Decoder!J9: given 3; allowed: at most kernel - stride, 2 samples"),
    "negative trim": (
        {"Decoder!J9": -1},
        "Decoder!J9: given -1; allowed: right, left, both, or the samples trimmed on the left",
    ),
    "hops": (
        {"Decoder!F14": 1},
        "Decoder!F5:F17: given strides that multiply to 3; allowed: the encoder's hop, 6 samples",
    ),
    "hop": (
        {f"{page}!{cell}": 5000 for page, cell in
         [("Encoder", "E13"), ("Encoder", "F13"), ("Encoder", "E15"), ("Encoder", "F15"),
          ("Decoder", "E9"), ("Decoder", "F9"), ("Decoder", "E14"), ("Decoder", "F14")]}
        | {"Decoder!J9": 0},
        "Encoder!F5:F20: given strides that multiply to 25000000; allowed: a hop of at most "
        "16777216 samples",
    ),
    "no row for the final activation": (
        {"Decoder!A17": None, "Decoder!B17": None, "Inputs!B40": 12},
        "Decoder!A17: given an empty cell; allowed: the layer decoder.final_activation",
    ),
    "compress": (
        {"Encoder!K7": 5},
        "Encoder!K7: given 5; allowed: at most the 4 channels of its block",
    ),
    "no output": (
        {"Decoder!A15": "decoder.final_activation", "Decoder!A16": None, "Decoder!A17": None}
        | {f"Decoder!{column}{row}": None for column in "BEGHI" for row in (16, 17)}
        | {"Inputs!B40": 11},
        "Decoder!A15: given none after 4 channels; allowed: a layer, or the 1 audio channels "
        "before it",
    ),
}  # fmt: skip


@pytest.mark.parametrize("problem", LAYER_PROBLEMS.values(), ids=LAYER_PROBLEMS)
def test_a_wrong_cell_of_a_layer_is_named(
    refused: Any, problem: tuple[dict[str, Any], str]
) -> None:
    edits, expected = problem
    assert refused(**edits) == [expected]


def test_a_moved_layer_is_reported_where_the_order_breaks(refused: Any) -> None:
    swapped = {"Encoder!A16": "encoder.lstm.1", "Encoder!A17": "encoder.lstm.0"}
    assert refused(**swapped) == [
        "Encoder!A16: given 'encoder.lstm.1'; allowed: the layer encoder.lstm.0"
    ]
    added = {"Encoder!A21": "encoder.lstm.add", "Encoder!B21": "add", "Inputs!B39": 17}
    assert refused(**added) == ["Encoder!A21: given 'encoder.lstm.add'; allowed: nothing"]
    missing = {"Encoder!A20": None, "Inputs!B39": 15}
    missing |= {f"Encoder!{column}20": None for column in "BDEGHI"}
    assert refused(**missing) == [
        "Encoder!A19: given 'encoder.output_activation'; allowed: nothing"
    ]
    unfinished = {"Encoder!A18": "encoder.lstm.2", "Encoder!B18": "lstm"}
    assert refused(**unfinished) == [
        "Encoder!A19: given 'encoder.output_activation'; allowed: the layer encoder.lstm.add"
    ]


def test_a_layer_that_no_design_has(refused: Any) -> None:
    found = refused(**{"Encoder!A12": "encoder.wings.0", "Encoder!B12": "=elu"})
    assert found == [
        "Encoder!A12: given 'encoder.wings.0'; allowed: the layer encoder.blocks.0.activation"
    ]


def test_all_problems_of_all_pages_come_at_once(refused: Any) -> None:
    edits = {"Inputs!B6": "x", "Encoder!E7": "5", "Encoder!G6": 3, "Decoder!E4": None}
    assert [line.partition(": ")[0] for line in refused(**edits)] == [
        "Inputs!B6",
        "Encoder!G6",
        "Encoder!E7",
        "Decoder!E4",
    ]
