"""Findings of a gate: one for each broken limit, doubt or problem, with its place in a file.

Every format that other tools show beside the code renders these.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from lrac_audit.files import exists
from lrac_audit.presets import PRESETS
from lrac_audit.report.content import CheckContent, CheckedTarget, RefusedTarget
from lrac_audit.report.rules import TARGET, WITNESSES


class Finding(NamedTuple):
    """One reason why a gate does not let a target pass."""

    rule: str
    """The id of the check, or of the rule for what is no check."""
    source: str
    """The target as it was given."""
    message: str
    """The finding and what would mend it, in sentences that do not repeat the rule."""
    field: str = ""
    """The field that takes most of what the limit is about; empty where none does."""
    line: int | None = None
    """The line of the field in the file, from 1; None where there is none."""
    terms: str = ""
    """The limit set, form, bitrate and counting convention that it is about."""

    @property
    def file(self) -> str:
        """The path of the target's file as URLs write it, or else its name.

        A file inside the current folder is named from there.
        """
        return file_of(self.source)

    @property
    def has_file(self) -> bool:
        """Whether the target is a file of the user's, rather than a preset."""
        return self.source not in PRESETS

    @property
    def full_message(self) -> str:
        """The message for readers who do not see the rule: it begins with the id of the check."""
        return self.message if self.rule in (TARGET, WITNESSES) else f"{self.rule} {self.message}"

    @property
    def fingerprint(self) -> str:
        """The identity of the finding, which changes neither with values nor with lines."""
        from hashlib import sha256

        parts = (self.rule, self.file, self.terms, self.message if self.rule == TARGET else "")
        return sha256("\0".join(parts).encode()).hexdigest()


def findings(report: CheckContent) -> list[Finding]:
    """Return all reasons why targets of ``report`` do not pass, in their order."""
    checked = [each for target in report.checked_targets() for each in _of_checked(target)]
    return [
        *checked,
        *(each for target in report.refused_targets() for each in _of_refused(target)),
    ]


def _of_checked(target: CheckedTarget) -> Iterator[Finding]:
    for result in target.results:
        if result.check.status != "pass":
            sentence = result.sentence.removeprefix(f"{result.check.id} ")
            judged = [f"Judged by {target.terms}"] if target.one_of_several else []
            message = ". ".join([sentence, *result.remedies, *judged])
            line = None if target.source in PRESETS else result.line
            place = (result.field, line)
            yield Finding(result.check.id, target.source, message, *place, target.terms)
    for doubt in target.doubts:
        yield Finding(WITNESSES, target.source, doubt, terms=target.terms)


def _of_refused(target: RefusedTarget) -> Iterator[Finding]:
    """Yield each problem, at its line where the problem is in a file."""
    where = target.error.source
    source = where if exists(Path(where)) else target.source
    for problem in target.error.problems:
        yield Finding(TARGET, source, str(problem), problem.field, problem.line)


def file_of(source: str) -> str:
    """Return the path of the file of a target; a preset has none and is its name.

    >>> file_of("python:my_package.models:make_codec")
    'my_package/models.py'
    """
    from lrac_audit.auditing.targets import PYTHON

    if source.startswith(PYTHON):
        module = source.removeprefix(PYTHON).partition(":")[0]
        return f"{module.replace('.', '/')}.py"
    path, here = Path(source), Path.cwd()
    return (path.relative_to(here) if path.is_relative_to(here) else path).as_posix()
