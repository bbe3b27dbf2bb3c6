"""Work of Fourier transforms, in butterflies."""

from __future__ import annotations

from functools import cache
from math import ceil, log2


@cache
def butterflies(size: int, real: bool) -> int:
    """Return the butterflies of one transform; ``real`` means a real input or output.

    A complex transform of N values has ``N / 2 log2 N`` of them, rounded up where N is no power of
    two; a transform with real input or output has half as many.
    """
    if size < 2:
        return 0
    exact = size.bit_length() - 1 if size & (size - 1) == 0 else log2(size)
    return ceil(size * exact / (4 if real else 2))
