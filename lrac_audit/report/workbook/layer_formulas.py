"""The formulas of each kind of layer on the pages Encoder and Decoder.

They are those of :mod:`lrac_audit.ledger.operations`, in terms of the cells of the row and of named
cells. A new kind of layer is one function, entered into :data:`LAYER_FORMULAS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from lrac_audit.design.kind_registry import KindRegistry
from lrac_audit.design.parts import Activation, Conv, DownConv, EdgeConv, UpConv
from lrac_audit.design.sheet.layout import COLUMNS
from lrac_audit.design.steps import LstmLayer, SkipConv, Sum
from lrac_audit.report.workbook.placed_steps import PlacedStep

COLUMN_LETTERS = {key: column.letter for key, column in COLUMNS.items()}
_LOOKED_UP = "VLOOKUP({op},activations,{column},FALSE)"
_LSTM_PRICE = (
    "8*{channels_in}*{channels_in}*price_linear+8*{channels_in}*price_bias"
    '+3*{channels_in}*VLOOKUP("sigmoid",activations,2,FALSE)'
    '+2*{channels_in}*VLOOKUP("tanh",activations,2,FALSE)+4*{channels_in}*price_gate_arithmetic'
)

Formulas = dict[str, str]
"""Templates of formulas by column: ``{kernel}`` stands for the cell of that column."""
LAYER_FORMULAS: KindRegistry[Callable[[PlacedStep], Formulas]] = KindRegistry("formula in a sheet")
"""The formulas of each kind of layer, besides those that all have."""


FRAME = "hop_samples/{step}"
"""Steps of a frame at the rate of a row."""


def unit_channels(placed: PlacedStep) -> str:
    """Return the cell of the channels that go into the layer's residual unit."""
    return f"{COLUMN_LETTERS['channels_in']}{placed.unit_row}"


def kept_channels(placed: PlacedStep) -> str:
    """Return the channels beside those of a layer that a sum behind it still needs, as a term."""
    if placed.unit is None or placed.row == placed.unit_row:
        return ""
    return f"+{unit_channels(placed)}"


@LAYER_FORMULAS.add(Conv, EdgeConv, DownConv)
def _conv(placed: PlacedStep) -> Formulas:
    strided = isinstance(placed.step.part, DownConv)
    step = "({step}*{stride})" if strided else "{step}"
    context = f"(({{kernel}}-1)*{{dilation}}+1-{'{stride}' if strided else '1'})"
    live = f"={FRAME}*({{channels_in}}+{{channels}}/{{stride}})"
    return {
        **_conv_costs(step, "INT({channels_in}/{groups})*{channels}*{kernel}"),
        "channels": _channels_out(placed),
        "past": f"={context}*{{step}}-{{delay}}",
        "delay": f'=IF({{causal}}="yes",0,INT({context}/2))*{{step}}',
        "state": f"={context}*{{channels_in}}",
        **({"live": live} if strided else {}),
        "check": _conv_check(placed, strided),
    }


@LAYER_FORMULAS.add(SkipConv)
def _skip(placed: PlacedStep) -> Formulas:
    width = f"={unit_channels(placed)}"
    costs = _conv_costs("{step}", "{channels_in}*{channels}")
    live = f"={FRAME}*3*{{channels_in}}"  # input of the unit, output of its branch, and its own
    return {**costs, "channels_in": width, "channels": width, "live": live}


def _conv_costs(step: str, macs: str) -> Formulas:
    return {
        "rate": f"=sample_rate_hz/{step}",
        "macs": f"=hop_samples/{step}*{macs}",
        "cost": f"={{macs}}*price_conv+hop_samples/{step}*{{channels}}*price_bias",
        "parameters": f"={macs}+{{channels}}",
    }


def _channels_out(placed: PlacedStep) -> str:
    """Return the channels out: the last layer of a residual unit has those of its block."""
    if placed.unit is None:
        return "=audio_channels"  # of the last layer; every other has an input there
    width = unit_channels(placed)
    last = len(placed.unit.part.convs) - 1
    if placed.step.path == f"{placed.unit.path}.convs.{last}":
        return f"={width}"
    return f"=INT({width}/{COLUMN_LETTERS['compress']}{placed.unit_row + 1})"


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
        "live": f"={FRAME}*({{channels_in}}/{{stride}}+{{channels}})",
        "check": _check(("channels", "kernel", "stride", "groups"), ("trim",), fits),
    }


@LAYER_FORMULAS.add(LstmLayer)
def _lstm(placed: PlacedStep) -> Formulas:
    is_first = placed.before is None or not isinstance(placed.before.part, LstmLayer)
    return {
        "channels": "={channels_in}",
        "rate": "=sample_rate_hz/{step}",
        "macs": "=hop_samples/{step}*8*{channels_in}*{channels_in}",
        "cost": f"=hop_samples/{{step}}*({_LSTM_PRICE})",
        "parameters": "=8*{channels_in}*{channels_in}+8*{channels_in}",
        "past": '="unbounded"',
        "state": "=2*{channels_in}",
        # The input of the first is that of the skip path.
        "live": f"={FRAME}*{{channels_in}}*{2 if is_first else 3}",
    }


@LAYER_FORMULAS.add(Activation)
def _activation(placed: PlacedStep) -> Formulas:
    final = placed.step.path == "decoder.final_activation"
    price, per_channel, shared = (
        _LOOKED_UP.replace("{column}", str(column)) for column in (2, 3, 4)
    )
    # In place, but for the first of a unit, whose input the sum needs.
    copied = "+{channels_in}" if placed.row == placed.unit_row and placed.unit else ""
    return {
        "op": "=final_activation" if final else f"={placed.step.stage}_activation",
        "channels": "={channels_in}",
        "rate": "=sample_rate_hz/{step}",
        "cost": f"=hop_samples/{{step}}*{{channels_in}}*{price}",
        "parameters": f"={per_channel}*{{channels_in}}+{shared}",
        "live": f"={FRAME}*({{channels_in}}{copied}{kept_channels(placed)})",
    }


@LAYER_FORMULAS.add(Sum)
def _sum(placed: PlacedStep) -> Formulas:
    found = {
        "channels": "={channels_in}",
        "rate": "=sample_rate_hz/{step}",
        "cost": "=hop_samples/{step}*{channels_in}*price_residual_add",
        "live": f"={FRAME}*2*{{channels_in}}",
    }
    if placed.unit is None:
        return found
    delays = f"{COLUMN_LETTERS['delay']}{placed.unit_row}:{COLUMN_LETTERS['delay']}{placed.row - 1}"
    held = f"=SUM({delays})/{{step}}*{{channels_in}}"
    return {**found, "channels_in": f"={unit_channels(placed)}", "held": held}


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
    """Return a formula of ``ok``, or of the first reason why the auditor would refuse the row."""
    cells = [f"{{{key}}}" for key in (*sizes, *from_zero)]
    count = f"COUNT({','.join(cells)})<{len(cells)}"
    bounds = [f"{{{key}}}<1" for key in sizes] + [f"{{{key}}}<0" for key in from_zero]
    whole = [f"{cell}<>INT({cell})" for cell in cells]
    found = '"ok"'
    for wrong, reason in reversed([*fits]):
        found = f'IF({wrong},"{reason}",{found})'
    values = f'IF(OR({",".join([*bounds, *whole])}),"a whole number from 1 is due",{found})'
    return f'=IF(OR({count},{more}),"an input is missing",{values})'
