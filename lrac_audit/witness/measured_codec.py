"""Audit a codec that has no design: its ledger is what the witnesses measure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from lrac_audit.design.modes import mode_index
from lrac_audit.ledger.agreement import Agreement, shown_delay
from lrac_audit.ledger.bitstream import Bitstream
from lrac_audit.ledger.row import Ledger
from lrac_audit.progress import Progress
from lrac_audit.witness import fvcore, latency, wire
from lrac_audit.witness.data_dependence import DearestTrace, dearest_trace, longest_delay
from lrac_audit.witness.factory import as_target, load_python
from lrac_audit.witness.fvcore.ledger_comparison import compare_stages
from lrac_audit.witness.garbage import only_new_garbage_collected
from lrac_audit.witness.isolation import running_model, tensors_restored
from lrac_audit.witness.measured_ledger import build_ledger
from lrac_audit.witness.packages import noted
from lrac_audit.witness.stated_rates import AS_DECLARED, StatedRates
from lrac_audit.witness.target import AuditTarget, TargetMode

NARROW = "The effect of late input was shown on a model of the same layers with fewer channels."

UNSEEN = "so what it sends could not be held to a bitrate: the bitstream was not checked."
WHOLE = f"The codec has no sender and receiver apart, {UNSEEN}"
NO_BITRATE = f"The codec has no mode with a bitrate, {UNSEEN}"


class MeasuredCodec(NamedTuple):
    """The ledger of a measured codec, and how far its witnesses agree."""

    ledger: Ledger
    agreement: Agreement


def measure_python(
    source: str,
    arguments: Mapping[str, object],
    bitrate_kbps: float | None,
    progress: Progress | None = None,
    stated: StatedRates = AS_DECLARED,
) -> MeasuredCodec:
    """Measure the cost and the delay of the codec that the factory in ``source`` makes.

    Raises:
        InputError: there is no such codec or mode, or it cannot be run.
    """
    target = load_python(source, arguments, stated)
    with only_new_garbage_collected():
        return measure_target(target, source, bitrate_kbps, progress)


def measure_object(
    made: object,
    bitrate_kbps: float | None,
    progress: Progress | None = None,
    stated: StatedRates = AS_DECLARED,
) -> MeasuredCodec:
    """Measure the cost and the delay of a codec that has been made already.

    Raises:
        InputError: it is no codec, has no such mode, or cannot be run.
    """
    source = f"a {type(made).__name__}"
    return measure_target(as_target(made, source, stated), source, bitrate_kbps, progress)


def measure_target(
    target: AuditTarget,
    source: str,
    bitrate_kbps: float | None,
    progress: Progress | None = None,
) -> MeasuredCodec:
    """Measure the cost and the delay of a target.

    Raises:
        InputError: it has no such mode, or cannot be run.
    """
    mode = find_mode(target, bitrate_kbps)
    with running_model(source), tensors_restored(target):
        found = dearest_trace(target, mode, progress)
        traced = found.trace
        delay = longest_delay(_latency(each, mode, progress) for each in found.targets)
        fvcore_count, failures = _fvcore(found, mode, progress)
        bitstream = _bitstream(found, target, mode, progress)
    ledger = build_ledger(target, mode, traced.rows, delay, bitstream, found.dependence)
    remarks = [*target.notes, *traced.problems, *delay.problems, *failures]
    if bitstream is None:
        remarks.append(WHOLE if target.receive is None else NO_BITRATE)
    if target.narrow is not None:
        remarks.append(NARROW)
    for side in (delay.transmit, delay.receive):
        remarks += side.whole_clip if side is not None else ()
    findings = [] if fvcore_count is None else list(compare_stages(ledger, fvcore_count, traced))
    if delay.total_samples is not None:
        findings.append(shown_delay(delay.total_samples, delay.lower_total_samples, delay.parting))
    return MeasuredCodec(ledger, Agreement(tuple(findings), tuple(dict.fromkeys(remarks))))


def _latency(
    target: AuditTarget, mode: TargetMode | None, progress: Progress | None
) -> latency.MeasuredLatency:
    """Return the delays of ``target``; unknown if it cannot be traced."""
    try:
        return latency.measure(target, mode, progress=progress)
    except Exception as error:  # whatever a model of others raises
        return not_measured(target, f"its latency could not be measured: {noted(error)}")


def not_measured(target: AuditTarget, *problems: str) -> latency.MeasuredLatency:
    """Return a latency of which nothing is known."""
    unknown = latency.SideLatency(None, (), ())
    receive = None if target.receive is None else unknown
    return latency.MeasuredLatency(target.hop_samples, unknown, receive, None, None, "", problems)


def _bitstream(
    found: DearestTrace, target: AuditTarget, mode: TargetMode | None, progress: Progress | None
) -> Bitstream | None:
    """Return what goes over the wire; None where there is no wire to be seen.

    Where the signal decides what runs, it may decide what is sent: the worst is returned.
    """
    if mode is None or target.receive is None:
        return None
    targets = [target, *(found.targets if found.dependence is not None else ())]
    seen = [wire.observe(each, mode, progress=progress) for each in targets]
    return max(seen, key=lambda one: (bool(one.broken), one.observed_kbps or 0))


def _fvcore(
    found: DearestTrace, mode: TargetMode | None, progress: Progress | None
) -> tuple[fvcore.FvcoreCount | None, tuple[str, ...]]:
    """Return what fvcore counts on the dearest signal; if it fails, None and the reason."""
    if not found.is_one_signal:
        return None, ("fvcore was not asked: no single signal costs as much as all together",)
    if progress is not None:
        progress("asking fvcore")
    try:
        expected = found.trace.macs_by_stage
        return fvcore.measure(found.targets[0], mode, found.trace.period_hops, expected), ()
    except ModuleNotFoundError:
        raise
    except Exception as error:  # whatever its tracer raises
        return None, (f"fvcore could not count it: {noted(error)}",)


def find_mode(target: AuditTarget, bitrate_kbps: float | None) -> TargetMode | None:
    """Return the mode of this bitrate, by default the highest; None for a codec without modes.

    Raises:
        InputError: no mode has it.
    """
    rates = [mode.bitrate_kbps for mode in target.modes]
    index = mode_index(rates, bitrate_kbps, "the codec")
    return target.modes[index] if target.modes else None
