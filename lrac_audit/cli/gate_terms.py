"""Targets of a gate and the terms of its judgements, from options and the project's own file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import AbstractContextManager, chdir, nullcontext
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from lrac_audit.cli.audit_request import AuditRequest
from lrac_audit.errors import InputError, Problem, shown

if TYPE_CHECKING:
    from lrac_audit.auditing.judgement import Judgement
    from lrac_audit.auditing.project.finding import ProjectFile
    from lrac_audit.limits.budgets import Budget
    from lrac_audit.limits.limit_set import LimitSet

T = TypeVar("T")
NO_TARGET = (
    "targets, as in `lrac-audit check designs`, or a project's file lrac-audit.yaml, which may be "
    "one line: `targets: designs`"
)


class GateTerms(NamedTuple):
    """Targets, and the terms of which every combination is judged."""

    targets: Sequence[str]
    limits: Sequence[str]
    """Names and paths; empty for those that each design names."""
    conventions: Sequence[str]
    """Empty for those that the limits are written in."""
    forms: Sequence[str]
    """Forms of the quantizer; empty for the default."""
    bitrates_kbps: Sequence[float]
    """Modes; empty for the highest of each codec."""
    baseline: str | None
    budgets: Sequence[Budget] = ()
    """Those of the project."""
    folder: Path | None = None
    """The folder that all paths are relative to; None for the current one."""

    def with_project(self, config: Path | None) -> GateTerms:
        """Return the terms with what they leave out taken from the project's configuration.

        It is read where there are no targets, or where ``config`` names its file.

        Raises:
            InputError: it is needed and there is none, or it cannot be used.
        """
        if config is None and self.targets:
            return self
        from lrac_audit.auditing.project.finding import find_project, read_project

        found = find_project(Path.cwd()) if config is None else read_project(config)
        if found is None:
            given = "none, and no configuration in this folder or above it"
            raise InputError("options", [Problem("TARGET", given, NO_TARGET)])
        return self._over(found)

    def _over(self, file: ProjectFile) -> GateTerms:
        from lrac_audit.limits.budgets import budgets_of

        folder, terms = file.path.absolute().parent, file.project.terms
        return GateTerms(
            [_target_from(folder, target) for target in self.targets] or terms["targets"],
            [_limits_from(folder, name) for name in self.limits] or terms["limits"],
            self.conventions or terms["conventions"],
            self.forms or terms["rvq"],
            self.bitrates_kbps or terms["bitrates_kbps"],
            _baseline_from(folder, self.baseline) or file.project.baseline,
            budgets_of(file.project.max_increase),
            folder,
        )

    def requests(self, base: AuditRequest) -> list[AuditRequest]:
        """Return ``base`` for each form and each bitrate.

        Raises:
            InputError: there is no such form.
        """
        from lrac_audit.auditing.audit import rvq_form

        forms = [rvq_form(form) for form in _distinct(self.forms)]
        bitrates = _distinct(self.bitrates_kbps)
        return [
            base._replace(rvq=form, bitrate_kbps=kbps)
            for form, kbps in product(forms or (base.rvq,), bitrates or (None,))
        ]

    def judgements(self) -> list[Judgement]:
        """Return the limits and conventions that each codec is judged by, in every combination.

        Raises:
            InputError: one of them cannot be used.
        """
        from lrac_audit.auditing.judgement import Judgement
        from lrac_audit.ledger.conventions import find_convention

        limits = _limit_sets(_distinct(self.limits))
        conventions = [find_convention(name) for name in _distinct(self.conventions)]
        return [Judgement(*each) for each in product(limits or (None,), conventions or (None,))]


def working_in(folder: Path | None) -> AbstractContextManager[None]:
    """Return a block in which paths are relative to ``folder``; None leaves them as they are."""
    return nullcontext() if folder is None else chdir(folder)


def _distinct(values: Sequence[T]) -> list[T]:
    return list(dict.fromkeys(values))


def _limit_sets(names: Sequence[str]) -> list[LimitSet]:
    """Return the limit sets of these names, which must differ in what they call themselves."""
    from lrac_audit.limits.limit_set import load_limits

    found = [load_limits(name) for name in names]
    for name, limits in zip(names, found, strict=True):
        if sum(other.name == limits.name for other in found) > 1:
            problem = Problem("name", shown(limits.name), "a name that no other limit set here has")
            raise InputError(name, [problem])
    return found


def _target_from(folder: Path, target: str) -> str:
    from lrac_audit.auditing.targets import PYTHON
    from lrac_audit.presets import PRESETS

    is_name = target.startswith(PYTHON) or target in PRESETS
    return target if is_name else os.path.relpath(target, folder)


def _limits_from(folder: Path, limits: str) -> str:
    from lrac_audit.limits.limit_set import LIMIT_SETS

    return limits if limits in LIMIT_SETS else os.path.relpath(limits, folder)


def _baseline_from(folder: Path, baseline: str | None) -> str | None:
    from lrac_audit.auditing.comparison.earlier import is_document

    is_path = baseline is not None and is_document(baseline)
    return os.path.relpath(baseline, folder) if baseline and is_path else baseline
