"""Rules that a gate holds targets to, by stable ids, with words for people."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

TARGET = "target"
WITNESSES = "witnesses"
INCREASE = "_increase"
"""The end of the id of a budget's check."""


class Rule(NamedTuple):
    """A demand on targets, in a few words and in full sentences."""

    id: str
    title: str
    description: str


_OWN: Mapping[str, Rule] = MappingProxyType(
    {
        rule.id: rule
        for rule in (
            Rule(TARGET, "a target that can be audited", "The target or its file is not valid."),
            Rule(
                WITNESSES,
                "witnesses that agree",
                "Independent measurements of the codec must agree with its audit.",
            ),
            Rule(
                "bitstream",
                "the declared bitstream",
                "The codes that a measured codec hands from side to side must be whole numbers "
                "within its declared bitrate, and all that its receiver needs.",
            ),
        )
    }
)


def rule(rule_id: str) -> Rule:
    """Return the rule of a check, a budget, or of what is no check."""
    if rule_id in _OWN:
        return _OWN[rule_id]
    if rule_id.endswith(INCREASE):
        return _budget(rule_id)
    from lrac_audit.limits.limit_set import LimitSet
    from lrac_audit.report.limit_sets_report import TITLES
    from lrac_audit.validation.docstrings import field_docstrings

    return Rule(rule_id, TITLES[rule_id], field_docstrings(LimitSet)[rule_id].replace("``", "`"))


def _budget(rule_id: str) -> Rule:
    from lrac_audit.auditing.comparison.budgets import BUDGETED

    quantity = BUDGETED[rule_id.removesuffix(INCREASE)].quantity
    title = f"increase of {quantity.title}{f', {quantity.unit}' if quantity.unit else ''}"
    text = "How much more a codec may need than in the earlier audit that it is held to."
    return Rule(rule_id, title, text)
