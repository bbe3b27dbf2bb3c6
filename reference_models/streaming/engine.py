"""The interface of an engine, which runs a codec one frame at a time.

Shapes: ``C`` channels, ``hop`` audio samples of a frame, ``n`` codes of a frame, ``F`` frames.
Audio is float32 ``[C, T]`` of full scale 1.0, codes are int64 ``[n, F]`` as a ``.lrac`` file has
them: the codes of the first quantizer layer, then of the second, and so on.

An engine makes streams. A stream is the state of one signal on one side; those of one engine share
weights and can be used in turns. It takes a whole frame and returns what that frame completes. What
a look-ahead delays comes with a later frame, and the last of it with ``flush``. Nothing is returned
for the time before the first sample: with a look-ahead of one hop on each side, ::

    audio in           x0    x1    x2    x3   flush
    codes out          -     c0    c1    c2    c3
    audio out, for     -     -     y0    y1    y2, y3

So everything that a stream returned, concatenated, equals ``codec.encode`` and ``codec.decode`` of
everything that it was given: codes except where two codewords are equally near but for rounding,
audio except for rounding.

Arguments are taken as they are; ``CodecStream`` checks them. An array that was returned belongs to
the caller, and no later call writes to it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from reference_models.audio.reading import Block
    from reference_models.bitstream.packing import Indices
    from reference_models.nn.codec import Codec


class TransmitStream(Protocol):
    """One signal on its way from audio to codes."""

    def frame(self, audio: Block, layers: int) -> Indices:
        """Return the codes ``[n, F]`` of ``layers`` layers that ``audio [C, hop]`` completes.

        F is 0 while the look-ahead fills and 1 from then on. ``layers``, from 1 to the design's,
        may change from call to call; it is that of the codes which this call returns.
        """

    def flush(self, layers: int) -> Indices:
        """Return the codes ``[n, F]`` that are still missing, as if the audio ended here.

        There are then as many frames of codes as of audio. The stream starts afresh.
        """

    def reset(self) -> None:
        """Start afresh, as if nothing had come yet."""


class ReceiveStream(Protocol):
    """One signal on its way from codes to audio."""

    def frame(self, codes: Indices) -> Block:
        """Return the audio ``[C, T]`` that one frame of ``codes [n, 1]`` completes.

        T is less than the hop while the look-ahead fills, down to 0, and the hop from then on. n
        says how many layers there are, and may change from call to call.
        """

    def flush(self) -> Block:
        """Return the audio ``[C, T]`` that is still missing, as if the codes ended here.

        There is then a hop of audio for each frame of codes. The stream starts afresh.
        """

    def reset(self) -> None:
        """Start afresh, as if nothing had come yet."""


class Engine(Protocol):
    """A way to compute what a codec does, such as PyTorch."""

    absorbed: bool
    """Whether it is given absorbed halves in place of a codec as trained, if that has codebooks."""

    def transmit(self, codec: Codec, threads: int) -> Callable[[], TransmitStream]:
        """Prepare the transmit side of ``codec``; return what starts a new stream of it.

        What takes long, such as building a graph or compiling, is done here, once.

        Raises:
            InputError: it cannot run this design, or not with so many ``threads``.
        """

    def receive(self, codec: Codec, threads: int) -> Callable[[], ReceiveStream]:
        """Prepare the receive side of ``codec``; as :meth:`transmit`."""
