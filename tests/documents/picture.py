"""Draw ``docs/pictures/audit.svg``: a real audit as a terminal shows it, with its middle cut out.

Run ``python -m tests.documents.picture`` to draw it anew.
"""

from __future__ import annotations

import contextlib
import fcntl
import io
import os
import struct
import subprocess
import sys
import termios

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from tests.conftest import ROOT

PICTURE = ROOT / "docs" / "pictures" / "audit.svg"
COMMAND = "lrac-audit audit track2 --rvq projected"
COLUMNS = 84
SHOWN = ("counted by", "encoder.input", "buffering", "Limits of")
"""What the parts of the output have in them that the picture shows; blank lines part them."""

CUTS = (
    ("encoder.blocks.0.residual.1.convs.0", "decoder.blocks.0.up"),
    ("decoder.blocks.0.residual.1.convs.0", "decoder.output"),
)
"""Rows that are left out: those after the row of the first name and before the second's."""


def on_a_terminal(command: str) -> str:
    """Run ``command`` on a terminal of its own, and return what it writes there."""
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
    kept = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR")}
    arguments = [sys.executable, "-m", "lrac_audit", *command.split()[1:]]
    environment = kept | {"TERM": "xterm-256color", "COLUMNS": str(COLUMNS)}
    program = subprocess.Popen(
        arguments, stdin=subprocess.DEVNULL, stdout=theirs, env=environment, cwd=ROOT
    )
    os.close(theirs)
    written = b""
    with contextlib.suppress(OSError):  # so Linux says that the program has closed the terminal
        while piece := os.read(ours, 65_536):
            written += piece
    os.close(ours)
    assert program.wait() == 0
    return written.decode("utf-8").replace("\r\n", "\n")


def excerpt(output: str) -> str:
    """Return the parts of ``output`` that the picture shows, and mark the rows left out."""
    parts = [part for part in output.split("\n\n") if any(text in part for text in SHOWN)]
    assert len(parts) == len(SHOWN)
    lines = "\n\n".join(parts).splitlines()
    for before, after in CUTS:
        first = next(i for i, line in enumerate(lines) if before in line)
        last = next(i for i, line in enumerate(lines) if after in line)
        lines[first + 1 : last] = [f"  ... {last - first - 1} rows ..."]
    return "\n".join(lines)


def draw() -> str:
    """Return the picture as SVG."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO())
    console.print(Text.from_ansi(f"$ {COMMAND}\n{excerpt(on_a_terminal(COMMAND))}"))
    return console.export_svg(title="lrac-audit", theme=MONOKAI, unique_id="audit")


if __name__ == "__main__":
    PICTURE.write_text(draw(), encoding="utf-8")
