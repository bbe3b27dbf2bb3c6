"""Audits held to an earlier one: what they may need more than that."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from lrac_audit.auditing.audit import Audit
from lrac_audit.auditing.comparison.budgets import causes, check_increases, first_cause
from lrac_audit.auditing.comparison.compare import compare
from lrac_audit.auditing.comparison.earlier import is_document, read_documents
from lrac_audit.auditing.comparison.figures import figures_of
from lrac_audit.auditing.comparison.revision import file_at
from lrac_audit.auditing.increase import Increase
from lrac_audit.errors import InputError, Problem
from lrac_audit.files import exists
from lrac_audit.limits.budgets import Budget

Document = Mapping[str, Any]
Audited = Callable[[Path], Audit]
"""Audits a file on the terms of today's audit."""


class DocumentBaseline:
    """The audits of a document, by their targets."""

    def __init__(self, path: str) -> None:
        self._documents = read_documents(path)

    def of(self, audit: Audit, is_only_target: bool, audited: Audited) -> Document | None:
        """Return the earlier audit of the target; one alone is that of the only target.

        Of several it is the one in the same mode and convention, if there is one.
        """
        found: Sequence[Document] = self._documents
        if not is_only_target or len(found) != 1:
            found = [d for d in found if _field(d, "design", "source") == audit.target.source]
        mode = audit.ledger.mode
        terms = mode.rvq, mode.active_layers, audit.convention.name
        return next((each for each in found if _terms(each) == terms), found[0] if found else None)


def _terms(document: Document) -> tuple[object, ...]:
    """Return the mode and the convention of an audit."""
    places = (("mode", "rvq"), ("mode", "active_layers"), ("convention", "name"))
    return tuple(_field(document, *place) for place in places)


def _field(document: Document, part: str, name: str) -> object:
    """Return a field of a part, or nothing where the document has another shape."""
    found = document.get(part)
    return found.get(name) if isinstance(found, Mapping) else None


class RevisionBaseline:
    """Design files as they were at a revision of git, audited like those of today."""

    def __init__(self, revision: str) -> None:
        self._revision = revision

    def of(self, audit: Audit, is_only_target: bool, audited: Audited) -> Document | None:
        """Return the audit of the file at the revision; None where there was none.

        Raises:
            InputError: the target is no file, or was no design at that revision.
        """
        target = audit.target.source
        if not exists(Path(target)):
            allowed = "a document as the baseline of a target that is no file"
            raise InputError(
                target, [Problem("--baseline", f"a revision, {self._revision}", allowed)]
            )
        with file_at(self._revision, Path(target)) as copy:
            if copy is None:
                return None
            try:
                return audited(copy).document()
            except InputError as error:
                raise error.renamed(f"{target} at {self._revision}", {}) from None


Baseline = DocumentBaseline | RevisionBaseline


def open_baseline(text: str) -> Baseline:
    """Return the baseline that ``text`` names: a document, or else a revision of git.

    Raises:
        InputError: there is no such document, or it holds something else.
    """
    return DocumentBaseline(text) if is_document(text) else RevisionBaseline(text)


def held_to(audit: Audit, earlier: Document, baseline: str, budgets: Sequence[Budget]) -> Audit:
    """Return the audit with a check of each budget on what it needs more than ``earlier``.

    Raises:
        InputError: ``earlier`` is no audit document, or counted by another convention.
    """
    now = figures_of(audit.document(), audit.target.source)
    (difference,) = compare([figures_of(earlier, baseline), now]).differences
    checks = tuple(check_increases(difference, budgets))
    broken = [each for each in checks if each.status == "fail"]
    increase = Increase(
        baseline,
        earlier,
        checks,
        {each.id: tuple(causes(difference, each)) for each in broken},
        {each.id: first_cause(difference, each) for each in broken},
    )
    verdict = audit.verdict._replace(checks=(*audit.verdict.checks, *checks))
    return replace(audit, verdict=verdict, increase=increase)
