"""The audits of a gate, and those targets that cannot be audited."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from lrac_audit.cli.audit_request import AuditRequest
from lrac_audit.cli.batch import Task, outcomes
from lrac_audit.cli.ratchet import Ratchet
from lrac_audit.errors import InputError
from lrac_audit.files import check_other_file
from lrac_audit.report.content import RefusedTarget

if TYPE_CHECKING:
    from lrac_audit.auditing.audit import Audit
    from lrac_audit.auditing.judgement import Judgement


class Gate(NamedTuple):
    """The audits that are asked for, and how they are judged."""

    requests: Sequence[AuditRequest]
    """One for each mode; they have their targets in common."""
    judgements: Sequence[Judgement]
    ratchet: Ratchet
    written: Sequence[Path]
    """Files that the report goes to, by absolute paths."""

    def audited(self, processes: int) -> tuple[list[Audit], list[RefusedTarget]]:
        """Return the judged audits of the targets, and the targets that cannot be audited.

        Raises:
            InputError: the report goes to a file that a target stands for.
        """
        audits: list[Audit] = []
        refused: list[RefusedTarget] = []
        files = _expanded(self.requests[0].targets, refused)
        for file, path in product(files, self.written):
            check_other_file(path, Path(file))
        tasks = [Task(each, target) for target in files for each in self._modes(target)]
        for task, outcome in zip(tasks, outcomes(tasks, processes), strict=True):
            for judgement in self.judgements:
                try:
                    audits.append(self._judged(task, outcome, judgement, len(files) == 1))
                except InputError as error:
                    refused.append(RefusedTarget(task.target, error))
        return audits, list({(each.source, str(each.error)): each for each in refused}.values())

    def _modes(self, target: str) -> Sequence[AuditRequest]:
        """Return the requests that concern ``target``; a measured codec has but one form."""
        from lrac_audit.auditing.targets import is_measured

        first = self.requests[0]
        if not is_measured(target):
            return self.requests
        return [each for each in self.requests if each.rvq == first.rvq]

    def _judged(
        self, task: Task, outcome: Audit | InputError, judgement: Judgement, is_only: bool
    ) -> Audit:
        if isinstance(outcome, InputError):
            raise outcome

        def audited(path: Path) -> Audit:
            return judgement.of(task.request.audit(path))

        return self.ratchet.held(judgement.of(outcome), is_only, audited)


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
