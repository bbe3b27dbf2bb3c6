"""The formulas of a row on the pages Encoder and Decoder.

They are those of :mod:`lrac_audit.ledger.operations`, in terms of the cells of the row, of the row
before it, and of named cells. A new kind of layer is one function, entered into
:data:`LAYER_FORMULAS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from lrac_audit.design.kind_registry import KindRegistry
from lrac_audit.design.parts import Activation, Conv, DownConv, EdgeConv, ResidualUnit, UpConv
from lrac_audit.design.sheet.layers import input_fields
from lrac_audit.design.sheet.layout import COLUMNS, FIRST_ROW
from lrac_audit.design.steps import LstmLayer, SkipConv, Step, Sum

_L = {key: column.letter for key, column in COLUMNS.items()}

_LOOKED_UP = "VLOOKUP({op},activations,{column},FALSE)"
_LSTM_PRICE = (
    "8*{channels_in}*{channels_in}*price_linear+8*{channels_in}*price_bias"
    '+3*{channels_in}*VLOOKUP("sigmoid",activations,2,FALSE)'
    '+2*{channels_in}*VLOOKUP("tanh",activations,2,FALSE)+4*{channels_in}*price_gate_arithmetic'
)


class PlacedStep(NamedTuple):
    """A layer of the signal path and the row of the page in which it stands."""

    step: Step
    row: int
    before: Step | None
    """The layer in the row before; None in the first row."""
    unit: Step | None
    """The residual unit that the layer belongs to."""
    unit_row: int
    """The first row of that unit."""

    @property
    def inputs(self) -> Mapping[str, str]:
        """The columns that somebody types into, each with its field of the design."""
        return input_fields(self.step.path, type(self.step.part))


Formulas = dict[str, str]
"""By column, without the leading cells filled in: ``{kernel}`` is the cell of that column."""
LAYER_FORMULAS: KindRegistry[Callable[[PlacedStep], Formulas]] = KindRegistry("formula in a sheet")
"""The formulas of each kind of layer, besides those that all have."""


def placed_steps(coder: Step) -> list[PlacedStep]:
    """Return the layers of ``coder`` with the rows in which they stand."""
    found: list[PlacedStep] = []
    for step, unit in _with_units(coder, None):
        row, before = FIRST_ROW + len(found), found[-1] if found else None
        same_unit = before is not None and before.unit is unit
        unit_row = before.unit_row if before is not None and same_unit else row
        found.append(PlacedStep(step, row, before and before.step, unit, unit_row))
    return found


def _with_units(step: Step, unit: Step | None) -> Iterator[tuple[Step, Step | None]]:
    if step.inner is None:
        yield step, unit
    for inner in step.inner or ():
        yield from _with_units(inner, step if isinstance(step.part, ResidualUnit) else unit)


def formulas(placed: PlacedStep) -> Formulas:
    """Return the formulas of a row by column, inputs left out.

    Raises:
        InputError: the layer is of a kind that has no formulas.
    """
    own = LAYER_FORMULAS.of(placed.step.path, placed.step.part)(placed)
    found = {"channels_in": _channels_in(placed), "step": _step(placed), **own}
    if "macs" in found:
        found["mmacs"] = "={macs}*sample_rate_hz/(hop_samples*1000000)"
    found["mflops"] = "={cost}*sample_rate_hz/(hop_samples*1000000)"
    if "delay" in found:
        found["delay_ms"] = "={delay}*1000/sample_rate_hz"
    found["context"] = _context(placed)
    found.setdefault("check", '="ok"')
    here = {key: f"{letter}{placed.row}" for key, letter in _L.items()}
    inputs = placed.inputs
    return {k: v.format_map(here) for k, v in found.items() if k not in inputs}


def _channels_in(placed: PlacedStep) -> str:
    if placed.before is None:
        return "=audio_channels" if placed.step.stage == "encoder" else "=latent"
    return f"={_L['channels']}{placed.row - 1}"


def _unit_channels(placed: PlacedStep) -> str:
    """Return the cell of the channels that go into the layer's residual unit."""
    return f"{_L['channels_in']}{placed.unit_row}"


def _step(placed: PlacedStep) -> str:
    """Audio samples between two steps where the layer's context is counted."""
    before = placed.before
    if before is None:
        step = "1" if placed.step.stage == "encoder" else "hop_samples"
    else:
        step = f"{_L['step']}{placed.row - 1}"
        if isinstance(before.part, DownConv):
            step += f"*{_L['stride']}{placed.row - 1}"
    return f"={step}/{{stride}}" if isinstance(placed.step.part, UpConv) else f"={step}"


def _context(placed: PlacedStep) -> str:
    if placed.before is None:
        return '=IF(ISTEXT({past}),"unbounded",{past}+{delay})'
    before = f"{_L['context']}{placed.row - 1}"
    return f'=IF(OR(ISTEXT({before}),ISTEXT({{past}})),"unbounded",{before}+{{past}}+{{delay}})'


@LAYER_FORMULAS.add(Conv, EdgeConv, DownConv)
def _conv(placed: PlacedStep) -> Formulas:
    strided = isinstance(placed.step.part, DownConv)
    step = "({step}*{stride})" if strided else "{step}"
    context = f"(({{kernel}}-1)*{{dilation}}+1-{'{stride}' if strided else '1'})"
    return {
        **_conv_costs(step, "INT({channels_in}/{groups})*{channels}*{kernel}"),
        "channels": _channels_out(placed),
        "past": f"={context}*{{step}}-{{delay}}",
        "delay": f'=IF({{causal}}="yes",0,INT({context}/2))*{{step}}',
        "state": f"={context}*{{channels_in}}",
        "check": _conv_check(placed, strided),
    }


