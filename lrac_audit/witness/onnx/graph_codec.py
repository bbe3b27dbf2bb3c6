"""Audit a codec whose sides are ONNX graphs: its ledger is what their nodes do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from lrac_audit.errors import InputError, Problem
from lrac_audit.ledger.agreement import Agreement, Finding
from lrac_audit.ledger.latency import latency
from lrac_audit.ledger.row import Ledger, Mode, Side
from lrac_audit.ledger.walk import walk
from lrac_audit.progress import Progress, tell_nobody
from lrac_audit.witness.onnx.declarations import Declarations, declarations
from lrac_audit.witness.onnx.declared_delay import judge_delay, whole_delay
from lrac_audit.witness.onnx.design_comparison import compare_design
from lrac_audit.witness.onnx.graph_bitstream import bitstream_of, sent_codes
from lrac_audit.witness.onnx.graph_delay import GraphReach, reach_of, starts_of
from lrac_audit.witness.onnx.graph_files import graph_paths, is_graph
from lrac_audit.witness.onnx.graph_reader import read_graph
from lrac_audit.witness.onnx.graph_rows import rows_of_all
from lrac_audit.witness.onnx.side_rows import side_rows
from lrac_audit.witness.onnx.sides import SideGraph, sample_rate, side_graph
from lrac_audit.witness.stated_rates import AS_DECLARED, StatedRates

EDGES = "edges"
"""The folder, inside that of a codec, of graphs that run where clips begin and end."""
WIRE = "The bitstream was not checked: a graph does not show which values its codes take."


def measure_graphs(
    target: str | Path,
    bitrate_kbps: float | None = None,
    progress: Progress | None = None,
    stated: StatedRates = AS_DECLARED,
) -> tuple[Ledger, Agreement]:
    """Return the ledger of the ONNX graphs of ``target``, and how far they are what they declare.

    Raises:
        InputError: a file cannot be used, the graphs do not belong together, or they compute no
            mode of this bitrate.
    """
    tell = progress or tell_nobody
    tell("reading graphs")
    sides = _sides(target, stated)
    said = declarations(sides)
    ledger = _without_rows(target, sides, said, sample_rate(sides, stated))
    _check_bitrate(str(target), ledger.mode, bitrate_kbps)
    tell("propagating dependency")
    reaches = {each.side: reach_of(each) for each in sides}
    expected = _design_ledger(said)
    starts = starts_of(_at_edges(target, sides, stated))
    delay = judge_delay(sides, reaches, starts, said.latency_samples, expected)
    rows = (*rows_of_all(sides), *side_rows(sides, delay.by_side, reaches))
    ledger = replace(ledger, rows=rows)
    findings = list(delay.findings)
    if expected is not None:
        findings += (*compare_design(expected, ledger, reaches), *_total_delay(expected, ledger))
    wire = () if ledger.bitstream else (WIRE,)
    remarks = (*delay.remarks, *wire, *_without_rules(sides, reaches))
    return ledger, Agreement(tuple(findings), remarks)


def _without_rows(
    target: str | Path, sides: list[SideGraph], said: Declarations, rate_hz: int
) -> Ledger:
    """Return the ledger as far as it follows from rates, codes and metadata.

    Without a declared bitrate, it is the one that the codes have.
    """
    sent = sent_codes(sides[0], rate_hz)
    bitrate_kbps = said.bitrate_kbps
    if bitrate_kbps is None and sent is not None:
        bitrate_kbps = sent.kbps
    return Ledger(
        name=said.name or Path(target).stem,
        sample_rate_hz=rate_hz,
        hop_samples=sides[0].hop_samples,
        mode=Mode(None, said.layers, bitrate_kbps),
        bitrates_kbps=said.bitrates_kbps or ((bitrate_kbps,) if bitrate_kbps else ()),
        rows=(),
        measured=True,
        bitstream=bitstream_of(sides[0], sent, said.bitrate_kbps),
    )


def _at_edges(target: str | Path, sides: list[SideGraph], stated: StatedRates) -> list[SideGraph]:
    """Return the graphs that run at the edges of clips: those in a folder inside, or the same.

    Raises:
        InputError: they cannot be used, or are of other sides.
    """
    folder = Path(target) / EDGES
    if not is_graph(folder):
        return sides
    found = _sides(folder, stated)
    if [each.side for each in found] != [each.side for each in sides]:
        given = " and ".join(each.side for each in found)
        raise InputError(str(folder), [Problem("", given, "the sides of the folder around it")])
    return found


def _design_ledger(said: Declarations) -> Ledger | None:
    """Return the ledger of the design that graphs declare, with the layers that they compute."""
    if said.design is None or not said.layers:
        return None
    return walk(said.design, "absorbed", min(said.layers, said.design.quantizer.layers))


def _sides(target: str | Path, stated: StatedRates) -> list[SideGraph]:
    """Return the graphs of ``target``, the transmit side first."""
    paths = graph_paths(target)
    found = [side_graph(read_graph(path, stated.hop_samples), stated) for path in paths]
    names = [each.side for each in found]
    if len(found) > 1 and sorted(names) != ["receive", "transmit"]:
        given = " and ".join(f"{p.name} ({side})" for p, side in zip(paths, names, strict=True))
        raise InputError(str(target), [Problem("", given, "a transmit and a receive graph")])
    hops = {each.hop_samples for each in found}
    if len(hops) > 1:
        given = " and ".join(f"{hop:,} samples in a call" for hop in sorted(hops))
        raise InputError(str(target), [Problem("", given, "as many on both sides")])
    return sorted(found, key=lambda each: each.side, reverse=True)


def _check_bitrate(source: str, mode: Mode, bitrate_kbps: float | None) -> None:
    """Make sure that the graphs compute the mode that was asked for.

    Raises:
        InputError: they compute another one, or do not say which.
    """
    if bitrate_kbps is None or bitrate_kbps == mode.bitrate_kbps:
        return
    computed = "an unknown bitrate" if mode.bitrate_kbps is None else f"{mode.bitrate_kbps:g}"
    allowed = f"{computed}, the one mode that the graphs compute"
    raise InputError(source, [Problem("--bitrate", f"{bitrate_kbps:g}", allowed)])


def _total_delay(expected: Ledger, found: Ledger) -> Iterator[Finding]:
    """Yield the delay of the declared design beside that of its graphs, where both are known."""
    wanted, total = (latency(each).total_samples for each in (expected, found))
    if expected.hop_samples == found.hop_samples and wanted is not None and total is not None:
        yield whole_delay(wanted, total, found.hop_samples)


def _without_rules(sides: Sequence[SideGraph], reaches: Mapping[Side, GraphReach]) -> Iterator[str]:
    """Yield a remark on the operators that were taken to depend on all of their inputs."""
    for each in sides:
        runs = reaches[each.side]
        names = dict.fromkeys((*runs.latest.without_rule, *runs.earliest.without_rule))
        if names:
            listed = ", ".join(names)
            yield f"{each.graph.source}: taken to depend on all of their inputs: {listed}."
