"""The formulas of a row on the pages Encoder and Decoder.

They are those of :mod:`lrac_audit.ledger.operations`, in terms of the cells of the row, of the row
before it, and of named cells.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lrac_audit.design.sheet.layers import input_fields
from lrac_audit.design.sheet.layout import COLUMNS, FIRST_ROW
from lrac_audit.ledger.row import Row

_L = {key: column.letter for key, column in COLUMNS.items()}

_LOOKED_UP = "VLOOKUP({op},activations,{column},FALSE)"
_LSTM_PRICE = (
    "8*{channels_in}*{channels_in}*price_linear+8*{channels_in}*price_bias"
    '+3*{channels_in}*VLOOKUP("sigmoid",activations,2,FALSE)'
    '+2*{channels_in}*VLOOKUP("tanh",activations,2,FALSE)+4*{channels_in}*price_gate_arithmetic'
)


class Formulas:
    """The formulas of one page's rows."""

    def __init__(self, rows: Sequence[Row], coder: str) -> None:
        self._rows = rows
        self._coder = coder

    def of(self, at: int) -> dict[str, str]:
        """The formulas of the row ``at`` by column, inputs left out."""
        row = self._rows[at - FIRST_ROW]
        here = {key: f"{letter}{at}" for key, letter in _L.items()}
        found = {"channels_in": self._channels_in(at), "step": self._step(at)}
        found |= _KINDS[_kind(row)](self, at, row, here)
        found["mmacs"] = "={macs}*sample_rate_hz/(hop_samples*1000000)"
        found["mflops"] = "={cost}*sample_rate_hz/(hop_samples*1000000)"
        if "macs" not in found:
            del found["mmacs"]
        if "delay" in found:
            found["delay_ms"] = "={delay}*1000/sample_rate_hz"
        found["context"] = self._context(at)
        found.setdefault("check", '="ok"')
        fields = input_fields(row.name)
        return {k: v.format_map(here) for k, v in found.items() if k not in fields}

    def _before(self, at: int) -> Row | None:
        return self._rows[at - FIRST_ROW - 1] if at > FIRST_ROW else None

    def _channels_in(self, at: int) -> str:
        row = self._rows[at - FIRST_ROW]
        if (".residual." in row.name and row.op == "add") or row.name.endswith(".skip"):
            return f"={_L['channels_in']}{self._unit_start(at)}"
        if self._before(at) is None:
            return "=audio_channels" if self._coder == "encoder" else "=latent"
        return f"={_L['channels']}{at - 1}"

    def _unit_start(self, at: int) -> int:
        """The first row of the residual unit that the row ``at`` ends."""
        unit = self._rows[at - FIRST_ROW].name.rpartition(".")[0]
        unit = unit.split(".convs")[0].split(".acts")[0]
        names = [row.name for row in self._rows]
        return FIRST_ROW + names.index(f"{unit}.acts.0")

    def _step(self, at: int) -> str:
        """Audio samples between two steps where the layer's context is counted."""
        row, before = self._rows[at - FIRST_ROW], self._before(at)
        if before is None:
            step = "1" if self._coder == "encoder" else "hop_samples"
        else:
            step = f"{_L['step']}{at - 1}"
            if before.name.endswith(".down"):
                step += f"*{_L['stride']}{at - 1}"
        return f"={step}/{{stride}}" if row.op == "transposed_conv" else f"={step}"

    def _context(self, at: int) -> str:
        if self._before(at) is None:
            return '=IF(ISTEXT({past}),"unbounded",{past}+{delay})'
        before = f"{_L['context']}{at - 1}"
        return f'=IF(OR(ISTEXT({before}),ISTEXT({{past}})),"unbounded",{before}+{{past}}+{{delay}})'

    def _conv(self, at: int, row: Row, here: Mapping[str, str]) -> dict[str, str]:
        skip = row.name.endswith(".skip")
        strided = row.name.endswith(".down")
        step = "({step}*{stride})" if strided else "{step}"
        macs = "{channels_in}*{channels}"
        if not skip:
            macs = "INT({channels_in}/{groups})*{channels}*{kernel}"
        found = {
            "channels": self._channels_out(at, row),
            "rate": f"=sample_rate_hz/{step}",
            "macs": f"=hop_samples/{step}*{macs}",
            "cost": f"={{macs}}*price_conv+hop_samples/{step}*{{channels}}*price_bias",
            "parameters": f"={macs}+{{channels}}",
        }
        if skip:
            return found
        stride = "{stride}" if strided else "1"
        context = f"(({{kernel}}-1)*{{dilation}}+1-{stride})"
        return found | {
            "past": f"={context}*{{step}}-{{delay}}",
            "delay": f'=IF({{causal}}="yes",0,INT({context}/2))*{{step}}',
            "state": f"={context}*{{channels_in}}",
            "check": _conv_check(row, strided),
        }

    def _channels_out(self, at: int, row: Row) -> str:
        """Inside a residual unit the channels are those of its block, between its layers fewer."""
        if row.name == "decoder.output":
            return "=audio_channels"
        if ".residual." not in row.name:
            return "=0"  # an input
        start = self._unit_start(at)
        width = f"{_L['channels_in']}{start}"
        following = self._rows[at - FIRST_ROW + 1 :]
        unit = row.name.split(".convs")[0]
        last = not any(other.name.startswith(f"{unit}.convs.") for other in following)
        if row.name.endswith(".skip") or last:
            return f"={width}"
        return f"=INT({width}/{_L['compress']}{start + 1})"

    def _up(self, at: int, row: Row, here: Mapping[str, str]) -> dict[str, str]:
        macs = "INT({channels_in}/{groups})*{channels}*{kernel}"
        runs = "hop_samples/({step}*{stride})"
        price = f"={{macs}}*price_transposed_conv+{runs}*{{stride}}*{{channels}}*price_bias"
        fits = (
            "{kernel}<{stride}",
            "{trim}>{kernel}-{stride}",
            "MOD({channels_in},{groups})+MOD({channels},{groups})>0",
        )
        words = ("kernel below stride", "trim above kernel - stride", "groups do not divide")
        return {
            "rate": "=sample_rate_hz/({step}*{stride})",
            "macs": f"={runs}*{macs}",
            "cost": price,
            "parameters": f"={macs}+{{channels}}",
            "past": "=({kernel}-{stride}-{trim})*{step}",
            "delay": "={trim}*{step}",
            "state": "=({kernel}-{stride})*{channels}",
            "check": _check(
                ("channels", "kernel", "stride", "groups"), ("trim",), zip(fits, words, strict=True)
            ),
        }

    def _lstm(self, at: int, row: Row, here: Mapping[str, str]) -> dict[str, str]:
        return {
            "channels": "={channels_in}",
            "rate": "=sample_rate_hz/{step}",
            "macs": "=hop_samples/{step}*8*{channels_in}*{channels_in}",
            "cost": f"=hop_samples/{{step}}*({_LSTM_PRICE})",
            "parameters": "=8*{channels_in}*{channels_in}+8*{channels_in}",
            "past": '="unbounded"',
            "state": "=2*{channels_in}",
        }

    def _activation(self, at: int, row: Row, here: Mapping[str, str]) -> dict[str, str]:
        final = row.name == "decoder.final_activation"
        price, per_channel, shared = (
            _LOOKED_UP.replace("{column}", str(column)) for column in (2, 3, 4)
        )
        return {
            "op": "=final_activation" if final else f"={self._coder}_activation",
            "channels": "={channels_in}",
            "rate": "=sample_rate_hz/{step}",
            "cost": f"=hop_samples/{{step}}*{{channels_in}}*{price}",
            "parameters": f"={per_channel}*{{channels_in}}+{shared}",
        }

    def _add(self, at: int, row: Row, here: Mapping[str, str]) -> dict[str, str]:
        found = {
            "channels": "={channels_in}",
            "rate": "=sample_rate_hz/{step}",
            "cost": "=hop_samples/{step}*{channels_in}*price_residual_add",
        }
        if ".residual." in row.name:
            start, delay = self._unit_start(at), _L["delay"]
            found["held"] = f"=SUM({delay}{start}:{delay}{at - 1})/{{step}}*{{channels_in}}"
        return found


_KINDS = {
    "conv": Formulas._conv,
    "transposed_conv": Formulas._up,
    "lstm": Formulas._lstm,
    "add": Formulas._add,
    "activation": Formulas._activation,
}


def _kind(row: Row) -> str:
    return row.op if row.op in _KINDS else "activation"


def _conv_check(row: Row, strided: bool) -> str:
    fields = input_fields(row.name)
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
    fits: object,
    more: str = "FALSE",
) -> str:
    """``ok``, or the first reason why the auditor would refuse the row."""
    cells = [f"{{{key}}}" for key in (*sizes, *from_zero)]
    count = f"COUNT({','.join(cells)})<{len(cells)}"
    bounds = [f"{{{key}}}<1" for key in sizes] + [f"{{{key}}}<0" for key in from_zero]
    whole = [f"{cell}<>INT({cell})" for cell in cells]
    found = '"ok"'
    for wrong, reason in reversed([*fits]):  # type: ignore[misc]
        found = f'IF({wrong},"{reason}",{found})'
    values = f'IF(OR({",".join([*bounds, *whole])}),"a whole number from 1 is due",{found})'
    return f'=IF(OR({count},{more}),"an input is missing",{values})'
