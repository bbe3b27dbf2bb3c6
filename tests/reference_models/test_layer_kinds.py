"""A kind of layer or quantizer is what its registries say, and never something else."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from lrac_audit import audit
from lrac_audit.design.formats import load_design
from lrac_audit.design.kind_registry import KindRegistry
from lrac_audit.design.layer_checks import CHECKS
from lrac_audit.design.parts import EdgeConv, EncoderBlock, Quantizer, ResidualUnit
from lrac_audit.design.path import UNITS
from lrac_audit.design.sheet import read_sheet
from lrac_audit.design.sheet.layers import SHEET_LAYERS
from lrac_audit.errors import InputError
from lrac_audit.ledger import walk
from lrac_audit.ledger.latency import context
from lrac_audit.ledger.operations import LAYER_ROWS
from lrac_audit.ledger.quantizers.flows import QUANTIZER_FLOWS, Running
from lrac_audit.ledger.quantizers.rows import QUANTIZER_ROWS
from lrac_audit.ledger.scratch import LiveValues
from lrac_audit.report.workbook.build import sheet_pages
from lrac_audit.report.workbook.layer_formulas import LAYER_FORMULAS
from lrac_audit.report.workbook.page import letter
from reference_models.nn.build import build, build_quantizer
from reference_models.nn.espnet_names import LAYER_PLACES, QUANTIZER_PLACES, places
from reference_models.nn.espnet_weights import load_state_dict
from reference_models.nn.layer_modules import LAYER_MODULES, QUANTIZER_MODULES
from tests.lrac_audit.report.workbook.sheets import write
from tests.reference_models import separable_conv
from tests.reference_models.separable_conv import SeparableConv

TRACK1 = load_design("track1").design
LATENT = 48
"""Channels of Track 1's latent; its last encoder block has 160 at 100 frames per second."""


@pytest.fixture
def registries(monkeypatch):
    """Every registry of layers, to be changed by one test alone."""
    found = [registry for registry, _ in separable_conv.ENTRIES]
    for registry in found:
        monkeypatch.setattr(registry, "entries", dict(registry.entries))
    return found


@pytest.fixture
def separable(registries):
    separable_conv.register()
    return registries


def design_of(kernel=7):
    """Track 1 with a separable convolution at the end of its encoder and before its decoder."""
    ends = {"output": SeparableConv(LATENT, 3)}, {"input": SeparableConv(96, kernel)}
    return replace(
        TRACK1,
        encoder=replace(TRACK1.encoder, **ends[0]),
        decoder=replace(TRACK1.decoder, **ends[1]),
    )


def test_the_ledger_prices_it_by_its_own_formula(separable):
    rows = {row.name: row for row in walk(design_of(), "absorbed", 6).rows}
    row = rows["decoder.input"]
    # One step per frame: 48 channels times 7 taps, then 48 times 96; a convolution has 48 * 96 * 7.
    assert row.op == "separable_conv"
    assert row.macs_per_frame == 48 * 7 + 48 * 96
    assert row.stored_values == 48 * 7 + 48 + 48 * 96 + 96
    assert (row.past_samples, row.state_values) == (6 * 240, 6 * 48)
    receive = [name for name in rows if name.startswith("decoder.")]
    assert receive[:2] == ["decoder.input", "decoder.blocks.0.activation"]


def counted_macs(module, x):
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        module(x)
    return counter.get_total_flops() // 2


def test_the_model_computes_and_stores_what_the_ledger_says(separable):
    design = design_of()
    rows = {row.name: row for row in walk(design, "absorbed", 6).rows}
    codec = build(design)
    macs = {"encoder.output": 160 * 3 + 160 * 48, "decoder.input": 48 * 7 + 48 * 96}
    for name, channels in (("encoder.output", 160), ("decoder.input", LATENT)):
        module, row = codec.get_submodule(name), rows[name]
        assert row.macs_per_frame == macs[name]
        assert list(dict(module.named_children())) == ["depthwise", "pointwise"]
        short, long = (counted_macs(module, torch.randn(1, channels, n)) for n in (10, 20))
        assert long - short == 10 * row.macs_per_frame
    weights = [value for name, value in codec.state_dict().items() if "original1" in name]
    assert any(value.shape == (48, 1, 7) for value in weights)


