"""The bitstream of a codec, as far as it was observed on a running model.

The bits of a code follow from the values that it was seen to take: where they lie on a grid of
``n`` equal steps from the lowest to the highest, a code of fixed length needs ``log2(n)`` bits.
Fractions of bits are kept, since several codes can be packed into one number. A codec can only use
more values than were seen, so the sum is a lower bound of its bitrate. Where codes index tables,
the sizes of these bound it as well, whatever values were seen.
"""

from __future__ import annotations

from typing import NamedTuple


class CodeStream(NamedTuple):
    """One of the things that a transmitter hands over, such as the indices of a quantizer."""

    name: str
    """Its place in what is handed over, such as ``codes[1]``."""
    dtype: str
    lowest: float | None
    """The lowest value seen, or of an index of a table; None where the values have no order."""
    highest: float | None
    """The highest value seen, or the last row of the table that the codes index."""
    values_per_s: float
    """Values per second of audio; 0 for what is sent once for a clip."""
    bits_per_s: float


class Bitstream(NamedTuple):
    """All that a transmitter hands over, and what is wrong with it."""

    declared_kbps: float
    """The bitrate that the codec declares for its mode."""
    streams: tuple[CodeStream, ...]
    broken: tuple[str, ...] = ()
    """Sentences on promises that the codec breaks."""
    unchecked: tuple[str, ...] = ()
    """Sentences on what could not be checked."""
    table_bits_per_s: float = 0.0
    """Bits of the codes by the sizes of the tables that they index; 0 where they index none."""

    @property
    def observed_kbps(self) -> float | None:
        """The bitrate that the codes need, by their range or by the tables that they index.

        None where nothing was observed.
        """
        if not self.streams:
            return None
        return max(sum(stream.bits_per_s for stream in self.streams), self.table_bits_per_s) / 1000
