"""The pages of a small design sheet, typed cell by cell, and the design that they hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lrac_audit.design.parts import (
    Activation,
    CodecDesign,
    Conv,
    Decoder,
    DecoderBlock,
    DownConv,
    EdgeConv,
    Encoder,
    EncoderBlock,
    Quantizer,
    ResidualUnit,
    UpConv,
)
from lrac_audit.design.sheet.grid import CellValue, Grid

INPUTS: Mapping[str, Any] = {
    "A4": "Design",
    "A5": "Name", "B5": "small",
    "A6": "Sample rate", "B6": 16000,
    "A7": "Audio channels", "B7": 1,
    "A8": "Encoder activation", "B8": "elu",
    "A9": "Encoder activation, constants", "B9": "alpha = 0.5",
    "A10": "Decoder activation", "B10": "snake",
    "A11": "Decoder activation, constants",
    "A12": "Final activation", "B12": "leaky_relu",
    "A13": "Final activation, constants", "B13": "negative_slope=1e-3",
    "A15": "Quantizer",
    "A16": "RVQ layers", "B16": 4,
    "A17": "Codewords per layer", "B17": 256.0,
    "A18": "Codeword width", "B18": 5,
    "A20": "Bitrate modes",
    "A21": "Mode 1", "B21": 1, "C21": "=B21", "D21": "=C21*2",
    "A22": "Mode 2", "B22": 4, "C22": "=B22", "D22": "=C22*2",
    "A24": "What to show",
    "A25": "RVQ form", "B25": "absorbed",
    "A26": "Bitrate mode", "B26": 1, "C26": "=B21",
    "A27": "Counting convention", "B27": "macs",
    "A29": "Limits",
    "A30": "Limit set", "B30": "lrac-2025-track2", "C30": "=1",
    "A31": "Limits are written in", "C31": "=1", "D31": "=C31",
    "A32": "Sample rate, Hz", "C32": "=2", "D32": "=C32",
    "A33": "Overall, MFLOPS", "C33": "=3", "D33": "=C33",
    "A34": "Receive side, MFLOPS", "C34": "=4", "D34": "=C34",
    "A35": "Total latency, ms", "C35": "=5", "D35": "=C35",
    "A36": "Bitrate 1, kbps", "C36": "=6", "D36": "=C36",
    "A38": "Follows from the design",
    "A39": "Layers on page Encoder", "B39": 16,
    "A40": "Layers on page Decoder", "B40": 13,
    "A41": "Hop, samples", "B41": "=F13*F15",
    "A42": "Frames per second", "B42": "=B6/B41",
}  # fmt: skip
"""The page Inputs of a sheet with room for two modes and one bitrate."""

HEADERS = {
    "A4": "Layer", "B4": "Operation", "C4": "Channels in", "D4": "Channels out", "E4": "Kernel",
    "F4": "Stride", "G4": "Dilation", "H4": "Groups", "I4": "Causal", "J4": "Trim left, samples",
    "K4": "Compress", "L4": "Step, samples", "M4": "Rate, Hz", "N4": "MACs per frame",
    "O4": "MMAC/s", "P4": "Cost per frame", "Q4": '="MFLOPS"', "R4": "Parameters",
    "S4": "Past, samples", "T4": "Look-ahead, samples", "U4": "Look-ahead, ms",
    "V4": "Context so far, samples", "W4": "State, values", "X4": "Held, values",
    "Y4": "Live, values", "Z4": "Check",
}  # fmt: skip

UNIT = "encoder.blocks.0.residual.0"
ENCODER: Mapping[str, Any] = HEADERS | {
    "A5": "encoder.input", "B5": "conv", "C5": "=1",
    "D5": 4, "E5": 3, "G5": 1, "H5": 1, "I5": "yes",
    "A6": f"{UNIT}.acts.0", "B6": "=elu",
    "A7": f"{UNIT}.convs.0", "B7": "conv", "C7": "=D5", "D7": "=C7/K7",
    "E7": 5, "G7": 2, "H7": 1, "I7": " No ", "K7": 2,
    "A8": f"{UNIT}.acts.1", "B8": "=elu",
    "A9": f"{UNIT}.convs.1", "B9": "conv", "E9": 1, "G9": 1, "H9": 2, "I9": True,
    "A10": f"{UNIT}.skip", "B10": "conv",
    "A11": f"{UNIT}.add", "B11": "add",
    "A12": "encoder.blocks.0.activation", "B12": "=elu",
    "A13": "encoder.blocks.0.down", "B13": "conv",
    "D13": 6, "E13": 4, "F13": 2, "G13": 1, "H13": 1, "I13": "YES",
    "A14": "encoder.blocks.1.activation", "B14": "=elu",
    "A15": "encoder.blocks.1.down", "B15": "conv",
    "D15": 8, "E15": 6, "F15": 3, "G15": 1, "H15": 1, "I15": False,
    "A16": "encoder.lstm.0", "B16": "lstm",
    "A17": "encoder.lstm.1", "B17": "lstm",
    "A18": "encoder.lstm.add", "B18": "add",
    "A19": "encoder.output_activation", "B19": "=elu",
    "A20": "encoder.output", "B20": "conv", "D20": 10, "E20": 3, "G20": 2, "H20": 1, "I20": "yes",
}  # fmt: skip

DECODER: Mapping[str, Any] = HEADERS | {
    "A5": "decoder.input", "B5": "conv", "D5": 9, "E5": 2, "G5": 1, "H5": 1, "I5": "yes",
    "A6": "decoder.lstm.0", "B6": "lstm",
    "A7": "decoder.lstm.add", "B7": "add",
    "A8": "decoder.blocks.0.activation", "B8": "=snake",
    "A9": "decoder.blocks.0.up", "B9": "transposed_conv",
    "D9": 6, "E9": 5, "F9": 3, "H9": 3, "J9": 1,
    "A10": "decoder.blocks.0.residual.0.acts.0", "B10": "=snake",
    "A11": "decoder.blocks.0.residual.0.convs.0", "B11": "conv",
    "E11": 3, "G11": 3, "H11": 1, "I11": "yes", "K11": 1,
    "A12": "decoder.blocks.0.residual.0.add", "B12": "add",
    "A13": "decoder.blocks.1.activation", "B13": "=snake",
    "A14": "decoder.blocks.1.up", "B14": "transposed_conv",
    "D14": 4, "E14": 2, "F14": 2, "H14": 1, "J14": 0,
    "A15": "decoder.output_activation", "B15": "=snake",
    "A16": "decoder.output", "B16": "conv", "E16": 7, "G16": 1, "H16": 1, "I16": "yes",
    "A17": "decoder.final_activation", "B17": "=leaky_relu",
}  # fmt: skip

PAGES: Mapping[str, Mapping[str, Any]] = {"Inputs": INPUTS, "Encoder": ENCODER, "Decoder": DECODER}

DESIGN = CodecDesign(
    name="small",
    limits="lrac-2025-track2",
    sample_rate_hz=16000,
    encoder=Encoder(
        activation=Activation("elu", (("alpha", 0.5),)),
        input=EdgeConv(channels=4, kernel=3),
        blocks=(
            EncoderBlock(
                residual=(
                    ResidualUnit(
                        convs=(Conv(5, dilation=2, causal=False), Conv(1, groups=2)),
                        compress=2,
                        learnable_skip=True,
                    ),
                ),
                down=DownConv(channels=6, kernel=4, stride=2),
            ),
            EncoderBlock((), DownConv(channels=8, kernel=6, stride=3, causal=False)),
        ),
        lstm_layers=2,
        output=EdgeConv(channels=10, kernel=3, dilation=2),
    ),
    quantizer=Quantizer(layers=4, codebook_size=256, codebook_dim=5, modes=(1, 4)),
    decoder=Decoder(
        activation=Activation("snake"),
        input=EdgeConv(channels=9, kernel=2),
        lstm_layers=1,
        blocks=(
            DecoderBlock(
                UpConv(channels=6, kernel=5, stride=3, groups=3, trim_left=1),
                (ResidualUnit((Conv(3, dilation=3),)),),
            ),
            DecoderBlock(UpConv(channels=4, kernel=2, stride=2), ()),
        ),
        output=Conv(7),
        final_activation=Activation("leaky_relu", (("negative_slope", 0.001),)),
    ),
)
"""The design of these pages; what they leave to a default stands there as that default."""


def grids(edits: Mapping[str, Any]) -> dict[str, Grid]:
    """The pages with some cells changed, such as ``{"Encoder!E7": 4}``; None empties a cell."""
    pages = {name: dict(cells) for name, cells in PAGES.items()}
    for address, value in edits.items():
        page, _, cell = address.partition("!")
        pages[page][cell] = value
    return {name: _grid(cells) for name, cells in pages.items()}


def _grid(cells: Mapping[str, Any]) -> Grid:
    return {
        cell: CellValue(value, isinstance(value, str) and value.startswith("="))
        for cell, value in cells.items()
        if value is not None
    }
