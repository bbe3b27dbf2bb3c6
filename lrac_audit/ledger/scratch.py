"""Scratch memory: the values that live inside one frame of a stream, by closed form.

A frame is one hop of steady state. Each layer takes the steps of the frame that the layer before it
wrote, all at once; what it keeps from frame to frame is state, which it reads and writes where that
lies. So a layer needs its input, its output and what skip paths and branches keep beside them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from typing import NamedTuple

from lrac_audit.design.layers.parallel import Parallel
from lrac_audit.design.path import signal_path
from lrac_audit.design.steps import SkipConv, Step, Sum
from lrac_audit.ledger.dataflow import Dataflow, Signal
from lrac_audit.ledger.memory import BYTES_PER_VALUE
from lrac_audit.ledger.quantizers.flows import QUANTIZER_FLOWS, Running
from lrac_audit.ledger.row import Ledger, Row, Side


class Scratch(NamedTuple):
    """The scratch memory of one side, which every frame uses anew."""

    live_values: Mapping[str, int]
    """The values that live while each operation runs, by name of its row, in their order.
    Operations that the mode leaves off are left out."""

    @property
    def peak_at(self) -> str:
        """The operation at which most values live, of equal ones the first."""
        return max(self.live_values, key=self.live_values.__getitem__)

    @property
    def peak_values(self) -> int:
        """The most values that live at once."""
        return self.live_values[self.peak_at]

    def peak_bytes(self, dtype: str) -> int:
        """Return the peak if every value is a ``dtype`` of :data:`BYTES_PER_VALUE`."""
        return self.peak_values * BYTES_PER_VALUE[dtype]


def scratch(ledger: Ledger) -> Mapping[Side, Scratch]:
    """Return the scratch memory of each side; of none where the ledger has no design."""
    sides: tuple[Side, Side] = ("transmit", "receive")
    found = {side: ledger.live_values.get(side) for side in sides}
    return {side: Scratch(values) for side, values in found.items() if values}


class LiveValues(Mapping[str, Mapping[str, int]]):
    """The live values of both sides of a design, which are derived when they are asked for."""

    def __init__(self, running: Running, rows: Sequence[Row]) -> None:
        """Take the design in a mode, and the rows of its ledger in that mode."""
        self._running = running
        self._rows = rows

    def __getitem__(self, side: str) -> Mapping[str, int]:
        """Return the live values of ``side``.

        Raises:
            InputError: the quantizer is of a kind that has no dataflow.
        """
        return self._sides[side]

    def __iter__(self) -> Iterator[str]:
        """Yield the sides."""
        return iter(self._sides)

    def __len__(self) -> int:
        """Return the number of sides."""
        return len(self._sides)

    @cached_property
    def _sides(self) -> Mapping[str, Mapping[str, int]]:
        running, design = self._running, self._running.design
        path = signal_path(design)
        quantizer = QUANTIZER_FLOWS.of(path.quantizer.path, design.quantizer)
        sender = Dataflow(design.audio_channels * design.hop_samples)
        latent = self._coder(sender, "transmit").run(path.encoder, sender.input)
        wire = quantizer.send(sender, running, latent)
        receiver = Dataflow(sender.size(wire))
        latent = quantizer.receive(receiver, running, receiver.input)
        audio = self._coder(receiver, "receive").run(path.decoder, latent)
        return {"transmit": sender.live_values(wire), "receive": receiver.live_values(audio)}

    def _coder(self, flow: Dataflow, side: Side) -> _Coder:
        rows = {row.name: row for row in self._rows if row.side == side}
        return _Coder(flow, rows, self._running.design.hop_samples)


class _Coder:
    """The walk through a coder, which adds its operations to a dataflow."""

    def __init__(self, flow: Dataflow, rows: Mapping[str, Row], hop_samples: int) -> None:
        self._flow = flow
        self._rows = rows
        self._hop_samples = hop_samples

    def run(self, step: Step, signal: Signal) -> Signal:
        """Add the operations of ``step``, whose input is ``signal``; return its output."""
        if step.inner is None:
            return self._layer(step, signal)
        if isinstance(step.part, Parallel):
            *branches, join = step.inner
            outputs = [self.run(branch, signal) for branch in branches]
            return self._layer(join, tuple(chain.from_iterable(outputs)))
        if isinstance(step.inner[-1].part, Sum):
            return self._skipped(step.inner, signal)
        return self._in_order(step.inner, signal)

    def _in_order(self, steps: Iterable[Step], signal: Signal) -> Signal:
        for step in steps:
            signal = self.run(step, signal)
        return signal

    def _skipped(self, inner: Sequence[Step], signal: Signal) -> Signal:
        """Add a branch, the skip path around it and their sum, in this order."""
        *branch, add = inner
        skips = [step for step in branch if isinstance(step.part, SkipConv)]
        output = self._in_order([step for step in branch if step not in skips], signal)
        skipped = self._in_order(skips, signal)
        return self._write(add, output + skipped, self._flow.size(output))

    def _layer(self, step: Step, signal: Signal) -> Signal:
        slow, fast = step.runs_per_frame, self._hop_samples // step.samples_per_step
        is_fast = self._flow.size(signal) == fast * step.channels_in
        return self._write(step, signal, step.channels_out * (slow if is_fast else fast))

    def _write(self, step: Step, reads: Signal, values: int) -> Signal:
        row = self._rows[step.path]
        return self._flow.run(step.path, reads, values, row.in_place, row.own_values)
