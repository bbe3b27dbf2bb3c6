"""The page Summary: the paper's table for this design, its limits, and every bitrate mode."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from lrac_audit.design.sheet import layout
from lrac_audit.ledger.latency import context, latency
from lrac_audit.ledger.row import RVQ_FORMS, RvqForm
from lrac_audit.ledger.totals import PARTS, Part
from lrac_audit.limits.check import Check
from lrac_audit.limits.verdict import Verdict
from lrac_audit.report.workbook.figures import Figures, required
from lrac_audit.report.workbook.page import Page, Value

TABLE_ROW = 14
"""Row of the header of the first table."""
WITHHELD = "refused"
_PER_SECOND = "*sample_rate_hz/(hop_samples*1000000)"
_COLUMNS = {"absorbed": "C", "projected": "D"}
_MARGINS = {"absorbed": "F", "projected": "G"}
_MARKS = {"absorbed": "H", "projected": "I"}
PART_TITLES: dict[Part, str] = {
    "encoder": "Encoder",
    "rvq_transmit": "RVQ, transmit",
    "transmit": "Transmit side",
    "rvq_receive": "RVQ, receive",
    "decoder": "Decoder",
    "receive": "Receive side",
    "overall": "Overall",
}

MODE_PARTS: tuple[Part, ...] = ("rvq_transmit", "transmit", "rvq_receive", "receive", "overall")
"""Parts whose costs are columns of the table of modes."""


class LimitedRow(NamedTuple):
    """A row of the first table that a limit is about."""

    row: int
    limit: str
    """Formula of the limit in effect."""
    check: str


def part_cost(part: Part, form: RvqForm, layers: str) -> str:
    """Return the formula of a part's cost per frame, with as many layers active as a cell says."""
    terms = {
        "encoder": "encoder_cost",
        "rvq_transmit": f"{layers}*SUM(rvq_transmit_{form})",
        "rvq_receive": f"{layers}*SUM(rvq_receive_{form})+MAX({layers}-1,0)*rvq_sum",
        "decoder": "decoder_cost",
    }
    return "+".join(terms[stage] for stage in PARTS[part] if stage in terms)