@LAYER_FORMULAS.add(SkipConv)
def _skip(placed: PlacedStep) -> Formulas:
    width = f"={_unit_channels(placed)}"
    costs = _conv_costs("{step}", "{channels_in}*{channels}")
    return {**costs, "channels_in": width, "channels": width}


def _conv_costs(step: str, macs: str) -> Formulas:
    return {
        "rate": f"=sample_rate_hz/{step}",
        "macs": f"=hop_samples/{step}*{macs}",
        "cost": f"={{macs}}*price_conv+hop_samples/{step}*{{channels}}*price_bias",
        "parameters": f"={macs}+{{channels}}",
    }


def _channels_out(placed: PlacedStep) -> str:
    """Inside a residual unit the channels are those of its block, between its layers fewer."""
    if placed.unit is None:
        return "=audio_channels"  # of the last layer; every other has an input there
    width = _unit_channels(placed)
    last = len(placed.unit.part.convs) - 1
    if placed.step.path == f"{placed.unit.path}.convs.{last}":
        return f"={width}"
    return f"=INT({width}/{_L['compress']}{placed.unit_row + 1})"


@LAYER_FORMULAS.add(UpConv)
def _up(placed: PlacedStep) -> Formulas:
    macs = "INT({channels_in}/{groups})*{channels}*{kernel}"
    runs = "hop_samples/({step}*{stride})"
    price = f"={{macs}}*price_transposed_conv+{runs}*{{stride}}*{{channels}}*price_bias"
    fits = (
        ("{kernel}<{stride}", "kernel below stride"),
        ("{trim}>{kernel}-{stride}", "trim above kernel - stride"),
        ("MOD({channels_in},{groups})+MOD({channels},{groups})>0", "groups do not divide"),
    )
    return {
        "rate": "=sample_rate_hz/({step}*{stride})",
        "macs": f"={runs}*{macs}",
        "cost": price,
        "parameters": f"={macs}+{{channels}}",
        "past": "=({kernel}-{stride}-{trim})*{step}",
        "delay": "={trim}*{step}",
        "state": "=({kernel}-{stride})*{channels}",
        "check": _check(("channels", "kernel", "stride", "groups"), ("trim",), fits),
    }


@LAYER_FORMULAS.add(LstmLayer)
def _lstm(placed: PlacedStep) -> Formulas:
    return {
        "channels": "={channels_in}",
        "rate": "=sample_rate_hz/{step}",
        "macs": "=hop_samples/{step}*8*{channels_in}*{channels_in}",
        "cost": f"=hop_samples/{{step}}*({_LSTM_PRICE})",
        "parameters": "=8*{channels_in}*{channels_in}+8*{channels_in}",
        "past": '="unbounded"',
        "state": "=2*{channels_in}",
    }


@LAYER_FORMULAS.add(Activation)
def _activation(placed: PlacedStep) -> Formulas:
    final = placed.step.path == "decoder.final_activation"
    price, per_channel, shared = (
        _LOOKED_UP.replace("{column}", str(column)) for column in (2, 3, 4)
    )
    return {
        "op": "=final_activation" if final else f"={placed.step.stage}_activation",
        "channels": "={channels_in}",
        "rate": "=sample_rate_hz/{step}",
        "cost": f"=hop_samples/{{step}}*{{channels_in}}*{price}",
        "parameters": f"={per_channel}*{{channels_in}}+{shared}",
    }


@LAYER_FORMULAS.add(Sum)
def _sum(placed: PlacedStep) -> Formulas:
    found = {
        "channels": "={channels_in}",
        "rate": "=sample_rate_hz/{step}",
        "cost": "=hop_samples/{step}*{channels_in}*price_residual_add",
    }
    if placed.unit is None:
        return found
    delays = f"{_L['delay']}{placed.unit_row}:{_L['delay']}{placed.row - 1}"
    held = f"=SUM({delays})/{{step}}*{{channels_in}}"
    return {**found, "channels_in": f"={_unit_channels(placed)}", "held": held}


def _conv_check(placed: PlacedStep, strided: bool) -> str:
    fields = placed.inputs
    sizes = [key for key in ("channels", "kernel", "stride", "dilation", "groups") if key in fields]
    fits = [("MOD({channels_in},{groups})+MOD({channels},{groups})>0", "groups do not divide")]
    if "compress" in fields:
        sizes.append("compress")
        fits.insert(0, ("{compress}>{channels_in}", "compress above channels"))
    if strided:
        fits.append(("({kernel}-1)*{dilation}+1<{stride}", "kernel below stride"))
    return _check(sizes, (), fits, 'AND({causal}<>"yes",{causal}<>"no")')


def _check(
    sizes: Sequence[str],
    from_zero: Sequence[str],
    fits: Iterable[tuple[str, str]],
    more: str = "FALSE",
) -> str:
    """``ok``, or the first reason why the auditor would refuse the row."""
    cells = [f"{{{key}}}" for key in (*sizes, *from_zero)]
    count = f"COUNT({','.join(cells)})<{len(cells)}"
    bounds = [f"{{{key}}}<1" for key in sizes] + [f"{{{key}}}<0" for key in from_zero]
    whole = [f"{cell}<>INT({cell})" for cell in cells]
    found = '"ok"'
    for wrong, reason in reversed([*fits]):
        found = f'IF({wrong},"{reason}",{found})'
    values = f'IF(OR({",".join([*bounds, *whole])}),"a whole number from 1 is due",{found})'
    return f'=IF(OR({count},{more}),"an input is missing",{values})'
