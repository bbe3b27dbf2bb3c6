"""Measurement of the model that a package makes of a public codec, or why there is none."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from typing import TYPE_CHECKING

from lrac_audit.auditing.audit import Audit, audit
from lrac_audit.design.modes import matching_bitrate
from lrac_audit.errors import InputError
from lrac_audit.limits.limit_set import LimitSet
from lrac_audit.progress import Progress

if TYPE_CHECKING:
    from lrac_audit.witness.codec_catalogue import KnownCodec


def measure_model(
    codec: KnownCodec,
    design_kbps: float | None,
    limits: Sequence[LimitSet],
    progress: Progress,
) -> Audit | str:
    """Measure the model of ``codec``; the reason where it cannot be made or measured.

    Args:
        codec: The codec, with random weights.
        design_kbps: The bitrate of its design, at which it is measured if it has that one.
        limits: The sets that decide at which other bitrate it is measured.
        progress: Called with a few words at the start of each step.
    """
    from lrac_audit.witness.isolation import package_warnings_hidden

    progress(codec.name)
    try:
        with package_warnings_hidden(), redirect_stdout(sys.stderr):
            target = codec.target()
    except Exception as error:  # whatever the import of somebody else's package raises
        return _why_skipped(codec.package, error)
    rates = [mode.bitrate_kbps for mode in target.modes]
    same = None if design_kbps is None else matching_bitrate(rates, design_kbps)
    rate = compared_kbps(rates, limits) if same is None else rates[same]
    try:
        return audit(target, bitrate_kbps=rate, convention=limits[0].convention, progress=progress)
    except InputError as error:
        return f"it cannot be measured: {error}"


def compared_kbps(bitrates_kbps: Sequence[float], limits: Sequence[LimitSet]) -> float | None:
    """Return the highest of a codec's bitrates that the limits allow, else its lowest.

    None for a codec that has none.
    """
    highest = max(rate for one in limits for rate in one.bitrates_kbps)
    lowest = min(bitrates_kbps, default=None)
    return max((rate for rate in bitrates_kbps if rate <= highest), default=lowest)


def _why_skipped(package: str, error: Exception) -> str:
    from lrac_audit.witness.packages import import_failure, raised

    failure = import_failure(error)
    if failure is None:
        return f"{package} cannot make it ({raised(error)})"
    if failure.is_missing and failure.package == package:
        return f"{package} is not installed; pip install {package}"
    return str(failure)
