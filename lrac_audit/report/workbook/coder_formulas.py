"""The formulas of a row on the pages Encoder and Decoder."""

from __future__ import annotations

from lrac_audit.design.parts import DownConv, UpConv
from lrac_audit.report.workbook.layer_formulas import (
    COLUMN_LETTERS,
    FRAME,
    LAYER_FORMULAS,
    Formulas,
    kept_channels,
)
from lrac_audit.report.workbook.placed_steps import PlacedStep


def formulas(placed: PlacedStep) -> Formulas:
    """Return the formulas of a row by column, inputs left out.

    Raises:
        InputError: the layer is of a kind that has no formulas.
    """
    own = LAYER_FORMULAS.of(placed.step.path, placed.step.part)(placed)
    live = f"={FRAME}*({{channels_in}}+{{channels}}{kept_channels(placed)})"
    found = {"channels_in": _channels_in(placed), "step": _step(placed), "live": live, **own}
    if "macs" in found:
        found["mmacs"] = "={macs}*sample_rate_hz/(hop_samples*1000000)"
    found["mflops"] = "={cost}*sample_rate_hz/(hop_samples*1000000)"
    if "delay" in found:
        found["delay_ms"] = "={delay}*1000/sample_rate_hz"
    found["context"] = _context(placed)
    found.setdefault("check", '="ok"')
    here = {key: f"{letter}{placed.row}" for key, letter in COLUMN_LETTERS.items()}
    inputs = placed.inputs
    return {k: v.format_map(here) for k, v in found.items() if k not in inputs}


def _channels_in(placed: PlacedStep) -> str:
    if placed.before is None:
        return "=audio_channels" if placed.step.stage == "encoder" else "=latent"
    return f"={COLUMN_LETTERS['channels']}{placed.row_before}"


def _step(placed: PlacedStep) -> str:
    """Return the audio samples between two steps where the layer's context is counted."""
    before = placed.before
    if before is None:
        step = "1" if placed.step.stage == "encoder" else "hop_samples"
    else:
        step = f"{COLUMN_LETTERS['step']}{placed.row_before}"
        if isinstance(before.part, DownConv):
            step += f"*{COLUMN_LETTERS['stride']}{placed.row_before}"
    return f"={step}/{{stride}}" if isinstance(placed.step.part, UpConv) else f"={step}"


def _context(placed: PlacedStep) -> str:
    if placed.before is None:
        return '=IF(ISTEXT({past}),"unbounded",{past}+{delay})'
    before = f"{COLUMN_LETTERS['context']}{placed.row_before}"
    return f'=IF(OR(ISTEXT({before}),ISTEXT({{past}})),"unbounded",{before}+{{past}}+{{delay}})'
