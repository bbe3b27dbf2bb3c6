"""The rules that every design must keep, whatever it was read from.

First every field is checked by itself, then the rules between fields, each only where all the
fields that it compares are good. So one run reports everything, and nothing twice.
"""

from __future__ import annotations

from lrac_audit.design.field_checks import FieldChecks
from lrac_audit.design.parts import CodecDesign
from lrac_audit.design.relation_checks import RelationChecks
from lrac_audit.errors import InputError


def check_design(design: CodecDesign) -> None:
    """Raise ``InputError`` with every rule that ``design`` breaks."""
    fields = FieldChecks()
    fields.check(design)
    relations = RelationChecks(frozenset(p.field for p in fields.problems))
    relations.check(design)
    problems = fields.problems + relations.problems
    if problems:
        name = design.name if isinstance(design.name, str) else "design"
        raise InputError(name, problems)
