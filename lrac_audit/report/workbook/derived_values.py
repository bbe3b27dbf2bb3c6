"""Values derived from the inputs as a whole, and checks, below them on the page Inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from lrac_audit.design.sheet import layout
from lrac_audit.report.workbook.figures import Figures
from lrac_audit.report.workbook.page import Page, Value

_WHOLE_INPUTS = {"sample_rate_hz": 1, "audio_channels": 1, "rvq_layers": 1, "codewords": 2}
"""Named cells that hold whole numbers, with the smallest that is allowed."""


class DerivedValue(NamedTuple):
    """One derived value in a row of its own."""

    name: str
    """Name of the cell in formulas."""
    label: str
    formula: str
    value: Value
    note: str = ""


def put_derived_values(page: Page, figures: Figures) -> None:
    """Write the counts of layers, the derived values and the checks."""
    _counts(page, figures)
    checks = [_hop_check(), _mode_check(figures), _number_check(), _limit_check(figures)]
    values = [*_rates(figures), *_widths(figures), *checks, _refusals(checks)]
    for row, derived in enumerate(values, figures.layout.end - 1):
        page.put(f"A{row}", derived.label)
        page.calculate(f"B{row}", derived.formula, derived.value, "number right")
        page.put(f"E{row}", derived.note, "faint indent")
        page.name_cell(derived.name, f"B{row}")
        page.marked.append(f"B{row}")


def _counts(page: Page, figures: Figures) -> None:
    note = "rows are neither added nor deleted here; write a new sheet"
    for name in layout.LAYER_COUNTS:
        row = figures.layout.rows[f"rows.{name}"]
        page.put(f"B{row}", sum(r.stage == name.lower() for r in figures.ledger.rows), "whole")
        page.put(f"E{row}", note, "faint indent")


def _rates(figures: Figures) -> list[DerivedValue]:
    design = figures.design
    per_second = "=sample_rate_hz/hop_samples"
    return [
        DerivedValue("hop_samples", "Hop, samples", "=encoder_hop", design.hop_samples),
        DerivedValue(
            "decoder_hop_samples", "Hop of the decoder", "=decoder_hop", design.hop_samples
        ),
        DerivedValue("frame_rate_hz", "Frames per second", per_second, design.frame_rate_hz),
    ]


def _widths(figures: Figures) -> list[DerivedValue]:
    design = figures.design
    codeword = "=IF(COUNT(typed_width)=0,latent,typed_width)"
    bits = "=ROUNDUP(LOG(codewords,2)-0.000000001,0)"
    projected = "1 where each RVQ layer projects to and from its codewords"
    return [
        DerivedValue("latent", "Latent width", "=encoder_channels", design.latent_dim),
        DerivedValue("codeword", "Codeword width in effect", codeword, design.codebook_dim),
        DerivedValue(
            *("projections", "Projections", "=IF(codeword=latent,0,1)"),
            *(int(design.has_projections), projected),
        ),
        DerivedValue(
            *("bits_per_index", "Bits per codeword index", bits),
            *((figures.codebook_size - 1).bit_length(), "whole bits, packed"),
        ),
    ]


def _check(name: str, label: str, holds: str, note: str = "") -> DerivedValue:
    return DerivedValue(name, label, f'=IF({holds},"ok","refused")', "ok", note)


def _hop_check() -> DerivedValue:
    note = "strides of the decoder must multiply to those of the encoder"
    return _check("hop_check", "Hops agree", "hop_samples=decoder_hop_samples", note)


def _mode_check(figures: Figures) -> DerivedValue:
    first = figures.layout.rows["quantizer.modes[0]"]
    last = first + figures.layout.mode_slots - 1
    typed = f"$B${first}:$B${last}"
    gaps = [
        f"AND(ISNUMBER(B{row}),B{row}<=MAX(0,B{first}:B{row - 1}))"
        for row in range(first + 1, last + 1)
    ]
    fits = f"AND(MAX(0,{typed})<=rvq_layers,COUNTA({typed})=COUNT({typed}),mode_number>=1)"
    holds = f"AND({fits},layers_on>0,NOT(OR({','.join(gaps)})))"
    return _check("mode_check", "Modes ascend, within the layers", holds)


def _number_check() -> DerivedValue:
    """Check that numbers are typed first: the rest of the formula would fail on a text."""
    cells = list(_WHOLE_INPUTS)
    numbers = f"COUNT({','.join(cells)})={len(cells)},COUNTA(typed_width)=COUNT(typed_width)"
    whole = [f"{cell}=INT({cell})" for cell in [*cells, "N(typed_width)"]]
    least = [f"{cell}>={low}" for cell, low in _WHOLE_INPUTS.items()]
    typed = "OR(COUNT(typed_width)=0,N(typed_width)>=1)"
    holds = f"IF(AND({numbers}),AND({','.join([*whole, *least, typed])}),FALSE)"
    note = "rate, channels, RVQ layers, codewords and their width"
    return _check("number_check", "Inputs are whole numbers", holds, note)


def _limit_check(figures: Figures) -> DerivedValue:
    convention = figures.layout.cell("limits.convention")
    first = figures.layout.rows["limits.sample_rate_hz"]
    last = figures.layout.rows["limits.bitrates_kbps[0]"] + figures.layout.bitrate_slots - 1
    typed = f"$B${first}:$B${last}"
    holds = (
        f'AND(COUNTA({typed})=COUNT({typed})+COUNTIF({typed},"{layout.NONE}"),'
        f'COUNTIF({typed},"<=0")=0,'
        f"OR(COUNTA({convention})=0,COUNTIF(all_conventions,{convention})=1))"
    )
    note = f"own limits: a positive number, or {layout.NONE}"
    return _check("limit_check", "Own limits are numbers", holds, note)


def _refusals(checks: Sequence[DerivedValue]) -> DerivedValue:
    broken = [f'COUNTIF({check.name},"refused")' for check in checks]
    formula = f"={'+'.join([*broken, 'encoder_refusals', 'decoder_refusals'])}"
    note = "0 where the design is consistent; else every verdict is withheld"
    return DerivedValue("refusals", "Refusals", formula, 0, note)
