"""The options of ``check`` that hold codecs to an earlier audit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from lrac_audit.console.output import warn
from lrac_audit.errors import InputError, Problem, shown

if TYPE_CHECKING:
    from lrac_audit.auditing.audit import Audit
    from lrac_audit.auditing.comparison.baseline import Baseline
    from lrac_audit.limits.budgets import Budget
    from lrac_audit.report.check_report import CheckReport


class Ratchet(NamedTuple):
    """An earlier audit, and the budgets on what today's may need more."""

    name: str
    """The document or the revision; empty where nothing is held to an earlier audit."""
    baseline: Baseline | None
    budgets: Sequence[Budget]
    """Those that hold in place of the limit sets' own; empty where there are none."""
    updates: bool
    """Whether today's audits become the baseline, and are not held to it."""

    @classmethod
    def of(
        cls,
        baseline: str | None,
        max_increase: Sequence[str],
        updates: bool,
        configured: Sequence[Budget] = (),
    ) -> Ratchet:
        """Return what the options ask for.

        ``configured`` are the budgets of the project, which hold where no option states any.

        Raises:
            InputError: they do not belong together, or one of them cannot be used.
        """
        _check_options(baseline, max_increase, updates)
        if baseline is None:
            return cls("", None, (), False)
        from lrac_audit.auditing.comparison.baseline import open_baseline
        from lrac_audit.auditing.comparison.budgets import parse_budgets

        budgets = parse_budgets(max_increase) or configured
        found = None if updates else open_baseline(baseline)
        return cls(baseline, found, budgets, updates)

    def held(self, audit: Audit, is_only_target: bool, audited: Callable[[Path], Audit]) -> Audit:
        """Return the audit with a check of each budget; a target without baseline has none.

        ``audited`` audits an earlier file on the terms of ``audit``.

        Raises:
            InputError: the earlier audit cannot be used.
        """
        if self.baseline is None:
            return audit
        from lrac_audit.auditing.comparison.baseline import held_to
        from lrac_audit.limits.budgets import DEFAULT_BUDGETS, budgets_of

        earlier = self.baseline.of(audit, is_only_target, audited)
        if earlier is None:
            warn(f"warning: {audit.target.source} is not in the baseline, {self.name}")
            return audit
        own = budgets_of(audit.verdict.limits.max_increase)
        return held_to(audit, earlier, self.name, self.budgets or own or DEFAULT_BUDGETS)

    def update(self, report: CheckReport) -> None:
        """Write the audits of the report as the new baseline, where that was asked for."""
        if not self.updates:
            return
        from lrac_audit.files import write_text
        from lrac_audit.report.formats.json_format import JsonFormat

        write_text(Path(self.name), JsonFormat().render(report))


def _check_options(baseline: str | None, max_increase: Sequence[str], updates: bool) -> None:
    from lrac_audit.auditing.comparison.earlier import SUFFIX, is_document

    problems = []
    if baseline is None:
        problems += [
            Problem(name, given, "only with --baseline")
            for name, given in (
                ("--max-increase", ", ".join(max_increase)),
                ("--update-baseline", "the flag" if updates else ""),
            )
            if given
        ]
    elif updates and not is_document(baseline):
        problems.append(Problem("--update-baseline", shown(baseline), f"a {SUFFIX} file to write"))
    if problems:
        raise InputError("options", problems)
