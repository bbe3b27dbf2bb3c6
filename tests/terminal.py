"""Run a command on a pseudo-terminal, to see what a person would."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import termios
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple


class Seen(NamedTuple):
    """What a command left behind that ran on a terminal."""

    code: int
    terminal: str
    """What its standard error showed there, and its standard output unless that was piped."""
    piped: str


def run_on_terminal(
    command: Sequence[object],
    columns: int = 100,
    environment: Mapping[str, str] | None = None,
    pipe_output: bool = False,
    folder: Path | None = None,
) -> Seen:
    """Run ``command`` on a terminal of so many columns that can show colours."""
    parent, child = pty.openpty()
    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    inherited = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES", "NO_COLOR")}
    with subprocess.Popen(
        [str(word) for word in command],
        stdin=child,
        stdout=subprocess.PIPE if pipe_output else child,
        stderr=child,
        cwd=folder,
        env=inherited | {"TERM": "xterm-256color", **(environment or {})},
    ) as process:
        os.close(child)
        shown = _until_closed(parent)
        piped = process.stdout.read() if process.stdout is not None else b""
    os.close(parent)
    return Seen(process.returncode, shown.replace(b"\r\n", b"\n").decode(), piped.decode())


def _until_closed(terminal: int) -> bytes:
    chunks = []
    while True:
        try:
            chunk = os.read(terminal, 65536)
        except OSError:  # as Linux says it
            break
        if not chunk:
            break
        chunks.append(chunk)
    return b"".join(chunks)
