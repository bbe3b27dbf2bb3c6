"""Calls of transforms between samples and spectra."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reference_models.export.c.code import SideCode
from reference_models.export.c.kinds.registry import call, enter
from reference_models.export.c.packing import Floats
from reference_models.export.cosine_turns import cosine_turns
from reference_models.export.operations import (
    Analyse,
    FromPolar,
    Magnitude,
    OnSpectra,
    Synthesise,
    ToPolar,
)
from reference_models.export.program import Program


def _analyse(code: SideCode, op: Analyse) -> list[str]:
    window, y = code.program.constants[op.constants[0]], code.program.values[op.writes]
    places = code.value(op.writes), code.value(op.reads[0]), code.workspace(op.writes)
    columns = code.program.values[op.reads[0]].columns
    tables = code.weights(window), *_tables(code, op)
    return call(f"analyse_{op.transform}", *places, *tables, _frames(y.rows, columns, op, window))


def _synthesise(code: SideCode, op: Synthesise) -> list[str]:
    window, x = code.program.constants[op.constants[0]], code.program.values[op.reads[0]]
    if op.transform == "fourier":
        window = window / len(window)
    reads, space = code.value(op.reads[0]), code.workspace(op.writes)
    places = code.value(op.writes), reads, code.state(op.keeps), space
    columns = code.program.values[op.writes].columns
    tables = code.weights(window), *_tables(code, op)
    frames = _frames(x.rows, columns, op, window)
    return call(f"synthesise_{op.transform}", *places, *tables, code.span(op.valid), frames)


def _frames(rows: int, columns: int, op: Analyse | Synthesise, window: Floats) -> str:
    numbers = rows, columns, len(window), op.hop
    return f"&(const lrac_frames){{{', '.join(map(str, numbers))}}}"


def _tables(code: SideCode, op: Analyse | Synthesise) -> list[str]:
    """Enter the constants of a transform beside its window and return their addresses."""
    if op.transform == "fourier":
        return [code.weights(_roots(len(code.program.constants[op.constants[0]])))]
    turns = _in_turns(cosine_turns(op.hop))
    return [code.weights(turns), code.weights(_roots(op.hop // 2))]


def _roots(count: int) -> Floats:
    """Return ``exp(-2 pi i k / count)`` of each ``k``, real and imaginary parts in turns."""
    return _in_turns(np.exp(-2j * np.pi / count * np.arange(count)))


def _in_turns(values: NDArray[np.complex128]) -> Floats:
    """Return the real and the imaginary part of each value, one after the other."""
    return np.stack((values.real, values.imag), 1).astype(np.float32).ravel()


def _of_spectra(code: SideCode, op: OnSpectra) -> list[object]:
    """Return the result, what is read, and the spectra of a frame and their bins."""
    x = code.program.values[op.reads[0]]
    places = code.value(op.writes), code.value(op.reads[0])
    return [*places, x.rows * op.spectra, x.columns // op.spectra // 2]


def _magnitude(code: SideCode, op: Magnitude) -> list[str]:
    return call("magnitude", *_of_spectra(code, op), f"{op.floor!r}f", int(op.is_logarithmic))


def _to_polar(code: SideCode, op: ToPolar) -> list[str]:
    return call("to_polar", *_of_spectra(code, op), f"{op.floor!r}f")


def _from_polar(code: SideCode, op: FromPolar) -> list[str]:
    return call("from_polar", *_of_spectra(code, op), f"{op.ceiling!r}f")


def _overlap(program: Program, op: Synthesise) -> int:
    """Return the floats of the sums behind those that are written."""
    return (len(program.constants[op.constants[0]]) - op.hop) * program.values[op.writes].columns


def _parts(program: Program, op: Analyse | Synthesise) -> int:
    """Return the floats of two buffers of complex values."""
    if op.transform == "cosine":
        return 2 * op.hop
    size = len(program.constants[op.constants[0]])
    return 4 * (size if size % 2 else size // 2 + 1)


enter(Analyse, lambda op: f"operations/analyse_{op.transform}.c", _analyse, working_space=_parts)
enter(
    Synthesise,
    lambda op: f"operations/synthesise_{op.transform}.c",
    _synthesise,
    room_behind=_overlap,
    working_space=_parts,
)
enter(Magnitude, "magnitude", _magnitude)
enter(ToPolar, "to_polar", _to_polar)
enter(FromPolar, "from_polar", _from_polar)