def test_a_stream_through_it_gives_what_the_whole_gives(separable):
    module = build(design_of()).double().get_submodule("decoder.input")
    x = torch.randn(1, LATENT, 12).double()
    state = module.initial_state(1, x)
    with torch.no_grad():
        steps = [module.step(x[:, :, i : i + 1], state) for i in range(12)]
        assert torch.allclose(torch.cat(steps, 2), module(x), rtol=0, atol=1e-12)


def test_its_context_reaches_the_receptive_field(separable):
    shorter, longer = (
        context(walk(replace(TRACK1, encoder=encoder), "absorbed", 6)).encoder_samples
        for encoder in (
            replace(TRACK1.encoder, output=SeparableConv(LATENT, 1)),
            replace(TRACK1.encoder, output=SeparableConv(LATENT, 9)),
        )
    )
    assert longer - shorter == 8 * TRACK1.hop_samples


def test_its_own_rule_is_checked_with_its_field(separable):
    with pytest.raises(InputError, match=r"decoder\.input\.kernel: given 6; allowed: an odd"):
        design_of(kernel=6)


def value_of(formula, cells):
    """What an arithmetic formula comes to, from the values of the cells that it names."""
    names = {"hop_samples": 240, "sample_rate_hz": 24000, "price_conv": 2, "price_bias": 0}
    filled = re.sub(r"\b[A-Z]+\d+\b", lambda name: str(cells[name[0]].value), formula[1:])
    return eval(filled, {"__builtins__": {}}, names)


def test_the_sheet_has_its_inputs_and_formulas(separable):
    (page,) = [p for p in sheet_pages(audit(design_of())) if p.name == "Decoder"]
    cells = {f"{letter(column)}{row}": cell for (row, column), cell in page.cells.items()}
    (row,) = [row for (row, _), cell in page.cells.items() if cell.value == "decoder.input"]
    columns = {cell.value: letter(at) for (line, at), cell in page.cells.items() if line == 4}
    assert cells[f"B{row}"].value == "separable_conv"
    inputs = {header for header, at in columns.items() if f"{at}{row}" in page.rules}
    assert inputs == {"Channels out", "Kernel"}
    wanted = {
        "MACs per frame": 48 * 7 + 48 * 96,
        "Cost per frame": 2 * (48 * 7 + 48 * 96),
        "Parameters": 48 * 7 + 48 + 48 * 96 + 96,
        "Past, samples": 6 * 240,
        "State, values": 6 * 48,
    }
    for header, value in wanted.items():
        cell = cells[f"{columns[header]}{row}"]
        assert cell.formula
        assert cell.value == value == value_of(cell.formula, cells)


def test_a_sheet_with_it_is_not_read_as_a_convolution(separable, tmp_path):
    path = write(tmp_path / "separable.xlsx", audit(design_of()))
    with pytest.raises(InputError) as caught:
        read_sheet(path, "separable.xlsx")
    refusals = [(p.given, p.allowed) for p in caught.value.problems]
    assert refusals == [("'separable_conv'", "the operation conv")] * 2


def test_foreign_weights_are_named_and_loaded(separable):
    design = design_of()
    codec = build(design)
    named = {place.ours: place.theirs for place in places(design)}
    assert named["decoder.input.depthwise"] == "decoder.model.0.depthwise"
    assert named["decoder.input.pointwise"] == "decoder.model.0.pointwise"
    assert named["decoder.blocks.0.activation"] == "decoder.model.1"
    theirs = {
        f"{theirs}.{name}": torch.randn_like(value) if value.is_floating_point() else value
        for ours, theirs in named.items()
        for name, value in codec.get_submodule(ours).state_dict().items()
    }
    loaded = load_state_dict(theirs, design, "test").state_dict()
    for ours in ("decoder.input.depthwise.bias", "encoder.output.pointwise.bias"):
        module, _, name = ours.rpartition(".")
        assert torch.equal(loaded[ours], theirs[f"{named[module]}.{name}"])


CONSUMERS = {
    "check": (CHECKS, lambda: design_of()),
    "cost formula": (LAYER_ROWS, lambda: walk(design_of(), "absorbed", 6)),
    "module": (LAYER_MODULES, lambda: build(design_of())),
    "place in the recipe's model": (LAYER_PLACES, lambda: list(places(design_of()))),
    "row in a sheet": (SHEET_LAYERS, lambda: sheet_pages(audit(design_of()))),
}


