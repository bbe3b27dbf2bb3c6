"""The page Inputs: what concerns the whole design, and the tables that formulas look up."""

from __future__ import annotations

from lrac_audit.design.activations import ACTIVATIONS
from lrac_audit.design.bounds import MAX_PARTS, MAX_SAMPLE_RATE_HZ, MAX_SIZE
from lrac_audit.design.parts import Activation
from lrac_audit.design.sheet import layout
from lrac_audit.ledger.conventions import CONVENTIONS
from lrac_audit.ledger.row import RVQ_FORMS
from lrac_audit.limits.limit_set import CHALLENGE_LIMITS
from lrac_audit.report.workbook.derived_values import put_derived_values
from lrac_audit.report.workbook.figures import Figures
from lrac_audit.report.workbook.page import Page, Rule, Value

_WHOLE = Rule(low=1, high=MAX_SIZE, hint="A whole number from 1.")
_ACTIVATION = Rule(choices=tuple(ACTIVATIONS), hint="The activation of every layer on this side.")
_CONSTANTS_NOTE = "such as alpha=0.5; empty for the defaults"


def inputs_page(figures: Figures) -> Page:
    """Return the page Inputs without the tables of prices, which :mod:`prices` adds."""
    page = Page(layout.INPUTS, colour="#E0C868", header_row=2)
    page.widths = {"A": 30, "B": 27, "C": 17, "D": 17, "E": 60}
    page.put("A1", "Inputs", "title")
    page.put("A2", "Yellow cells are yours to change; everything else follows.", "lead")
    for row, text in figures.layout.headings.items():
        for column in "ABCDE":
            page.put(f"{column}{row}", text if column == "A" else None, "heading")
    for row, text in figures.layout.labels.items():
        page.put(f"A{row}", text)
    _design(page, figures)
    _quantizer(page, figures)
    _modes(page, figures)
    _selection(page, figures)
    put_derived_values(page, figures)
    return page


def put_input(
    page: Page, address: str, value: Value, rule: Rule | None = None, style: str = "whole"
) -> None:
    """Write a cell that somebody edits."""
    page.put(address, value, f"{style} input")
    if rule is not None:
        page.rules[address] = rule


def _input(
    page: Page,
    figures: Figures,
    key: str,
    value: Value,
    rule: Rule | None = None,
    note: str = "",
    name: str = "",
    style: str = "whole",
) -> None:
    cell = figures.layout.cell(key)
    put_input(page, cell, value, rule, style)
    page.put(f"E{figures.layout.rows[key]}", note, "faint indent")
    if name:
        page.name_cell(name, cell)


def _design(page: Page, figures: Figures) -> None:
    design = figures.design
    _input(page, figures, "name", design.name, note="for people", name="design_name", style="typed")
    rate = Rule(low=1, high=MAX_SAMPLE_RATE_HZ, hint="A whole number of Hz.")
    _input(page, figures, "sample_rate_hz", design.sample_rate_hz, rate, "Hz", "sample_rate_hz")
    channels = Rule(low=1, high=MAX_PARTS, hint="1 for mono, 2 for stereo.")
    _input(page, figures, "audio_channels", design.audio_channels, channels, name="audio_channels")
    encoder, decoder = figures.coders
    coders = {"encoder": encoder.activation, "decoder": decoder.activation}
    for side, activation in coders.items():
        key = f"{side}.activation"
        note = f"before every convolution of the {side}"
        _input(
            page, figures, key, activation.name, _ACTIVATION, note, f"{side}_activation", "typed"
        )
        _constants(page, figures, f"{key}.constants", activation)
    final, key = decoder.final_activation, "decoder.final_activation"
    name = layout.NONE if final is None else final.name
    choices = Rule(choices=(layout.NONE,) if final is None else tuple(ACTIVATIONS))
    note = "of the decoder; a sheet written with one has a row for it, and keeps it"
    _input(page, figures, key, name, choices, note, "final_activation", "typed")
    _constants(page, figures, f"{key}.constants", final)


