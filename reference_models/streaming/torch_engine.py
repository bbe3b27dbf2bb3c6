"""The engine that runs the PyTorch models themselves."""

from __future__ import annotations

from collections.abc import Callable

import torch

from reference_models.audio.reading import Block
from reference_models.bitstream.packing import Indices
from reference_models.nn.codec import Codec, Receiver, Transmitter


class TorchEngine:
    """PyTorch, with codecs of any form; see :class:`.engine.Engine`."""

    absorbed = False

    def transmit(self, codec: Codec, threads: int) -> Callable[[], TorchTransmitStream]:
        """Prepare the transmit side; torch has one number of threads for the whole process."""
        torch.set_num_threads(threads)
        return lambda: TorchTransmitStream(codec)

    def receive(self, codec: Codec, threads: int) -> Callable[[], TorchReceiveStream]:
        """Prepare the receive side; torch has one number of threads for the whole process."""
        torch.set_num_threads(threads)
        return lambda: TorchReceiveStream(codec)


class TorchTransmitStream:
    """A stream from audio to codes; see :class:`.engine.TransmitStream`."""

    def __init__(self, codec: Codec) -> None:
        self._transmitter = Transmitter(codec)

    def frame(self, audio: Block, layers: int) -> Indices:
        """Return the codes ``[n, F]`` that ``audio [C, hop]`` completes."""
        self._transmitter.layers = layers
        return self._transmitter.push(torch.tensor(audio)[None])[:, 0].numpy()

    def flush(self, layers: int) -> Indices:
        """Return the codes ``[n, F]`` that are still missing, and start afresh."""
        self._transmitter.layers = layers
        return self._transmitter.flush()[:, 0].numpy()

    def reset(self) -> None:
        """Start afresh."""
        self._transmitter.reset()


class TorchReceiveStream:
    """A stream from codes to audio; see :class:`.engine.ReceiveStream`."""

    def __init__(self, codec: Codec) -> None:
        self._receiver = Receiver(codec)

    def frame(self, codes: Indices) -> Block:
        """Return the audio ``[C, T]`` that ``codes [n, 1]`` complete."""
        return self._receiver.push(torch.tensor(codes)[:, None])[0].numpy()

    def flush(self) -> Block:
        """Return the audio ``[C, T]`` that is still missing, and start afresh."""
        return self._receiver.flush()[0].numpy()

    def reset(self) -> None:
        """Start afresh."""
        self._receiver.reset()
