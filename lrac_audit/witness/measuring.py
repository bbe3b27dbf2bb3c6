"""Auditing a codec that nobody wrote a design for: its witnesses are its ledger."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from typing import NamedTuple

from lrac_audit.errors import InputError, Problem
from lrac_audit.ledger.row import Ledger
from lrac_audit.progress import Progress
from lrac_audit.witness import latency, second_opinion, trace
from lrac_audit.witness.agreement import Agreement, compared
from lrac_audit.witness.ledger import build_ledger
from lrac_audit.witness.loading import as_target, load_python
from lrac_audit.witness.opinions import compare_stages
from lrac_audit.witness.packages import raised
from lrac_audit.witness.target import AuditTarget, TargetMode

NARROW = "Delays were probed on a model of the same layers with fewer channels."
BITRATE_TOLERANCE = 1e-4
"""Relative, so that a bitrate can be typed as a report prints it."""


class Measured(NamedTuple):
    """A measured codec."""

    ledger: Ledger
    agreement: Agreement


def measure_python(
    source: str,
    arguments: Mapping[str, object],
    bitrate_kbps: float | None,
    progress: Progress | None = None,
) -> Measured:
    """What the codec that the factory in ``source`` makes costs, and how late it is.

    Raises:
        InputError: there is no such codec or mode, or it cannot be run.
    """
    return measure_target(load_python(source, arguments), source, bitrate_kbps, progress)


def measure_object(
    made: object, bitrate_kbps: float | None, progress: Progress | None = None
) -> Measured:
    """The same of a codec that is there already.

    Raises:
        InputError: it is no codec, has no such mode, or cannot be run.
    """
    source = f"a {type(made).__name__}"
    return measure_target(as_target(made, source), source, bitrate_kbps, progress)


def measure_target(
    target: AuditTarget,
    source: str,
    bitrate_kbps: float | None,
    progress: Progress | None = None,
) -> Measured:
    """The same of a target."""
    mode = find_mode(target, bitrate_kbps)
    with running(source):
        traced = trace.measure(target, mode, progress=progress)
        delay = _latency(target, mode, progress)
        opinion, failures = _opinion(target, mode, progress)
    ledger = build_ledger(target, mode, traced.rows, delay)
    remarks = [*target.notes, *traced.problems, *delay.problems, *failures]
    if target.narrow is not None:
        remarks.append(NARROW)
    for side in (delay.transmit, delay.receive):
        remarks += side.whole_clip if side is not None else ()
    findings = [] if opinion is None else list(compare_stages(ledger, opinion))
    total = {"total": delay.total_samples}
    if delay.total_samples is not None and not delay.confirmed:
        findings += compared("latency probe", "codec", "delay_samples", total, {"total": None})
    return Measured(ledger, Agreement(tuple(findings), tuple(dict.fromkeys(remarks))))


def _latency(
    target: AuditTarget, mode: TargetMode | None, progress: Progress | None
) -> latency.MeasuredLatency:
    """The delays of ``target``, or of the narrow model that has the same; unknown if it fails."""
    probed, rate = target.narrow or target, None if mode is None else mode.bitrate_kbps
    try:
        return latency.measure(probed, find_mode(probed, rate), progress=progress)
    except Exception as error:  # whatever a model of others raises
        unknown = latency.SideLatency(None, (), ())
        receive = None if target.receive is None else unknown
        problem = f"its latency could not be probed: {raised(error)}"
        return latency.MeasuredLatency(
            target.hop_samples, unknown, receive, None, (problem,), confirmed=False
        )


def _opinion(
    target: AuditTarget, mode: TargetMode | None, progress: Progress | None
) -> tuple[second_opinion.SecondOpinion | None, tuple[str, ...]]:
    """What fvcore says; None where it fails, and why."""
    if progress is not None:
        progress("asking fvcore")
    try:
        return second_opinion.measure(target, mode), ()
    except ModuleNotFoundError:
        raise
    except Exception as error:  # whatever its tracer raises
        return None, (f"fvcore could not count it: {raised(error)}",)


@contextmanager
def known_warnings() -> Iterator[None]:
    """Leave out what packages warn of that are as they are, such as deprecated calls of torch."""
    with warnings.catch_warnings():
        for category in (DeprecationWarning, FutureWarning, UserWarning):
            warnings.simplefilter("ignore", category)
        yield


@contextmanager
def running(source: str) -> Iterator[None]:
    """Run a user's model: what it prints goes to standard error, what it raises is explained."""
    try:
        with redirect_stdout(sys.stderr), known_warnings():
            yield
    except InputError:
        raise
    except Exception as error:
        allowed = "a model that runs on whole hops of audio; --debug shows where it failed"
        raise InputError(source, [Problem("running it", raised(error), allowed)]) from error


def find_mode(target: AuditTarget, bitrate_kbps: float | None) -> TargetMode | None:
    """The mode of this bitrate, by default the highest; None for a codec without modes.

    Raises:
        InputError: no mode has it.
    """
    if bitrate_kbps is None:
        return target.modes[-1] if target.modes else None
    for mode in target.modes:
        if abs(mode.bitrate_kbps - bitrate_kbps) <= BITRATE_TOLERANCE * mode.bitrate_kbps:
            return mode
    modes = ", ".join(f"{mode.bitrate_kbps:g}" for mode in target.modes)
    allowed = f"a mode of the codec: {modes} kbps" if modes else "no --bitrate; it has no modes"
    raise InputError("options", [Problem("bitrate", f"{bitrate_kbps:g} kbps", allowed)])
