"""The audits of a gate, and those targets that cannot be audited."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lrac_audit.cli.audit_request import AuditRequest
from lrac_audit.cli.batch import Task, outcomes
from lrac_audit.cli.ratchet import Ratchet
from lrac_audit.errors import InputError
from lrac_audit.report.content import RefusedTarget

if TYPE_CHECKING:
    from lrac_audit.auditing.audit import Audit


def audited(
    requests: Sequence[AuditRequest], ratchet: Ratchet, processes: int
) -> tuple[list[Audit], list[RefusedTarget]]:
    """Return the audits of the targets by each request, and those that there cannot be."""
    audits: list[Audit] = []
    refused: list[RefusedTarget] = []
    files = _expanded(requests[0].targets, refused)
    tasks = [Task(request, target) for target in files for request in requests]
    for task, outcome in zip(tasks, outcomes(tasks, processes), strict=True):
        try:
            if isinstance(outcome, InputError):
                raise outcome
            audits.append(ratchet.held(outcome, len(files) == 1, task.request.audit))
        except InputError as error:
            refused.append(RefusedTarget(task.target, error))
    return audits, list({(each.source, str(each.error)): each for each in refused}.values())


def _expanded(targets: Sequence[str], refused: list[RefusedTarget]) -> list[str]:
    """Return the files that ``targets`` stand for; those that stand for none go to ``refused``."""
    from lrac_audit.auditing.target_files import files_of

    found: list[str] = []
    for target in targets:
        try:
            found += files_of(target)
        except InputError as error:
            refused.append(RefusedTarget(target, error))
    return found
