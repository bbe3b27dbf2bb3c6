"""Comparison of public codecs, each at the highest bitrate that the challenge allows."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, NamedTuple

from lrac_audit.auditing.audit import Audit, audit
from lrac_audit.limits.check import Status
from lrac_audit.limits.limit_set import CHALLENGE_LIMITS, LimitSet, load_limits
from lrac_audit.limits.verdict import judge
from lrac_audit.presets import BASELINES

if TYPE_CHECKING:
    from lrac_audit.witness.target import AuditTarget


class Compared(NamedTuple):
    """One codec of the comparison."""

    name: str
    audit: Audit
    verdicts: tuple[tuple[str, Status], ...]
    """Its verdict under each limit set, by the set's name."""


class Missing(NamedTuple):
    """A codec that is skipped because its package cannot be used here."""

    name: str
    distribution: str
    """Name of the package that pip installs."""
    reason: str

    def __str__(self) -> str:
        return f"{self.name}: {self.reason}"


class Comparison(NamedTuple):
    """The audited codecs, those that were skipped, and the limit sets they are judged by."""

    codecs: tuple[Compared, ...]
    missing: tuple[Missing, ...]
    limits: tuple[LimitSet, ...]


def compare_codecs(progress: Callable[[str], None] | None = None) -> Comparison:
    """Audit the two baselines and every public codec whose package can be imported."""
    from lrac_audit.witness.codec_catalogue import KNOWN_CODECS
    from lrac_audit.witness.isolation import package_warnings_hidden

    limits = tuple(load_limits(name) for name in CHALLENGE_LIMITS)
    baselines = [audit(name) for name in BASELINES]
    found = [_compared(baseline.ledger.name, baseline, limits) for baseline in baselines]
    missing = []
    for codec in KNOWN_CODECS:
        if progress is not None:
            progress(codec.name)
        try:
            with package_warnings_hidden(), redirect_stdout(sys.stderr):
                target = codec.target()
        except Exception as error:  # whatever the import of somebody else's package raises
            missing.append(Missing(codec.name, codec.package, _why_skipped(codec.package, error)))
            continue
        rate = bitrate_kbps(target, limits)
        audited = audit(target, bitrate_kbps=rate, progress=progress)
        found.append(_compared(codec.name, audited, limits))
    return Comparison(tuple(found), tuple(missing), limits)


def _why_skipped(package: str, error: Exception) -> str:
    from lrac_audit.witness.packages import import_failure, raised

    failure = import_failure(error)
    if failure is None:
        return f"{package} cannot make it ({raised(error)})"
    if failure.is_missing and failure.package == package:
        return f"{package} is not installed; pip install {package}"
    return str(failure)


def bitrate_kbps(target: AuditTarget, limits: tuple[LimitSet, ...]) -> float:
    """Return the highest bitrate of ``target`` that the limits allow, else its lowest."""
    highest = max(rate for one in limits for rate in one.bitrates_kbps)
    rates = [mode.bitrate_kbps for mode in target.modes]
    return max((rate for rate in rates if rate <= highest), default=min(rates))


def _compared(name: str, found: Audit, limits: tuple[LimitSet, ...]) -> Compared:
    verdicts = tuple(
        (
            one.name,
            judge(found.ledger, found.totals, one, found.convention, found.verdict.doubts).status,
        )
        for one in limits
    )
    return Compared(name, found, verdicts)
