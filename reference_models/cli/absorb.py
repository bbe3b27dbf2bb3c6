"""``lrac-codec absorb``: fold the quantizer's output projections into tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lrac_audit.console.exit_codes import ExitCode
from lrac_audit.console.help import Command
from lrac_audit.console.output import say, warn
from lrac_audit.console.terminal import output_screen
from lrac_audit.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lrac_audit.design.parts import CodecDesign
    from lrac_audit.ledger.row import Side
    from reference_models.audio.reading import Block

NOISE_SECONDS = 10

app = typer.Typer(add_completion=False)


@app.command(
    cls=Command,
    epilog="""
Examples:
  lrac-codec absorb track1.safetensors track1
  lrac-codec absorb track1.safetensors out/track1 --check-on speech.wav

Exit codes: 0 written, 2 bad usage or file, 3 the check failed and nothing was written.""",
)
def absorb(
    weights: Annotated[Path, typer.Argument(help="Weights as they were trained.")],
    out_prefix: Annotated[Path, typer.Argument(help="The start of the names of both files.")],
    audio: Annotated[
        Path | None,
        typer.Option(
            "--check-on",
            metavar="AUDIO",
            help=f"WAV or FLAC file to compare on. Default: {NOISE_SECONDS} seconds of noise.",
        ),
    ] = None,
) -> int:
    """Write OUT_PREFIX.transmit.safetensors and OUT_PREFIX.receive.safetensors from WEIGHTS.

    First a check on audio: the codes must be identical and the output equal but for rounding.
    Then the size of each file stands beside what the audit says its side must store.
    """
    from reference_models.cli.absorb_report import agreement_line, sizes
    from reference_models.cli.loading import load_codec
    from reference_models.nn.absorb import absorb as absorbed
    from reference_models.nn.weights import save_codec
    from reference_models.streaming.absorption_check import compare

    codec = load_codec(weights, None)
    if codec.variant != "trained":
        problem = Problem("", f"a codec of the variant {codec.variant}", "one as it was trained")
        raise InputError(str(weights), [problem])
    halves = absorbed(codec)
    agreement = compare(codec, halves.transmit, halves.receive, _blocks(codec.design, audio))
    if not agreement.holds:
        warn(f"error: {weights}: {agreement_line(agreement)}; nothing was written")
        return ExitCode.INCOMPLETE
    paths: dict[Side, Path] = {
        "transmit": out_prefix.with_name(f"{out_prefix.name}.transmit.safetensors"),
        "receive": out_prefix.with_name(f"{out_prefix.name}.receive.safetensors"),
    }
    save_codec(halves.transmit, paths["transmit"])
    save_codec(halves.receive, paths["receive"])
    say(f"{agreement_line(agreement)}\n\n{sizes(codec.design, paths, output_screen())}")
    return ExitCode.WITHIN_LIMITS


def _blocks(design: CodecDesign, audio: Path | None) -> Iterable[Block]:
    """Return the audio of the check, at the rate and with the channels of ``design``."""
    if audio is not None:
        from reference_models.audio.conversion import convert
        from reference_models.audio.reading import open_audio

        return convert(open_audio(audio), design.sample_rate_hz, design.audio_channels)
    import numpy as np

    second = (design.audio_channels, design.sample_rate_hz)
    random = np.random.default_rng(0)
    return ((0.1 * random.standard_normal(second)).astype(np.float32) for _ in range(NOISE_SECONDS))
