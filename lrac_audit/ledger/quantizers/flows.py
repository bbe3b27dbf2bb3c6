"""The dataflow of the quantizers: which values each of their operations reads and writes.

An index is one value. A search keeps nothing but the best codeword so far, and a lookup copies the
entry of its table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import NamedTuple

from lrac_audit.design.kind_registry import KindRegistry
from lrac_audit.design.parts import CodecDesign, Quantizer, the_rvq
from lrac_audit.design.quantizers.continuous import NoQuantizer
from lrac_audit.design.quantizers.fsq import Fsq
from lrac_audit.design.quantizers.grouped_rvq import GroupedRvq
from lrac_audit.design.quantizers.lookup_free import LookupFree
from lrac_audit.design.quantizers.multi_scale import MultiScaleRvq
from lrac_audit.design.quantizers.split_rvq import SplitRvq
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


class _Residual(NamedTuple):
    """A residual vector quantizer at ``path``, for a latent so wide."""

    path: str
    rvq: Quantizer
    width: int
    form: RvqForm
    active_layers: int
    strides: Sequence[int] = ()
    """Latent steps of one index, for each layer, where a frame has several; else 1."""

    def send(self, flow: Dataflow, latent: Signal) -> Signal:
        """Add its operations; ``latent`` may be wider, where it is divided among groups."""
        residual, codes = latent, NOTHING
        for i in range(self.active_layers):
            name, indices, searched = f"{self.path}.layers.{i}", self._indices(i), residual
            if indices < self._steps:
                searched = flow.run(f"{self.path}.pools.{i}", searched, indices * self.width)
            if self._projects:
                searched = flow.run(f"{name}.project_in", searched, indices * self._dim)
            code = flow.run(f"{name}.search", searched, indices)
            read, written = residual + self._entry(flow, i, code), self._steps * self.width
            residual = flow.run(f"{name}.subtract", read, written, in_place=True)
            codes += code
        return codes

    def receive(self, flow: Dataflow, codes: Signal) -> Signal:
        """Add its operations; return the sum of its layers."""
        total = self._entry(flow, 0, codes)
        for i in range(1, self.active_layers):
            read, written = total + self._entry(flow, i, codes), self._steps * self.width
            total = flow.run(f"{self.path}.layers.{i}.add", read, written, in_place=True)
        return total

    def _entry(self, flow: Dataflow, layer: int, code: Signal) -> Signal:
        """Add lookup and output projection; return what ``code`` contributes to the latent."""
        name, indices = f"{self.path}.layers.{layer}", self._indices(layer)
        has_table = self._projects and self.form == "absorbed"
        width = self.width if has_table else self._dim
        entry = flow.run(f"{name}.lookup", code, indices * width)
        if self._projects and not has_table:
            entry = flow.run(f"{name}.project_out", entry, indices * self.width)
        return entry

    def _indices(self, layer: int) -> int:
        """Return the indices of a layer in a frame."""
        return self._steps // self.strides[layer] if self.strides else 1

    @property
    def _steps(self) -> int:
        """Latent steps of a frame."""
        return max(self.strides, default=1)

    @property
    def _dim(self) -> int:
        return self.rvq.code_dim(self.width)

    @property
    def _projects(self) -> bool:
        return self.rvq.has_absorbed_form(self.width)


def _plain(running: Running) -> _Residual:
    rvq = the_rvq(running.design, "its dataflow")
    return _Residual("quantizer", rvq, running.design.latent_dim, *running[1:])


def _groups(running: Running) -> list[_Residual]:
    grouped = running.design.quantizer
    assert isinstance(grouped, GroupedRvq)
    width = running.design.latent_dim // grouped.groups
    paths = [f"quantizer.groups.{i}" for i in range(grouped.groups)]
    return [_Residual(path, grouped.each, width, *running[1:]) for path in paths]


def _scales(running: Running) -> _Residual:
    scales = running.design.quantizer
    assert isinstance(scales, MultiScaleRvq)
    width = running.design.latent_dim
    return _Residual("quantizer", scales.each, width, *running[1:], scales.strides)


def _parts(running: Running) -> list[_Residual]:
    """Return the parts of a split quantizer that are on, as quantizers of the projected latent."""
    split, dim = running.design.quantizer, running.design.codebook_dim
    assert isinstance(split, SplitRvq)
    active = enumerate(zip(split.parts, split.active_parts(running.active_layers), strict=True))
    return [
        _Residual(f"quantizer.parts.{i}", part, dim, "projected", count)
        for i, (part, count) in active
        if count
    ]


def _send_parts(flow: Dataflow, running: Running, latent: Signal) -> Signal:
    codes, projects = NOTHING, running.design.has_projections
    for part in _parts(running):
        searched = latent
        if projects:
            searched = flow.run(f"{part.path}.project_in", latent, part.width)
        codes += part.send(flow, searched)
    return codes


def _receive_parts(flow: Dataflow, running: Running, codes: Signal) -> Signal:
    design, total = running.design, NOTHING
    projects, latent_dim = design.has_projections, design.latent_dim
    for part in _parts(running):
        if projects and running.form == "absorbed":
            values = part._replace(width=latent_dim).receive(flow, codes)
        else:
            values = part.receive(flow, codes)
            if projects:
                values = flow.run(f"{part.path}.project_out", values, latent_dim)
        if total:
            values = flow.run("quantizer.add", total + values, latent_dim, in_place=True)
        total = values
    return total


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
QUANTIZER_FLOWS.add(MultiScaleRvq)(
    QuantizerFlow(
        send=lambda flow, running, latent: _scales(running).send(flow, latent),
        receive=lambda flow, running, codes: _scales(running).receive(flow, codes),
    )
)
QUANTIZER_FLOWS.add(SplitRvq)(QuantizerFlow(_send_parts, _receive_parts))
QUANTIZER_FLOWS.add(Fsq, LookupFree)(QuantizerFlow(_send_scalars, _receive_scalars))
