"""The dataflow of the quantizers: which values each of their operations reads and writes.

An index is one value. A search keeps nothing but the best codeword so far, and a lookup copies the
entry of its table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain
from typing import NamedTuple

from lrac_audit.design.kind_registry import KindRegistry
from lrac_audit.design.parts import CodecDesign, Quantizer, the_rvq
from lrac_audit.design.quantizers.continuous import NoQuantizer
from lrac_audit.design.quantizers.fsq import Fsq
from lrac_audit.design.quantizers.grouped_rvq import GroupedRvq
from lrac_audit.design.quantizers.lookup_free import LookupFree
from lrac_audit.ledger.dataflow import NOTHING, Dataflow, Signal
from lrac_audit.ledger.row import RvqForm


class Running(NamedTuple):
    """The design whose quantizer runs, and the mode in which it does."""

    design: CodecDesign
    form: RvqForm
    active_layers: int


Run = Callable[[Dataflow, Running, Signal], Signal]


class QuantizerFlow(NamedTuple):
    """The dataflow of one kind of quantizer on both sides."""

    send: Run
    """Adds the operations from the latent to what goes over the wire, and returns that."""
    receive: Run
    """Adds the operations from what came over the wire to the latent, and returns that."""


QUANTIZER_FLOWS: KindRegistry[QuantizerFlow] = KindRegistry("dataflow")
"""The dataflow of each kind of quantizer."""


class ResidualFlow(NamedTuple):
    """A residual vector quantizer at ``path``, for a latent so wide."""

    path: str
    rvq: Quantizer
    width: int
    form: RvqForm
    active_layers: int

    def send(self, flow: Dataflow, latent: Signal) -> Signal:
        """Add its operations; ``latent`` may be wider, where it is divided among groups."""
        residual, codes = latent, NOTHING
        for i in range(self.active_layers):
            name, searched = f"{self.path}.layers.{i}", residual
            if self.projects:
                searched = flow.run(f"{name}.project_in", residual, self.dim)
            code = flow.run(f"{name}.search", searched, 1)
            read = residual + self.entry(flow, name, code)
            residual = flow.run(f"{name}.subtract", read, self.width, in_place=True)
            codes += code
        return codes

    def receive(self, flow: Dataflow, codes: Signal) -> Signal:
        """Add its operations; return the sum of its layers."""
        total = self.entry(flow, f"{self.path}.layers.0", codes)
        for i in range(1, self.active_layers):
            name = f"{self.path}.layers.{i}"
            read = total + self.entry(flow, name, codes)
            total = flow.run(f"{name}.add", read, self.width, in_place=True)
        return total

    def entry(self, flow: Dataflow, name: str, code: Signal) -> Signal:
        """Add lookup and output projection; return what ``code`` contributes to the latent."""
        has_table = self.projects and self.form == "absorbed"
        entry = flow.run(f"{name}.lookup", code, self.width if has_table else self.dim)
        if self.projects and not has_table:
            entry = flow.run(f"{name}.project_out", entry, self.width)
        return entry

    @property
    def dim(self) -> int:
        """Width of a codeword."""
        return self.rvq.code_dim(self.width)

    @property
    def projects(self) -> bool:
        """Whether each layer projects to the width of a codeword and back."""
        return self.rvq.has_absorbed_form(self.width)


def _plain(running: Running) -> ResidualFlow:
    rvq = the_rvq(running.design, "its dataflow")
    return ResidualFlow("quantizer", rvq, running.design.latent_dim, *running[1:])


def _groups(running: Running) -> list[ResidualFlow]:
    grouped = running.design.quantizer
    assert isinstance(grouped, GroupedRvq)
    width = running.design.latent_dim // grouped.groups
    paths = [f"quantizer.groups.{i}" for i in range(grouped.groups)]
    return [ResidualFlow(path, grouped.each, width, *running[1:]) for path in paths]


def _joined(signals: Iterable[Signal]) -> Signal:
    return tuple(chain.from_iterable(signals))


def _send_scalars(flow: Dataflow, running: Running, latent: Signal) -> Signal:
    """Add the operations of a scalar quantizer: levels are rounded, then put into an index."""
    design, codes, rest = running.design, NOTHING, latent
    dim = design.codebook_dim
    if design.has_projections:
        rest = flow.run("quantizer.project_in", latent, dim)
    for i in range(running.active_layers):
        name = f"quantizer.layers.{i}"
        levels = flow.run(f"{name}.round", rest, dim, in_place=True)
        codes += flow.run(f"{name}.round", levels, 1)
        if i < running.active_layers - 1:
            rest = flow.run(f"{name}.subtract", rest + levels, dim, in_place=True)
    return codes


def _receive_scalars(flow: Dataflow, running: Running, codes: Signal) -> Signal:
    """Add the operations of a scalar quantizer: the values of all layers, summed."""
    design = running.design
    dim = design.codebook_dim
    total = flow.run("quantizer.layers.0.rescale", codes, dim)
    for i in range(1, running.active_layers):
        name = f"quantizer.layers.{i}"
        values = flow.run(f"{name}.rescale", codes, dim)
        total = flow.run(f"{name}.add", total + values, dim, in_place=True)
    if design.has_projections:
        total = flow.run("quantizer.project_out", total, design.latent_dim)
    return total


QUANTIZER_FLOWS.add(NoQuantizer)(
    QuantizerFlow(
        send=lambda flow, running, latent: latent,
        receive=lambda flow, running, latent: latent,
    )
)
QUANTIZER_FLOWS.add(Quantizer)(
    QuantizerFlow(
        send=lambda flow, running, latent: _plain(running).send(flow, latent),
        receive=lambda flow, running, codes: _plain(running).receive(flow, codes),
    )
)
QUANTIZER_FLOWS.add(GroupedRvq)(
    QuantizerFlow(
        send=lambda flow, running, latent: _joined(
            group.send(flow, latent) for group in _groups(running)
        ),
        receive=lambda flow, running, codes: _joined(
            group.receive(flow, codes) for group in _groups(running)
        ),
    )
)
QUANTIZER_FLOWS.add(Fsq, LookupFree)(QuantizerFlow(_send_scalars, _receive_scalars))