class SummaryPage:
    """Builder of the page."""

    def __init__(self, figures: Figures) -> None:
        self.figures = figures
        self.page = Page(layout.SUMMARY, colour="#1F2933")
        self.limited: list[LimitedRow] = []
        self.row = TABLE_ROW

    def build(self) -> Page:
        """Return the whole page."""
        page = self.page
        page.widths = {"A": 38, "B": 17, "C:G": 15, "H:I": 15}
        self._head()
        self._table()
        self._verdicts()
        self._facts()
        self._modes()
        return page

    def _head(self) -> None:
        page, figures = self.page, self.figures
        ledger, design = figures.ledger, figures.design
        page.calculate("A1", "=design_name", design.name, "title")
        lead = (
            "A design sheet of lrac-audit: change a yellow cell on Inputs, Encoder or Decoder, and"
        )
        page.put("A2", f"{lead} everything here follows. Notes explains every word.", "lead")
        facts: list[tuple[str, str, Value, str, str]] = [
            ("Sample rate", "=sample_rate_hz", ledger.sample_rate_hz, "Hz", "whole"),
            ("Hop", "=hop_samples", ledger.hop_samples, "samples", "whole"),
            ("Frames per second", "=frame_rate_hz", design.frame_rate_hz, "", "time"),
            (
                "Bitrate shown",
                "=INDEX(mode_kbps,mode_number)",
                ledger.mode.bitrate_kbps,
                "kbps",
                "time",
            ),
            ("RVQ form shown", "=rvq_form", figures.form, "", "number right"),
            ("Counting convention", "=convention", figures.convention.name, "", "number right"),
            ("Limit set", _limits_name(), self._limits_value(), "", "number right"),
        ]
        for row, (label, formula, value, unit, style) in enumerate(facts, 4):
            page.put(f"A{row}", label)
            page.calculate(f"B{row}", formula, value, style)
            page.put(f"C{row}", unit, "faint indent")

    def _limits_value(self) -> str:
        named, found = self.figures.named_limits, self.figures.audit.verdict.limits
        same = (found.convention, found.bounds) == (named.convention, named.bounds)
        return named.name if same else "own"

    def _table(self) -> None:
        page, unit = self.page, self.figures.convention.unit
        page.put(f"A{self.row - 1}", "Complexity and latency in the mode shown", "heading")
        for column in "BCDEFGHI":
            page.put(f"{column}{self.row - 1}", None, "heading")
        self._header(("Quantity", "Unit", "Absorbed", "Projected", "Limit"))
        for column, form in zip("FGHI", (*RVQ_FORMS, *RVQ_FORMS), strict=True):
            margin = column in "FG"
            text = f"{'Margin' if margin else 'Mark'}, {form}"
            page.put(f"{column}{self.row}", text, "header right" if margin else "header centre")
        page.heights[self.row] = 30
        for part, title in PART_TITLES.items():
            self._part(part, title, unit)
        self._latency()
        self._rate()
        self._bitrates()

    def _header(self, texts: tuple[str, ...]) -> None:
        for column, text in zip("ABCDEFGHI", texts, strict=False):
            style = "header" if column in "AB" else "header right"
            self.page.put(f"{column}{self.row}", text, style)

    def _line(self, title: str, bold: bool = False) -> str:
        self.row += 1
        self.page.put(f"A{self.row}", title if bold else f"   {title}", "bold" if bold else "text")
        return " bold" if bold else ""

    def _part(self, part: Part, title: str, unit: str) -> None:
        bold = self._line(title, len(PARTS[part]) > 1)
        page, figures = self.page, self.figures
        page.calculate(f"B{self.row}", "=cost_unit", unit, "faint")
        for form in RVQ_FORMS:
            formula = f"=({part_cost(part, form, 'layers_on')}){_PER_SECOND}"
            value = figures.mflops(part, form, figures.layers_on)
            page.calculate(f"{_COLUMNS[form]}{self.row}", formula, value, f"cost{bold}")
            page.name_cell(f"summary_{part}_{form}", f"{_COLUMNS[form]}{self.row}")
        if part in ("overall", "receive"):
            limit = f"limit_{part}_mflops"
            scale = (
                "flops_per_mac/INDEX(all_flops_per_mac,MATCH(limit_convention,all_conventions,0))"
            )
            formula = f'=IF(ISNUMBER({limit}),{limit}*{scale},"none")'
            self._limit("overall_mflops" if part == "overall" else "receive_mflops", formula)

    def _latency(self) -> None:
        figures = self.figures
        found, milliseconds = latency(figures.ledger), figures.ledger.milliseconds
        lines = {
            "Buffering: one hop": ("hop_samples", found.buffering_samples),
            "Look-ahead, transmit side": ("encoder_delay", found.transmit_samples),
            "Look-ahead, receive side": ("decoder_delay", found.receive_samples),
            "Total latency": ("(hop_samples+encoder_delay+decoder_delay)", found.total_samples),
        }
        for title, (samples, value) in lines.items():
            bold = self._line(title, title == "Total latency")
            self.page.put(f"B{self.row}", "ms", "faint")
            for column in _COLUMNS.values():
                formula = f"={samples}*1000/sample_rate_hz"
                self.page.calculate(
                    f"{column}{self.row}", formula, milliseconds(required(value)), f"time{bold}"
                )
        self._limit("total_latency_ms", "=limit_total_latency_ms")

    def _rate(self) -> None:
        self._line("Sample rate")
        self.page.put(f"B{self.row}", "Hz", "faint")
        for column in _COLUMNS.values():
            rate = self.figures.ledger.sample_rate_hz
            self.page.calculate(f"{column}{self.row}", "=sample_rate_hz", rate, "whole")
        self._limit("sample_rate_hz", "=limit_sample_rate_hz")

    def _bitrates(self) -> None:
        rates = self.figures.ledger.bitrates_kbps
        limits = self.figures.audit.verdict.limits.bitrates_kbps
        for i in range(self.figures.layout.bitrate_slots):
            self._line(f"Highest mode within bitrate {i + 1}")
            self.page.put(f"B{self.row}", "kbps", "faint")
            limit = limits[i] if i < len(limits) else None
            within = 0.0 if limit is None else max((r for r in rates if r <= limit), default=0.0)
            for column in _COLUMNS.values():
                cell = f"E{self.row}"
                formula = f"=IF(ISNUMBER({cell}),SUMPRODUCT(MAX((mode_kbps<={cell})*mode_kbps)),0)"
                self.page.calculate(f"{column}{self.row}", formula, within, "time")
            self._limit("bitrates_kbps", f"=INDEX(limit_bitrates,{i + 1})", i)

    def _limit(self, check: str, formula: str, position: int | None = None) -> None:
        """Write limit, margins and marks of the row just written."""
        page, row = self.page, self.row
        self.limited.append(LimitedRow(row, formula, check))
        for form in RVQ_FORMS:
            found = _check_of(self.figures.verdict(form, self.figures.layers_on), check)
            limit, margin, status = _figures_of(found, position)
            page.calculate(
                f"E{row}", formula, layout.NONE if limit is None else limit, "time right"
            )
            value, mark = f"{_COLUMNS[form]}{row}", f"{_MARKS[form]}{row}"
            page.calculate(
                f"{_MARGINS[form]}{row}", _margin(check, value, row), margin, "margin right"
            )
            page.calculate(mark, _mark(check, value, row), status, "mark")

    def _verdicts(self) -> None:
        page = self.page
        first, last = self.limited[0].row, self.limited[-1].row
        self.row += 1
        page.put(f"A{self.row}", "Verdict", "sum")
        for column in "BCDEFG":
            page.put(f"{column}{self.row}", None, "sum")
        for form in RVQ_FORMS:
            marks = f"{_MARKS[form]}{first}:{_MARKS[form]}{last}"
            formula = f'=IF(refusals>0,"{WITHHELD}",IF(COUNTIF({marks},"fail")>0,"fail","pass"))'
            status = self.figures.verdict(form, self.figures.layers_on).status
            page.calculate(f"{_MARKS[form]}{self.row}", formula, status, "mark")
            page.name_cell(f"verdict_{form}", f"{_MARKS[form]}{self.row}")
        page.marked.append(f"H{first}:I{self.row}")
        page.margins.append(f"F{first}:G{self.row}")
        page.put("E4", "Verdict in the form shown", "bold")
        shown = '=IF(rvq_form="absorbed",verdict_absorbed,verdict_projected)'
        page.calculate("E5", shown, self.figures.audit.verdict.status, "verdict")
        page.merged.append("E5:G7")
        page.marked.append("E5:G7")
        withheld = (
            '=IF(refusals=0,"The design is consistent.",'
            '"REFUSED. "&IF(hop_check="refused","The decoder\'s strides do not multiply to the '
            'encoder\'s hop. ","")&"See Inputs, and the column Check of the layers.")'
        )
        page.calculate("E9", withheld, "The design is consistent.", "wrap")
        page.merged.append("E9:I10")

    def _modes(self) -> None:
        page, figures = self.page, self.figures
        self.row += 3
        page.put(f"A{self.row - 1}", "Every bitrate mode", "heading")
        for column in "BCDEFGHI":
            page.put(f"{column}{self.row - 1}", None, "heading")
        self._header(("Mode", "Layers on", "kbps", *map(PART_TITLES.__getitem__, MODE_PARTS)))
        page.put(f"B{self.row}", "Layers on", "header right")
        page.put(f"I{self.row}", "Verdict", "header centre")
        first = self.row + 1
        modes = figures.design.quantizer.mode_layers
        for i in range(figures.layout.mode_slots):
            for form in RVQ_FORMS:
                self._mode(i, form, modes[i] if i < len(modes) else None)
        page.marked.append(f"I{first}:I{self.row}")

    def _mode(self, i: int, form: RvqForm, layers: int | None) -> None:
        """Write the line of a mode, which is empty as long as the mode is not used."""
        self.row += 1
        on = f"$B{self.row}"
        cells: dict[str, str] = {
            part: f"{c}{self.row}" for c, part in zip("DEFGH", MODE_PARTS, strict=True)
        }
        costs = [f"({part_cost(part, form, on)}){_PER_SECOND}" for part in MODE_PARTS]
        label, verdict = f'"{_mode_label(i, form)}"', self._mode_verdict(cells)
        formulas = [label, f"INDEX(mode_layers,{i + 1})", f"INDEX(mode_kbps,{i + 1})", *costs]
        values = self._mode_values(i, form, layers)
        styles = ["indent", "quiet", "time", *["cost"] * len(costs), "mark"]
        for line in zip("ABCDEFGHI", [*formulas, verdict], values, styles, strict=True):
            column, formula, value, style = line
            shown = f'=IF(INDEX(mode_layers,{i + 1})>0,{formula},"")'
            self.page.calculate(f"{column}{self.row}", shown, value, style)

    def _mode_values(self, i: int, form: RvqForm, layers: int | None) -> list[Value]:
        figures = self.figures
        if layers is None:
            return [""] * len("ABCDEFGHI")
        costs = [figures.mflops(part, form, layers) for part in MODE_PARTS]
        kbps = figures.design.bitrate_kbps(layers)
        status = figures.verdict(form, layers).status
        return [_mode_label(i, form), layers, kbps, *costs, status]

    def _mode_verdict(self, cells: Mapping[str, str]) -> str:
        """Return the verdict on a mode; latency, rate and bitrates are the same in every mode."""
        broken = []
        for limited in self.limited:
            limit, part = f"$E${limited.row}", limited.check.removesuffix("_mflops")
            if part in cells:
                broken.append(f"AND(ISNUMBER({limit}),{cells[part]}>{limit})")
            else:
                broken.append(f'$H${limited.row}="fail"')
        return f'IF(refusals>0,"{WITHHELD}",IF(OR({",".join(broken)}),"fail","pass"))'

    def _facts(self) -> None:
        page, figures = self.page, self.figures
        self.row += 3
        page.put(f"A{self.row - 1}", "Context", "heading")
        for column in "BCDEFGHI":
            page.put(f"{column}{self.row - 1}", None, "heading")
        seen = context(figures.ledger)
        field = '=IF(ISTEXT(encoder_context),"unbounded",encoder_context+hop_samples)'
        past = '=IF(ISTEXT(decoder_context),"unbounded",ROUNDUP(decoder_past/hop_samples,0))'
        ahead = "=ROUNDDOWN((decoder_delay+hop_samples-1)/hop_samples,0)"
        unbounded = "unbounded"
        facts: list[tuple[str, str, Value, str]] = [
            ("Receptive field of a latent frame", field, seen.encoder_samples, "samples"),
            ("Latent frames an output sample looks back", past, seen.decoder_past_frames, "frames"),
            ("Latent frames it looks ahead", ahead, seen.decoder_future_frames, "frames"),
        ]
        for label, formula, value, unit in facts:
            page.put(f"A{self.row}", f"   {label}")
            page.put(f"B{self.row}", unit, "faint")
            shown = unbounded if value is None else value
            page.calculate(f"C{self.row}", formula, shown, "whole right")
            self.row += 1
        page.name_cell("receptive_field", f"C{self.row - 3}")
        self.row -= 1


