"""Rules between the fields of a design."""

from __future__ import annotations

from lrac_audit.design.parts import CodecDesign
from lrac_audit.design.relation_checks import RelationChecks
from lrac_audit.errors import Problem


def broken_rules(design: CodecDesign, bad_fields: frozenset[str]) -> list[Problem]:
    """Return the rules that ``design`` breaks, of those that compare no ``bad_fields``."""
    relations = RelationChecks(bad_fields)
    relations.check(design)
    return relations.problems