@pytest.mark.parametrize("purpose", CONSUMERS)
def test_an_unknown_kind_is_an_error_in_every_consumer(separable, purpose):
    registry, consume = CONSUMERS[purpose]
    consume()  # known, it works
    del registry.entries[SeparableConv]
    with pytest.raises(InputError) as caught:
        consume()
    message = str(caught.value)
    assert re.search(
        rf"(encoder\.output|decoder\.input): given a SeparableConv.* no {purpose}", message
    )
    assert re.search(r"allowed: one of .*EdgeConv", message)


@dataclass(frozen=True, slots=True)
class OtherUnit(ResidualUnit):
    """A unit that no registry knows."""


def with_other_unit():
    block = TRACK1.encoder.blocks[0]
    blocks = (EncoderBlock((OtherUnit(block.residual[0].convs),), block.down),)
    encoder = replace(TRACK1.encoder, blocks=(*blocks, *TRACK1.encoder.blocks[1:]))
    return replace(TRACK1, encoder=encoder)


UNIT = r"encoder\.blocks\.0\.residual\.0: given an OtherUnit, which has no "


def test_an_unknown_residual_unit_is_an_error():
    with pytest.raises(InputError, match=UNIT + "place on the signal path"):
        with_other_unit()


@pytest.mark.parametrize(
    "consume",
    [build, lambda design: list(places(design))],
    ids=["model", "foreign weights"],
)
def test_a_residual_unit_that_only_the_path_knows_is_an_error(monkeypatch, consume):
    for registry in (UNITS, CHECKS):
        entries = {**registry.entries, OtherUnit: registry.entries[ResidualUnit]}
        monkeypatch.setattr(registry, "entries", entries)
    with pytest.raises(InputError, match=UNIT):
        consume(with_other_unit())


@dataclass(frozen=True, slots=True)
class OtherQuantizer(Quantizer):
    """A quantizer that no registry knows."""


def live_values(design):
    """Derive the live values of a codec whose quantizer has rows like an RVQ's."""
    known = walk(TRACK1, "absorbed", 1)
    return dict(LiveValues(Running(design, "absorbed", 1), known.rows))


@pytest.mark.parametrize(
    ("registry", "consume"),
    [
        (QUANTIZER_ROWS, lambda design: walk(design, "absorbed", 1)),
        (QUANTIZER_FLOWS, live_values),
        (QUANTIZER_MODULES, build_quantizer),
        (QUANTIZER_PLACES, lambda design: list(places(design))),
    ],
    ids=["ledger", "scratch", "model", "foreign weights"],
)
def test_an_unknown_quantizer_is_an_error_in_every_consumer(registry, consume):
    design = replace(TRACK1, quantizer=OtherQuantizer(6, 1024, 12, (1, 6)))
    with pytest.raises(
        InputError, match=f"given an OtherQuantizer, which has no {registry.purpose}"
    ):
        consume(design)


def pages_of(design):
    return [page.name for page in sheet_pages(audit(design))]


VALUES = ["Summary", "Layers", "Notes"]


def test_layers_without_formulas_have_a_sheet_of_values(separable):
    assert "Inputs" in pages_of(design_of())
    del LAYER_FORMULAS.entries[SeparableConv]
    assert pages_of(design_of()) == VALUES


def test_a_unit_without_a_place_in_a_sheet_has_one_of_values(monkeypatch):
    for registry in (UNITS, CHECKS):
        entries = {**registry.entries, OtherUnit: registry.entries[ResidualUnit]}
        monkeypatch.setattr(registry, "entries", entries)
    assert pages_of(with_other_unit()) == VALUES


def test_a_quantizer_without_formulas_has_a_sheet_of_values(monkeypatch):
    for registry in (QUANTIZER_ROWS, QUANTIZER_FLOWS):
        entries = {**registry.entries, OtherQuantizer: registry.entries[Quantizer]}
        monkeypatch.setattr(registry, "entries", entries)
    assert pages_of(replace(TRACK1, quantizer=OtherQuantizer(6, 1024, 12, (1, 6)))) == VALUES


def test_a_kind_is_registered_once():
    registry = KindRegistry("cost formula")
    registry.add(EdgeConv)("first")
    with pytest.raises(ValueError, match="EdgeConv has a cost formula already"):
        registry.add(EdgeConv)("second")
    assert registry.of("encoder.input", EdgeConv(1, 1)) == "first"