def _mode_label(i: int, form: RvqForm) -> str:
    return f"mode {i + 1}, {form}"


def _limits_name() -> str:
    return '=IF(COUNTA(own_limits)=0,INDEX(all_limit_sets,limit_set_number),"own")'


def _check_of(verdict: Verdict, check: str) -> Check | None:
    return next((found for found in verdict.checks if found.id == check), None)


def _figures_of(check: Check | None, position: int | None) -> tuple[Value, Value, str]:
    """Return limit, margin and status of a check, or of one of its bitrates."""
    if check is None:
        return None, "no limit", "no limit"
    if position is None:
        assert isinstance(check.limit, int | float) and isinstance(check.margin, int | float)
        return check.limit, check.margin, check.status
    assert isinstance(check.limit, tuple) and isinstance(check.margin, tuple)
    if position >= len(check.limit):
        return None, "no limit", "no limit"
    margin = check.margin[position]
    return (
        check.limit[position],
        "none" if margin is None else margin,
        "fail" if margin is None else "pass",
    )


def _margin(check: str, value: str, row: int) -> str:
    limit = f"$E{row}"
    if check == "sample_rate_hz":
        return f'=IF(ISNUMBER({limit}),ABS({limit}-{value}),"no limit")'
    if check == "bitrates_kbps":
        return f'=IF(ISNUMBER({limit}),IF({value}>0,{limit}-{value},"none"),"no limit")'
    return f'=IF(ISNUMBER({limit}),{limit}-{value},"no limit")'


def _mark(check: str, value: str, row: int) -> str:
    limit = f"$E{row}"
    kept = {"sample_rate_hz": f"{value}={limit}", "bitrates_kbps": f"{value}>0"}
    word = f'IF({kept.get(check, f"{value}<={limit}")},"pass","fail")'
    return f'=IF(refusals>0,"{WITHHELD}",IF(ISNUMBER({limit}),{word},"no limit"))'
