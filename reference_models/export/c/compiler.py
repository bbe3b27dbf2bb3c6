"""The C compiler of this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from lrac_audit.errors import InputError, Problem

FLAGS = ("-std=c99", "-O3", "-ffp-contract=fast", "-fno-math-errno")
"""Flags for speed. They keep to the rules of floating point but for fused products and sums."""
THIS_MACHINE = "-march=native"
"""Flag for the vectors of the machine that compiles."""

QUICK_FLAGS = ("-std=c99", "-O1", THIS_MACHINE)
"""Flags for code that runs once, for which compiling takes longer than running."""


def compiler() -> str:
    """Return the command of a C compiler: that of the variable ``CC``, cc, gcc or clang.

    Raises:
        InputError: there is none.
    """
    commands = [os.environ["CC"]] if os.environ.get("CC") else ["cc", "gcc", "clang"]
    found = next((command for command in commands if shutil.which(command)), None)
    if found is None:
        given = f"no {' or '.join(commands)} on this machine"
        problem = Problem("", given, "a C compiler, or its command in the variable CC")
        raise InputError("C compiler", [problem])
    return found


def compiled(sources: Sequence[Path], out: Path, flags: Sequence[str]) -> None:
    """Compile ``sources`` into ``out``.

    Raises:
        InputError: there is no compiler, or it refuses.
    """
    command = [compiler(), *flags, *map(str, sources), "-o", str(out), "-lm"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = done.stderr.splitlines()
        first = next((line for line in lines if "error" in line), f"exit code {done.returncode}")
        problem = Problem("C compiler", first, "a compiler of C99")
        raise InputError(command[0], [problem])
