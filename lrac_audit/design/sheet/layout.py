"""The layout of a design sheet, which its writer and its reader share.

Rows count from 1 and columns are letters, as in the sheet itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

SUMMARY, INPUTS, ENCODER, RVQ, DECODER = "Summary", "Inputs", "Encoder", "RVQ", "Decoder"
MEMORY, CHARTS, NOTES, COMPARISON = "Memory", "Charts", "Notes", "Comparison"
LAYERS = "Layers"
"""The page of the layers in a sheet of values."""

HEADER_ROW = 4
FIRST_ROW = HEADER_ROW + 1
"""Row of the first layer on the pages Encoder and Decoder."""
BLOCK = "block"
"""The operation of a row that sums up the layers of a block, which stand below it."""
MAX_LAYERS = 5000
"""Most rows that are read from a page."""

YES, NO, NONE = "yes", "no", "none"


class Column(NamedTuple):
    """One column of the pages Encoder and Decoder."""

    letter: str
    header: str
    """Text of the header; empty where it is calculated."""
    is_input: bool = False
    """Whether it holds inputs of some layers."""


_HEADERS = {
    "name": "Layer",
    "op": "Operation",
    "channels_in": "Channels in",
    "channels": "*Channels out",
    "kernel": "*Kernel",
    "stride": "*Stride",
    "dilation": "*Dilation",
    "groups": "*Groups",
    "causal": "*Causal",
    "trim": "*Trim left, samples",
    "compress": "*Compress",
    "step": "Step, samples",
    "rate": "Rate, Hz",
    "macs": "MACs per frame",
    "mmacs": "MMAC/s",
    "cost": "Cost per frame",
    "mflops": "",
    "parameters": "Parameters",
    "past": "Past, samples",
    "delay": "Look-ahead, samples",
    "delay_ms": "Look-ahead, ms",
    "context": "Context so far, samples",
    "state": "State, values",
    "held": "Held, values",
    "live": "Live, values",
    "check": "Check",
}
COLUMNS: Mapping[str, Column] = MappingProxyType(
    {
        key: Column(chr(ord("A") + i), header.lstrip("*"), header.startswith("*"))
        for i, (key, header) in enumerate(_HEADERS.items())
    }
)
"""The columns of the pages Encoder and Decoder by key."""

INPUT_COLUMN = "B"

DESIGN_FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "name": "Name",
        "sample_rate_hz": "Sample rate",
        "audio_channels": "Audio channels",
        "encoder.activation": "Encoder activation",
        "encoder.activation.constants": "Encoder activation, constants",
        "decoder.activation": "Decoder activation",
        "decoder.activation.constants": "Decoder activation, constants",
        "decoder.final_activation": "Final activation",
        "decoder.final_activation.constants": "Final activation, constants",
        "quantizer.layers": "RVQ layers",
        "quantizer.codebook_size": "Codewords per layer",
        "quantizer.codebook_dim": "Codeword width",
        "limits": "Limit set",
    }
)
"""Field of a design to its label on the page Inputs."""
SELECTION = MappingProxyType(
    {"rvq": "RVQ form", "mode": "Bitrate mode", "convention": "Counting convention"}
)
LIMIT_FIELDS = MappingProxyType(
    {
        "convention": "Limits are written in",
        "sample_rate_hz": "Sample rate, Hz",
        "overall_mflops": "Overall, MFLOPS",
        "receive_mflops": "Receive side, MFLOPS",
        "total_latency_ms": "Total latency, ms",
    }
)
LAYER_COUNTS = MappingProxyType(
    {ENCODER: "Layers on page Encoder", DECODER: "Layers on page Decoder"}
)
MODE_LABEL, BITRATE_LABEL = "Mode", "Bitrate"
MODE_SLOTS, BITRATE_SLOTS = 4, 2
"""Least number of modes and of bitrates that a sheet has room for."""


class InputsLayout:
    """The rows of the page Inputs."""

    def __init__(self, mode_slots: int, bitrate_slots: int) -> None:
        self.mode_slots = mode_slots
        self.bitrate_slots = bitrate_slots
        self.headings: dict[int, str] = {}
        self.labels: dict[int, str] = {}
        self.rows: dict[str, int] = {}
        self._next = 4
        fields = list(DESIGN_FIELDS)
        self._section("Design", {key: DESIGN_FIELDS[key] for key in fields[:9]})
        self._section("Quantizer", {key: DESIGN_FIELDS[key] for key in fields[9:12]})
        modes = {f"quantizer.modes[{i}]": f"{MODE_LABEL} {i + 1}" for i in range(mode_slots)}
        self._section("Bitrate modes", modes)
        self._section("What to show", {f"show.{key}": text for key, text in SELECTION.items()})
        bitrates = {
            f"limits.bitrates_kbps[{i}]": f"{BITRATE_LABEL} {i + 1}, kbps"
            for i in range(bitrate_slots)
        }
        own = {f"limits.{key}": text for key, text in LIMIT_FIELDS.items()}
        self._section("Limits", {"limits": DESIGN_FIELDS["limits"], **own, **bitrates})
        counts = {f"rows.{page}": text for page, text in LAYER_COUNTS.items()}
        self._section("Follows from the design", counts)
        self.end = self._next

    def _section(self, heading: str, rows: Mapping[str, str]) -> None:
        self.headings[self._next] = heading
        self.rows[heading] = self._next
        for row, (key, label) in enumerate(rows.items(), self._next + 1):
            self.rows[key] = row
            self.labels[row] = label
        self._next += len(rows) + 2

    def cell(self, key: str) -> str:
        """Return the input cell of ``key``."""
        return f"{INPUT_COLUMN}{self.rows[key]}"
