"""Assertions about codecs, for the tests of other projects."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lrac_audit.auditing.audit import Audit, audit
from lrac_audit.auditing.targets import NO_ARGUMENTS
from lrac_audit.limits.limit_set import LimitSet

if TYPE_CHECKING:
    from torch import nn

    from lrac_audit.design.parts import CodecDesign
    from lrac_audit.witness.target import AuditTarget


def assert_within(
    target: str | Path | Mapping[str, Any] | CodecDesign | AuditTarget | nn.Module,
    limits: str | Path | LimitSet | None = None,
    *,
    rvq: str = "absorbed",
    bitrate_kbps: float | None = None,
    convention: str | None = None,
    verify: bool = False,
    arguments: Mapping[str, object] = NO_ARGUMENTS,
) -> Audit:
    """Assert that a codec keeps its limits, and return its audit.

    The arguments are those of :func:`lrac_audit.audit`.

    Raises:
        AssertionError: a limit is broken, or the evidence is incomplete; with every check that is
            not passed, and changes of which each alone would keep all limits, or how much must go.
        InputError: the target, its file or an option cannot be used.

    Example:
        >>> assert_within("track1", "lrac-2025-track1").verdict.status
        'pass'
    """
    __tracebackhide__ = True  # pytest then shows the line of the test
    found = audit(
        target,
        limits=limits,
        rvq=rvq,
        bitrate_kbps=bitrate_kbps,
        convention=convention,
        verify=verify,
        arguments=arguments,
    )
    if found.verdict.status != "pass":
        raise AssertionError("\n".join(_explanation(found)))
    return found


def _explanation(found: Audit) -> list[str]:
    """Return the verdict and a line for each check that is not passed, and for each doubt."""
    from lrac_audit.report.check_report import checked_target

    lines = [f"{found.target.source}: {found.verdict.status} ({found.verdict.limits.title})"]
    for result in checked_target(found).results:
        if result.check.status != "pass":
            lines += [f"- {result.sentence}", *(f"  - {remedy}" for remedy in result.remedies)]
    return lines + [f"- {doubt}" for doubt in found.verdict.doubts]
