"""A codec made ready to run on an engine, from which any number of streams start."""

from __future__ import annotations

from lrac_audit.design.parts import CodecDesign
from reference_models.nn.absorb import deployed
from reference_models.nn.bounded_delay import refuse_unbounded
from reference_models.nn.codec import Codec
from reference_models.streaming.engine import ReceiveStream, TransmitStream
from reference_models.streaming.engine_registry import DEFAULT_ENGINE, load_engine


class LiveCodec:
    """The sides of a codec, each prepared once by an engine."""

    design: CodecDesign
    engine: str
    """The name of the engine."""
    form: str
    """The form of each side that runs, such as ``trained``."""

    def __init__(
        self,
        codec: Codec,
        receive: Codec | None = None,
        *,
        engine: str = DEFAULT_ENGINE,
        threads: int = 1,
    ) -> None:
        """Prepare the sides that ``codec`` has, or the two of ``codec`` and ``receive``.

        Args:
            codec: A codec as trained, or one absorbed half.
            receive: The absorbed receive half, if ``codec`` is the absorbed transmit half.
            engine: The name of an engine.
            threads: Threads that it computes with; torch has one number for the whole process.

        Raises:
            InputError: the design has no bound on its delay, there is no such engine, it lacks a
                package or a compiler, or it cannot run this codec.
        """
        refuse_unbounded(codec.design)
        loaded = load_engine(engine)
        transmit, receive = codec, codec if receive is None else receive
        if loaded.absorbed:
            transmit = deployed(transmit).transmit if transmit.variant == "trained" else transmit
            receive = deployed(receive).receive if receive.variant == "trained" else receive
        self.design, self.engine = codec.design, engine
        self.form = " to ".join(dict.fromkeys([transmit.variant, receive.variant]))
        self._new_transmit = loaded.transmit(transmit, threads) if transmit.encoder else None
        self._new_receive = loaded.receive(receive, threads) if receive.decoder else None

    def transmit_stream(self) -> TransmitStream:
        """Start a stream from audio to codes.

        Raises:
            ValueError: the codec holds the receive side only.
        """
        if self._new_transmit is None:
            raise ValueError("this codec holds the receive side only: it cannot send")
        return self._new_transmit()

    def receive_stream(self) -> ReceiveStream:
        """Start a stream from codes to audio.

        Raises:
            ValueError: the codec holds the transmit side only.
        """
        if self._new_receive is None:
            raise ValueError("this codec holds the transmit side only: it cannot receive")
        return self._new_receive()
