"""A codec in C as a shared library of this process."""

from __future__ import annotations

import ctypes
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from reference_models.bitstream.header import Fingerprints
from reference_models.export.c.compiler import FLAGS, THIS_MACHINE, compiled
from reference_models.export.c.packing import Floats
from reference_models.export.c.side import SIDES, Side
from reference_models.export.c.source import CodecInC
from reference_models.export.c.weights_file import weights_file

_POINTER = ctypes.c_void_p
_STREAM = [_POINTER, _POINTER, _POINTER]
"""A stream, weights and scratch memory."""
_SIGNATURES = {
    "lrac_weights_open": [_POINTER, ctypes.c_int, _POINTER, ctypes.c_size_t],
    "lrac_transmitter_reset": [_POINTER],
    "lrac_receiver_reset": [_POINTER],
    "lrac_encode_frame": [*_STREAM, ctypes.c_int, _POINTER, _POINTER],
    "lrac_encode_end": [*_STREAM, ctypes.c_int, _POINTER, ctypes.c_int, _POINTER],
    "lrac_decode_frame": [*_STREAM, ctypes.c_int, _POINTER, _POINTER],
    "lrac_decode_end": [*_STREAM, _POINTER],
}


class Weights(ctypes.Structure):
    """The C struct ``lrac_weights``."""

    _fields_ = (("values", _POINTER), ("fingerprint", ctypes.c_uint8 * 8))


def loaded(codec: CodecInC, flags: Sequence[str] = (*FLAGS, THIS_MACHINE)) -> ctypes.CDLL:
    """Compile ``codec`` and load it.

    Raises:
        InputError: there is no compiler, or it refuses.
    """
    with tempfile.TemporaryDirectory(prefix="lrac-codec-") as name:
        folder = Path(name)
        (folder / "lrac_codec.h").write_text(codec.header, encoding="utf-8")
        (folder / "lrac_codec.c").write_text(codec.source, encoding="utf-8")
        shared = folder / "lrac_codec.so"
        compiled([folder / "lrac_codec.c"], shared, [*flags, "-shared", "-fPIC"])
        library = ctypes.CDLL(str(shared))
    for function, arguments in _SIGNATURES.items():
        if hasattr(library, function):
            getattr(library, function).argtypes = arguments
    return library


class SideLibrary:
    """One side of a codec: its library, its weights and scratch memory for one thread."""

    def __init__(self, library: ctypes.CDLL, side: Side, fingerprints: Fingerprints) -> None:
        self.library, self.side = library, side
        self._blob = np.frombuffer(weights_file(side, fingerprints), np.uint8)
        self._weights = Weights()
        self._scratch = np.zeros(library.lrac_scratch_bytes(), np.uint8)
        self.shared = ctypes.addressof(self._weights), self._scratch.ctypes.data
        number, blob = SIDES.index(side.program.side), self._blob
        opened = library.lrac_weights_open(self.shared[0], number, blob.ctypes.data, blob.size)
        if opened:
            raise ValueError(f"weights that the code does not take: error {opened}")

    def value(self, name: str) -> Floats:
        """Return a value ``[rows, columns]`` of the last frame, which the program has to watch."""
        value, start = self.side.program.values[name], self.side.plan.offsets[name]
        floats = self._scratch.view(np.float32)[start : start + value.rows * value.columns]
        return floats.reshape(value.rows, value.columns)

    def new_stream(self) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
        """Return the memory of a stream, not yet started."""
        name = "transmitter" if self.side.program.side == "transmit" else "receiver"
        return np.zeros(getattr(self.library, f"lrac_{name}_bytes")(), np.uint8)
