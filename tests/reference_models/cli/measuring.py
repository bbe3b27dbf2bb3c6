"""The program in a process of its own, to see what it takes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

MAIN = "import sys; from reference_models.cli.main import main; sys.exit(main())"

# Not getrusage: its maximum counts the process that this one was forked from.
_MEASURED = r"""
import re, sys, time
from pathlib import Path
from reference_models.streaming import file_coding as coding
from reference_models.audio import writing
from reference_models.cli import decode, encode, loading
from reference_models.cli.main import main
def peak_bytes():
    status = Path("/proc/self/status").read_text()
    return 1024 * int(re.search(r"VmHWM:\s+(\d+) kB", status)[1])
codec = loading.load_codec(Path(sys.argv[1]), None)
before, start = peak_bytes(), time.perf_counter()
code = main(sys.argv[2:])
seconds = time.perf_counter() - start
print(peak_bytes() - before, seconds)
sys.exit(code)
"""


class Measured(NamedTuple):
    """One run of ``encode`` or ``decode``."""

    grown_bytes: int
    """Highest resident memory, less what the libraries and the codec itself had taken before."""
    seconds: float


def measured(weights: Path, *arguments: object) -> Measured:
    """Run a command with these weights."""
    command = [sys.executable, "-c", _MEASURED, weights, *arguments, "--weights", weights]
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=True)
    grown_bytes, seconds = done.stdout.split()[-2:]
    return Measured(int(grown_bytes), float(seconds))
