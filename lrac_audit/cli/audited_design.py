"""The audit of a target that must be a design, for commands that change it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lrac_audit.cli.audit_request import AuditRequest
from lrac_audit.errors import InputError, Problem

if TYPE_CHECKING:
    from lrac_audit.auditing.audit import Audit
    from lrac_audit.design.parts import CodecDesign


def audited_design(
    target: str,
    limits: str | None,
    rvq: str,
    bitrate_kbps: float | None,
    convention: str | None,
) -> tuple[CodecDesign, Audit]:
    """Return the design that ``target`` names, and its audit.

    Raises:
        InputError: it names none, or an option cannot be used.
    """
    from lrac_audit.auditing.targets import is_measured

    if is_measured(target):
        allowed = "a design; a codec that is measured has no fields to change"
        raise InputError(target, [Problem("", "a codec to be measured", allowed)])
    request = AuditRequest(
        targets=[target],
        limits=limits,
        rvq=rvq,
        bitrate_kbps=bitrate_kbps,
        convention=convention,
        arguments=(),
        sample_rate_hz=None,
        hop_samples=None,
    )
    audit = request.audit(target)
    assert audit.design is not None
    return audit.design, audit