def _constants(page: Page, figures: Figures, key: str, activation: Activation | None) -> None:
    parameters = () if activation is None else activation.parameters
    text = ", ".join(f"{name}={value!r}" for name, value in parameters)
    _input(page, figures, key, text or None, note=_CONSTANTS_NOTE, style="typed")


def _quantizer(page: Page, figures: Figures) -> None:
    quantizer = figures.rvq
    layers = Rule(low=1, high=MAX_PARTS, hint=f"1 to {MAX_PARTS} layers.")
    _input(page, figures, "quantizer.layers", quantizer.layers, layers, name="rvq_layers")
    size = Rule(low=2, high=MAX_SIZE, hint="Codewords of one codebook, from 2.")
    _input(page, figures, "quantizer.codebook_size", figures.codebook_size, size, name="codewords")
    note = "empty, or the latent's width: no projections"
    _input(
        page, figures, "quantizer.codebook_dim", quantizer.codebook_dim, _WHOLE, note, "typed_width"
    )


def _modes(page: Page, figures: Figures) -> None:
    design, slots = figures.design, figures.layout.mode_slots
    heading = figures.layout.rows["Bitrate modes"]
    for column, text in {"B": "Layers on", "C": "In effect", "D": "kbps"}.items():
        page.put(f"{column}{heading}", text, "heading right")
    first = heading + 1
    typed = f"$B${first}:$B${heading + slots}"
    rule = Rule(low=1, high=MAX_PARTS, hint="RVQ layers on in this mode; more than in the last.")
    for i in range(slots):
        given = design.quantizer.modes[i] if i < len(design.quantizer.modes) else None
        on = design.quantizer.mode_layers[i] if i < len(design.quantizer.mode_layers) else 0
        note = "ascending; all empty: one mode with all layers" if i == 0 else ""
        _input(page, figures, f"quantizer.modes[{i}]", given, rule, note)
        row = first + i
        whole = "rvq_layers" if i == 0 else "0"
        formula = f"=IF(COUNT({typed})=0,{whole},IF(COUNT({typed})>{i},SMALL({typed},{i + 1}),0))"
        page.calculate(f"C{row}", formula, on, "quiet")
        kbps = f"=C{row}*bits_per_index*sample_rate_hz/(hop_samples*1000)"
        page.calculate(f"D{row}", kbps, design.bitrate_kbps(on), "time")
    page.name_cell("mode_layers", f"C{first}:C{heading + slots}")
    page.name_cell("mode_kbps", f"D{first}:D{heading + slots}")


def _selection(page: Page, figures: Figures) -> None:
    shown = Rule(choices=RVQ_FORMS, hint="absorbed: output projections folded into tables.")
    note = "absorbed: output projections folded into tables; projected: as trained"
    _input(page, figures, "show.rvq", figures.form, shown, note, "rvq_form", "typed")
    modes = figures.design.quantizer.mode_layers
    rule = Rule(low=1, high=figures.layout.mode_slots, hint="The number of a mode above.")
    note = "number of the mode above; Summary shows all of them"
    position = modes.index(figures.layers_on) + 1
    _input(page, figures, "show.mode", position, rule, note, "mode_number")
    names = Rule(choices=tuple(CONVENTIONS), hint="How operations are counted; see Notes.")
    note = "how operations are counted; Notes explains each"
    _input(
        page,
        figures,
        "show.convention",
        figures.convention.name,
        names,
        note,
        "convention",
        "typed",
    )
    row = figures.layout.rows["show.mode"]
    on = "=INDEX(mode_layers,mode_number)"
    page.calculate(f"C{row}", on, figures.layers_on, "whole")
    page.put(f"D{row}", "layers on", "faint indent")
    page.name_cell("layers_on", f"C{row}")


def limit_set_choices() -> tuple[str, ...]:
    """Return the rule of the limit set's cell."""
    return (layout.NONE, *CHALLENGE_LIMITS)
